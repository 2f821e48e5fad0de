/** The library of models kept on this machine: what is there, and work on one entry at a time. */

import type { LibraryModel } from '../../library/types.ts';
import { FilesSource, type PickedFile } from '../../source/files.ts';
import type { Dtype, Progress } from '../../types.ts';
import { dictionaryOf } from '../i18n/dictionaries.ts';
import { type Connection, type ModelChoice, modelHost, type PageLibrary } from '../lib/engine.ts';
import { isAbort, toFailure } from '../lib/failure.ts';
import { baseName, pickFolder } from '../lib/folders.ts';
import { PUBLIC_HUB } from '../lib/hub.ts';
import { entryOf } from '../lib/kept.ts';
import { askToPersist } from '../lib/persist.ts';
import { saveBlob } from '../lib/save.ts';
import { changeSettings } from './settings.ts';
import type { LibraryJob } from './state.ts';
import { appState, patch } from './store.ts';
import { announce } from './ui.ts';

const PAINT_MS = 80;

/** The hub in use and the token for it. */
export function connection(): Connection {
  const { settings, hub } = appState();
  return { hubUrl: settings.hubUrl || undefined, token: hub.token || undefined };
}

/** Base address of the hub in use. */
export const hubInUse = (): string => appState().settings.hubUrl || PUBLIC_HUB;

const library = (): PageLibrary => modelHost().library(connection());

let asked = 0;

/** Reads the list and the room again. Errors go to `library.failure`; what was known stays. */
export async function refreshLibrary(): Promise<void> {
  const number = ++asked;
  try {
    const [models, space] = await Promise.all([library().list(), library().space()]);
    if (number !== asked) return;
    patch('library', { models, space, failure: null });
    // Finished or removed elsewhere: nothing is left to go on with.
    const { settings, model } = appState();
    const isThere = models.some(entry => entry.state === 'partial' && entry.name === settings.unfinished);
    if (settings.unfinished !== null && !isThere && !model.loading) changeSettings({ unfinished: null });
  } catch (error) {
    if (number === asked) patch('library', { models: appState().library.models ?? [], failure: toFailure(error) });
  }
}

let working: AbortController | null = null;

/** Runs one piece of work; a second one waits for nobody and is refused while it runs. Answers null when it failed or was stopped. */
async function work<T>(job: Pick<LibraryJob, 'kind' | 'key' | 'name'>, does: (options: WorkOptions) => Promise<T>): Promise<T | null> {
  if (working) return null;
  const controller = new AbortController();
  working = controller;
  patch('library', { job: { ...job, progress: null, overall: null }, jobFailure: null, done: null });
  let paintedAt = Number.NEGATIVE_INFINITY;
  const onProgress = (progress: Progress) => {
    const now = performance.now();
    const shown = appState().library.job;
    if (!shown || (now - paintedAt < PAINT_MS && progress.stage === shown.progress?.stage)) return;
    paintedAt = now;
    const share = progress.overall ?? (progress.total > 0 ? progress.done / progress.total : null);
    patch('library', { job: { ...shown, progress, overall: share === null ? shown.overall : Math.max(shown.overall ?? 0, share) } });
  };
  try {
    return await does({ signal: controller.signal, onProgress });
  } catch (error) {
    if (!controller.signal.aborted && !isAbort(error)) patch('library', { jobFailure: { key: job.key, failure: toFailure(error) } });
    return null;
  } finally {
    working = null;
    patch('library', { job: null });
    await refreshLibrary();
  }
}

interface WorkOptions {
  signal: AbortSignal;
  onProgress: (progress: Progress) => void;
}

export function cancelWork(): void {
  working?.abort();
}

export const dismissWork = (): void => patch('library', { jobFailure: null, done: null });

/** Hashes every byte of an entry and mends what is broken. */
export async function checkEntry({ key, name }: LibraryModel): Promise<void> {
  const entry = await work({ kind: 'check', key, name }, options => library().check(key, options));
  if (!entry) return;
  patch('library', { done: { key, kind: 'check', state: entry.state } });
  say(entry.state === 'ready' ? 'checked' : 'damaged', name);
}

export async function removeEntry({ key, name }: LibraryModel): Promise<void> {
  const gone = await work({ kind: 'remove', key, name }, async () => {
    await library().remove(key);
    return true;
  });
  if (gone) say('removed', name);
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

/** Removes what a stopped download of this model has left. */
export async function dropPartial(choice: ModelChoice, dtype: Dtype | 'auto'): Promise<void> {
  await refreshLibrary();
  const entry = entryOf(appState().library.models ?? [], { choice, dtype, hub: hubInUse() });
  if (entry?.state === 'partial') await removeEntry(entry);
}

function say(what: 'checked' | 'damaged' | 'removed' | 'exported', name: string): void {
  announce(dictionaryOf(appState().settings.language).library.said[what](name));
}
