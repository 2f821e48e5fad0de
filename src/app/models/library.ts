/** What the user does with the models kept on this machine: checks, exports and imports. */
import type { LibraryModel } from '../../library/types.ts';
import { FilesSource, type PickedFile } from '../../source/files.ts';
import type { Dtype } from '../../types.ts';
import { dictionaryOf } from '../i18n/dictionaries.ts';
import { baseName, pickFolder } from '../lib/folders.ts';
import { askToPersist } from '../lib/persist.ts';
import { saveBlob } from '../lib/save.ts';
import { library, say, work } from '../store/library.ts';
import { appState, patch } from '../store/store.ts';

/** Hashes every byte of an entry and mends what is broken. */
export async function checkEntry({ key, name }: LibraryModel): Promise<void> {
  const entry = await work({ kind: 'check', key, name }, options => library().check(key, options));
  if (!entry) return;
  patch('library', { done: { key, kind: 'check', state: entry.state } });
  say(entry.state === 'ready' ? 'checked' : 'damaged', name);
}

/** Makes a q4 copy that is fitted to `texts`, or to the built-in ones. */
export async function calibrateEntry({ key, name }: LibraryModel, texts: readonly string[] | null): Promise<void> {
  void askToPersist();
  // An entry that was made here must not bear the name of the hub's model.
  const own = dictionaryOf(appState().settings.language).library.calibrate.nameOf(name.split(/[/\\]/).filter(Boolean).at(-1) ?? name);
  const entry = await work({ kind: 'calibrate', key, name }, options => library().calibrate(key, texts, { ...options, name: own }));
  if (!entry) return;
  patch('library', { done: { key: entry.key, kind: 'calibrate', state: entry.state } });
  say('calibrated', entry.name);
}

/** Into a folder where the browser can pick one, else as downloads, file by file. */
export async function exportEntry(entry: LibraryModel): Promise<void> {
  const { key, name } = entry;
  const done = await work({ kind: 'export', key, name }, async options => {
    const folder = await pickFolder(key);
    const files = await library().exportModel(key, folder, options);
    if (!folder) for (const { path, blob } of files) saveBlob(baseName(path), blob);
    return true;
  });
  if (!done) return;
  patch('library', { done: { key, kind: 'export', state: entry.state } });
  say('exported', name);
}

/** Keeps picked files as an entry; null when that failed or was stopped. */
export async function importFiles(files: readonly PickedFile[], dtype: Dtype | 'auto'): Promise<LibraryModel | null> {
  void askToPersist();
  const name = importName(files);
  // An export says itself what it is and where it came from.
  const exported = files.some(file => baseName(file.path) === 'manifest.json');
  const asked = dtype === 'auto' ? (exported ? undefined : ('original' as const)) : dtype;
  return work({ kind: 'import', key: null, name }, options =>
    library().importModel(new FilesSource(files), { ...options, name: exported ? undefined : name, dtype: asked }),
  );
}

/** The folder that was picked, else the first file's name without its ending. */
export function importName(files: readonly PickedFile[]): string {
  // Of several (a sentence-transformers folder has one for each part) the one nearest to the top.
  const depth = (file: PickedFile) => file.path.split(/[\\/]/).length;
  const known = files.filter(file => ['config.json', 'modules.json'].includes(baseName(file.path)));
  const config = known.toSorted((a, b) => depth(a) - depth(b))[0] ?? files[0];
  const folder = config?.path.replaceAll('\\', '/').split('/').at(-2);
  const weights = files.find(file => file.path.endsWith('.safetensors'));
  return folder || baseName(weights?.path ?? config?.path ?? '').replace(/\.\w+$/, '') || 'model';
}
