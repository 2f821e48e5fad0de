/** A library for component tests: entries in a list, and a record of what was asked. Never part of the page. */
import type { LibraryModel, LibrarySpace } from '../../library/types.ts';
import type { PickedFile } from '../../source/files.ts';
import type { PageLibrary } from '../lib/engine.ts';

export interface FakeLibrary extends PageLibrary {
  models: LibraryModel[];
  room: LibrarySpace;
  readonly calls: { kind: 'check' | 'remove' | 'import' | 'export' | 'calibrate'; key: string; texts?: readonly string[] | null }[];
  /** Waited for before each piece of work; rejects to make it fail. */
  before: (signal: AbortSignal | undefined) => Promise<void>;
  /** What an export answers. */
  files: PickedFile[];
}

/** A whole q4 model of the hub, but for `part`. */
export function libraryModel(part: Partial<LibraryModel> = {}): LibraryModel {
  const id = 'almanach/ModernCamemBERT-bio-large';
  return {
    key: 'bio-large-q4',
    name: id,
    origin: { kind: 'hub', hub: 'https://huggingface.co', id, revision: 'main', commit: '0123456789abcdef0123456789abcdef01234567' },
    state: 'ready',
    dtype: 'q4',
    bytes: 229_400_000,
    download: null,
    licence: 'apache-2.0',
    savedAt: Date.UTC(2026, 10, 22, 12),
    announced: true,
    ...part,
  };
}

export function fakeLibrary(models: LibraryModel[] = []): FakeLibrary {
  const find = (key: string) => {
    const found = library.models.find(entry => entry.key === key);
    if (!found) throw new Error(`No entry ${key}.`);
    return found;
  };
  const library: FakeLibrary = {
    models,
    room: { usedBytes: 229_400_000, freeBytes: 5_000_000_000, persisted: false, place: 'this browser' },
    calls: [],
    before: async () => undefined,
    files: [],
    list: async () => library.models,
    space: async () => library.room,
    pull: () => Promise.reject(new Error('The page pulls by loading.')),
    async check(key, { signal } = {}) {
      library.calls.push({ kind: 'check', key });
      await library.before(signal);
      const mended: LibraryModel = { ...find(key), state: 'ready' };
      library.models = library.models.map(entry => (entry.key === key ? mended : entry));
      return mended;
    },
    async remove(key) {
      library.calls.push({ kind: 'remove', key });
      await library.before(undefined);
      library.models = library.models.filter(entry => entry.key !== key);
    },
    async importModel(files, { name = files.name, dtype, signal } = {}) {
      library.calls.push({ kind: 'import', key: name });
      await library.before(signal);
      const entry = libraryModel({
        key: `${name}-original`,
        name,
        origin: { kind: 'files', name },
        dtype: dtype ?? 'original',
        announced: false,
      });
      library.models = [...library.models, entry];
      return entry;
    },
    async calibrate(key, texts, { name = key, signal } = {}) {
      library.calls.push({ kind: 'calibrate', key, texts });
      await library.before(signal);
      const entry = libraryModel({ key: `${key}-calibrated`, name, origin: { kind: 'files', name }, announced: false });
      library.models = [...library.models, entry];
      return entry;
    },
    async exportModel(key, _folder, { signal } = {}) {
      library.calls.push({ kind: 'export', key });
      await library.before(signal);
      return library.files;
    },
  };
  return library;
}
