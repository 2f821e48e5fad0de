import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { AffinageError, ModelFileError, ModelSourceError, StorageError } from '../../../src/errors.ts';
import { writeJournal } from '../../../src/library/download/journal.ts';
import { manifestPath } from '../../../src/library/entry/places.ts';
import { writePullState } from '../../../src/library/entry/pull-state.ts';
import { Library } from '../../../src/library/library.ts';
import type { LibraryModel } from '../../../src/library/types.ts';
import type { ModelSource } from '../../../src/source/source.ts';
import { MemoryStorage } from '../../../src/testing/memory-storage.ts';
import { smallTokenizer } from '../../../src/testing/small-tokenizer.ts';
import { sourceOf } from '../source.ts';
import { type Bytes, demand, type Files, json, type Target } from '../target.ts';

const model = 'quantized-q4-local';
const chunkBytes = 16_384;
/** Keys of imports hold the time and a random number; here the same input must be the same in every process. */
async function still<T>(work: () => Promise<T>): Promise<T> {
  const { now } = Date;
  const { randomUUID } = crypto;
  let count = 0;
  Date.now = () => 1_700_000_000_000 + count;
  crypto.randomUUID = () => `00000000-0000-4000-8000-${String(count++).padStart(12, '0')}`;
  try {
    return await work();
  } finally {
    Date.now = now;
    crypto.randomUUID = randomUUID;
  }
}

const libraryOver = (storage: MemoryStorage) => new Library({ storage, online: false, version: '9.9.9', chunkBytes });

/** A whole small model; `tokens` must not exceed its vocabulary. */
export async function modelFiles(root: string): Promise<Record<string, Bytes>> {
  const folder = join(root, 'oracle/fixtures/models', model);
  const read = async (name: string) => new Uint8Array(await readFile(join(folder, name)));
  const card = new TextEncoder().encode('---\nlicense: apache-2.0\n---\nA random model.\n');
  return {
    'config.json': await read('config.json'),
    'model.safetensors': await read('model.safetensors'),
    'tokenizer.json': json(smallTokenizer()),
    'README.md': new Uint8Array(card),
  };
}

async function contentOf(source: ModelSource, path: string): Promise<Bytes> {
  const file = await source.open(path);
  return file.read(0, file.sizeBytes);
}

async function storageOf(files: Files): Promise<MemoryStorage> {
  const storage = new MemoryStorage();
  for (const [path, bytes] of Object.entries(files)) storage.put(path, bytes);
  return storage;
}

async function filesOf(storage: MemoryStorage): Promise<Record<string, Bytes>> {
  const all: Record<string, Bytes> = {};
  for (const folder of ['models', 'pulls', 'downloads'])
    for (const path of await storage.list(folder)) all[`${folder}/${path}`] = storage.content(`${folder}/${path}`) as Bytes;
  return all;
}

/** An undamaged model must be listed and must read as it was stored, whatever else is in the folder. */
async function demandSound(library: Library, sound: LibraryModel, original: Files): Promise<void> {
  const listed = (await library.list()).find(({ key }) => key === sound.key);
  demand(listed?.state === 'ready' && listed.name === sound.name, 'another model is not listed any more');
  const source = await library.open(sound.key);
  demand(Buffer.from(await contentOf(source, 'config.json')).equals(original['config.json'] as Bytes), 'another model reads otherwise');
}

/** Returns null if the product throws one of its own errors; rethrows every other error. */
async function unlessRefused<T>(work: () => Promise<T>): Promise<T | null> {
  try {
    return await work();
  } catch (error) {
    if (error instanceof AffinageError) return null;
    throw error;
  }
}

/** A library with an undamaged model, and one of which a record is mutated: its manifest, its files, the state of a pull. */
export const libraryTarget: Target = {
  name: 'library',
  share: 8,
  async prepare(root) {
    const original = await modelFiles(root);
    const storage = new MemoryStorage();
    const library = libraryOver(storage);
    const sound = await still(() => library.importFrom(sourceOf(original), { name: 'sound' }));
    const other = await still(() => library.importFrom(sourceOf(original), { name: 'other', dtype: 'q4' }));
    const half = 'half-model-q4-0123456789';
    await writePullState(storage, half, {
      affinagePull: 1,
      name: 'owner/half',
      origin: { kind: 'hub', hub: 'https://hub.example', id: 'owner/half', revision: 'main', commit: 'a'.repeat(40) },
      dtype: 'q4',
      licence: 'apache-2.0',
      announced: true,
      sources: [],
      totalBytes: 40_000,
      downloaded: false,
      keptBytes: 20_000,
      startedAt: 1_700_000_000_000,
      files: [{ path: 'model.safetensors', sizeBytes: 20_000, chunkBytes, chunks: ['b'.repeat(64)] }],
    });
    await writeJournal(storage, `downloads/${half}`, {
      version: 1,
      name: 'owner/half',
      commit: 'a'.repeat(40),
      files: [
        {
          path: 'model.safetensors',
          sizeBytes: 40_000,
          sha256: 'c'.repeat(64),
          gitOid: null,
          etag: null,
          chunkBytes,
          chunks: ['d'.repeat(64), null, null],
          partial: [{ chunk: 1, bytes: 100, sha256: 'e'.repeat(64) }],
        },
      ],
    });
    const files = await filesOf(storage);
    const mine = (path: string) => path.includes(`/${other.key}/`) || path.includes(half);
    return {
      files,
      mutable: Object.keys(files)
        .filter(mine)
        .map(path => ({ path, share: path.endsWith('.json') ? 3 : 1, json: path.endsWith('.json'), same: false })),
      families: [ModelFileError, ModelSourceError, StorageError],
      async attempt(given, mutated) {
        const at = await storageOf(given);
        const now = libraryOver(at);
        await demandSound(now, sound, original);
        for (const entry of await now.list()) {
          demand(
            typeof entry.name === 'string' && entry.name !== '' && Number.isSafeInteger(entry.bytes) && entry.bytes >= 0,
            'an entry is no entry',
          );
          const { download } = entry;
          demand(
            download === null || (Number.isSafeInteger(download.doneBytes) && Number.isSafeInteger(download.totalBytes)),
            'a download is not counted in bytes',
          );
        }
        const source = await unlessRefused(() => now.open(other.key));
        if (source) {
          for (const path of ['config.json', 'model.safetensors', 'README.md']) {
            const bytes = await unlessRefused(() => contentOf(source, path));
            demand(
              bytes === null || Buffer.from(bytes).equals(files[`models/${other.key}/${path}`] as Bytes),
              `${path} reads otherwise, and nothing says so`,
            );
          }
          // Its own bytes were changed, so a check must not pass.
          const isFile = mutated.startsWith(`models/${other.key}/`) && mutated !== manifestPath(other.key);
          const passed = await unlessRefused(() => now.check(other.key));
          // Bytes added behind the file's end are never read.
          const whole = files[mutated]?.length ?? 0;
          const changed = !Buffer.from(given[mutated] ?? [])
            .subarray(0, whole)
            .equals(files[mutated] ?? new Uint8Array());
          demand(!(changed && isFile && passed?.state === 'ready'), 'a check passed over changed bytes');
        }
        await unlessRefused(() => now.pull('owner/half'));
        await now.remove(other.key);
        await now.remove(half);
        await demandSound(now, sound, original);
        const left = Object.keys(await filesOf(at)).filter(path => mine(path) && !path.endsWith('.set-aside'));
        demand(left.length === 0, `removed, yet ${left[0]} is there`);
        return source !== null;
      },
    };
  },
};

/** A folder that somebody imports into a library with a model: as trained, or written by an export with its manifest. */
export function importTarget(exported: boolean, share: number): Target {
  return {
    name: exported ? 'import of an export' : 'import',
    share,
    async prepare(root) {
      const original = await modelFiles(root);
      const storage = new MemoryStorage();
      const sound = await still(() => libraryOver(storage).importFrom(sourceOf(original), { name: 'sound' }));
      const before = await filesOf(storage);
      const files: Record<string, Bytes> = { ...original };
      if (exported) {
        const parts: Record<string, Bytes> = {};
        await libraryOver(storage).export(sound.key, {
          create: async (path, sizeBytes) => {
            const bytes = new Uint8Array(sizeBytes);
            parts[path] = bytes;
            return { write: async (position, data) => bytes.set(data, position), close: async () => {} };
          },
        });
        Object.assign(files, parts);
      }
      const shares: Record<string, number> = { 'manifest.json': 6, 'model.safetensors': 2, 'README.md': 1 };
      return {
        files,
        mutable: Object.keys(files).map(path => ({ path, share: shares[path] ?? 1, json: path.endsWith('.json'), same: !exported })),
        families: [AffinageError],
        async attempt(given) {
          const at = await storageOf(before);
          const library = libraryOver(at);
          const source = sourceOf(given);
          let entry: LibraryModel | null = null;
          try {
            entry = await library.importFrom(source, { name: 'other' });
            const kept = await library.open(entry.key);
            // Quantized weights are kept unchanged, so the kept bytes must be those that were given.
            const bytes = await contentOf(kept, 'model.safetensors');
            demand(Buffer.from(bytes).equals(given['model.safetensors'] as Bytes), 'the kept weights are others than those given');
            demand(entry.state === 'ready' && typeof entry.name === 'string' && entry.name !== '', 'an entry is no entry');
            return [entry.dtype, entry.licence, entry.state];
          } finally {
            await demandSound(library, sound, original);
            if (!entry) {
              const left = Object.keys(await filesOf(at)).filter(path => !Object.hasOwn(before, path));
              demand(left.length === 0, `the import was refused and left ${left[0]}`);
            }
          }
        },
      };
    },
  };
}
