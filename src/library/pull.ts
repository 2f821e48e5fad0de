/** From a name to a whole model in the library: ask the host, check the room, download, verify, convert, keep. */

import { AffinageError, ModelFileError, ModelSourceError, StorageError } from '../errors.ts';
import { modelFiles } from '../quantize/copy.ts';
import { quantizedSource } from '../quantize/quantized-source.ts';
import type { ModelSource } from '../source/source.ts';
import type { Dtype } from '../types.ts';
import { type DownloadedFile, download } from './download/download.ts';
import { downloadState } from './download/journal.ts';
import { checkEntry } from './entry/check.ts';
import { entryOf, isLostLock, type LibraryContext, readEntry, removeAll, withEntry } from './entry/context.ts';
import { askToPersist, checkRoom, finish, keep } from './entry/keep.ts';
import { converter, type Manifest } from './entry/manifest.ts';
import { keyOf, looksLikeKey, nameOf, parseName } from './entry/names.ts';
import { type Described, describeAsked, openOrigin } from './entry/origin.ts';
import { asidePath, downloadFolder, lockName, manifestPath, modelFolder, modelsFolder, pullPath, pullsFolder } from './entry/places.ts';
import { JobProgress } from './entry/progress.ts';
import { type PullState, readPullState, setAsidePullState, writePullState } from './entry/pull-state.ts';
import { planKept, vetModel } from './entry/vet.ts';
import { sweepImports } from './import.ts';
import type { Storage } from './keeping/storage.ts';
import { StoredSource } from './keeping/stored-source.ts';
import type { KeptDtype, LibraryModel, PullOptions } from './types.ts';

type Options = PullOptions & { dtype: KeptDtype };

/** See `Library.pull`. The caller has already looked for a ready model. */
export async function pullModel(context: LibraryContext, name: string, options: Options): Promise<LibraryModel> {
  let overall = 0;
  const onProgress: Options['onProgress'] = progress => {
    overall = Math.max(overall, progress.overall ?? 0);
    options.onProgress?.({ ...progress, overall });
  };
  try {
    return await pullOnce(context, name, { ...options, onProgress });
  } catch (error) {
    // A host without commits may change a file during the download: then ask once more what it has now.
    // A pull that lost its lock waits for the process that took it over, and then finds the finished model.
    if ((error instanceof ModelSourceError && error.details.changed) || isLostLock(error))
      return pullOnce(context, name, { ...options, onProgress });
    throw error;
  }
}

async function pullOnce(given: LibraryContext, name: string, options: Options): Promise<LibraryModel> {
  const { dtype, signal, token = given.http.token } = options;
  const asked = parseName(name, given.hub, options.revision);
  const described = await describeAsked(given, asked, name, { token, signal });
  const { info, origin } = described;
  const key = await keyOf(origin, dtype, described.identity);
  const downloadBytes = sum(info.files.map(file => file.sizeBytes));
  // The expected share of the time, in bytes of download: a converted model is read, computed and written once more.
  const progress = new JobProgress(options.onProgress, [
    ['download', downloadBytes],
    ['verify', 0.02 * downloadBytes],
    ['check', 0.01 * downloadBytes],
    ['keep', (dtype === 'original' ? 0 : 0.2) * downloadBytes],
    ['read back', (dtype === 'original' ? 0 : 0.01) * downloadBytes],
  ]);
  const onWait = (holder: string) =>
    progress.notice('download', `waiting: the model is being downloaded in another tab or process (${holder})`);
  return withEntry(given, key, signal, onWait, async context => {
    const there = await readEntry(context, key).catch(ignoreDamage);
    if (there?.entry.state === 'ready') return there.entry;
    const mended = there && (await checkEntry(context, key, there.manifest, { signal, holdsLock: true }).catch(ignoreDamage));
    if (mended) return mended;
    // The manifest is damaged. Its error tells the user to pull again, so the entry is removed here.
    if ((await context.storage.size(manifestPath(key))) !== null) await removeAll(context.storage, key);
    await sweepImports(context);
    await sweep(context, key, nameOf(origin), dtype, notice => progress.notice('download', notice));
    return new Pull(context, key, described, { ...options, token }, progress, downloadBytes).run();
  });
}

/** One pull, under its lock. */
class Pull {
  constructor(
    readonly context: LibraryContext,
    readonly key: string,
    readonly described: Described,
    readonly options: Options,
    readonly progress: JobProgress,
    readonly downloadBytes: number,
  ) {}

  async run(): Promise<LibraryModel> {
    const { context, key, progress } = this;
    const { storage } = context;
    const state = (await this.#earlier()) ?? (await this.#begin());
    await this.#makeRoom(state);
    await writePullState(storage, key, state);
    const { originals, files } = await this.#download(state);
    const { dtype } = this.options;
    const manifest = dtype === 'original' ? await finish(context, key, state, files, null) : await this.#convert(state, originals, dtype);
    // Removed only now that the model is whole without them.
    await storage.remove(downloadFolder(key));
    await storage.remove(pullPath(key));
    await storage.remove(asidePath(key));
    progress.done('quantize', this.downloadBytes);
    return entryOf(key, manifest, false);
  }

  /** The state of an earlier try of this pull. A damaged record is set aside and the pull starts again; stored bytes are hashed again anyway. */
  async #earlier(): Promise<PullState | null> {
    const { storage } = this.context;
    const state = await readPullState(storage, this.key);
    if (state !== 'damaged') return state;
    await setAsidePullState(storage, this.key);
    this.progress.notice(
      'download',
      'the record of this interrupted pull is damaged: it is set aside, and the pull starts from the beginning',
    );
    return null;
  }

  /** Checks that affinage can run the model before anything large is fetched. Errors: ConfigError, TensorError, ModelFileError. */
  async #begin(): Promise<PullState> {
    const { context, described, options } = this;
    const { info, origin, sources, announced } = described;
    const { dtype, signal, token } = options;
    const { weightBytes } = await planKept(openOrigin(context, origin, { token, address: described.address }), dtype, signal);
    const others = sum(info.files.filter(file => !isWeights(file.path)).map(file => file.sizeBytes));
    return {
      affinagePull: 1,
      name: nameOf(origin),
      origin,
      dtype,
      licence: info.licence,
      announced,
      sources,
      totalBytes: this.downloadBytes,
      downloaded: false,
      keptBytes: weightBytes + others,
      startedAt: Date.now(),
      files: [],
    };
  }

  /** Errors: StorageFullError for what is still to come. */
  async #makeRoom({ totalBytes, downloaded, keptBytes, files }: PullState): Promise<void> {
    const { context, key, described } = this;
    const doneBytes = downloaded ? totalBytes : ((await downloadState(context.storage, this.#folder))?.doneBytes ?? 0);
    const kept = sum(files.map(file => Math.min(file.sizeBytes, file.chunks.length * file.chunkBytes)));
    // Weights that are not converted stay where they were downloaded.
    const toKeep = this.#folder === modelFolder(key) ? 0 : Math.max(0, keptBytes - kept);
    await checkRoom(context, nameOf(described.origin), totalBytes - doneBytes + toKeep);
    askToPersist(context);
  }

  /** Where the originals are downloaded to: straight into the entry if they are kept unchanged. */
  get #folder(): string {
    return this.options.dtype === 'original' ? modelFolder(this.key) : downloadFolder(this.key);
  }

  /** The originals, verified against what the host announced. Errors: those of `download`. */
  async #download(state: PullState): Promise<{ originals: ModelSource; files: DownloadedFile[] }> {
    const { context, key, described, options, progress } = this;
    const { storage, http } = context;
    const { signal, token } = options;
    const folder = this.#folder;
    const { files } = await download(described.info, storage, folder, {
      ...http,
      chunkBytes: context.chunkBytes,
      token: described.origin.kind === 'hub' ? token : undefined,
      signal,
      onProgress: told => progress.report(told.stage, told),
    });
    if (!state.downloaded) {
      state.downloaded = true;
      await writePullState(storage, key, state);
    }
    const paths = described.info.files.map(file => file.path);
    const originals = new StoredSource(storage, folder, paths, nameOf(described.origin));
    progress.report('check', { stage: 'verify', done: 0, total: 1, unit: 'items' });
    try {
      await vetModel(originals, signal);
    } catch (error) {
      // affinage cannot run this model: its downloaded files would only fill the disk.
      if (error instanceof AffinageError && !(error instanceof StorageError)) await removeAll(storage, key);
      throw error;
    }
    progress.report('check', { stage: 'verify', done: 1, total: 1, unit: 'items' });
    return { originals, files };
  }

  async #convert(state: PullState, originals: ModelSource, dtype: Dtype): Promise<Manifest> {
    const { context, key, progress } = this;
    const { signal } = this.options;
    const source = await quantizedSource(originals, { dtype, signal, quantizeRows: context.quantizeRows });
    const paths = await this.#pathsOf(source);
    const save = () => writePullState(context.storage, key, state);
    return keep(context, key, source, state, { signal, progress, converter: source.unchanged ? null : converter, paths, save });
  }

  /** The files of the model and everything else that was fetched (its card, its licence). */
  async #pathsOf(source: ModelSource): Promise<string[]> {
    const paths = new Set(await modelFiles(source, this.options.signal));
    for (const { path } of this.described.info.files) if (!isWeights(path)) paths.add(path);
    return [...paths];
  }
}

/**
 * Removes what will never be continued: pulls of the same name and format at an older commit, and folders that a crash during a removal
 * left behind.
 */
async function sweep(
  { storage }: LibraryContext,
  key: string,
  name: string,
  dtype: KeptDtype,
  onNotice: (text: string) => void,
): Promise<void> {
  for (const path of await storage.list(pullsFolder)) {
    const other = path.replace(/\.json$/, '');
    if (other === key || !looksLikeKey(other)) continue;
    const state = await readPullState(storage, other);
    if (
      state === null ||
      state === 'damaged' ||
      state.name !== name ||
      state.dtype !== dtype ||
      (await storage.size(manifestPath(other))) !== null
    )
      continue;
    const work = (held: Storage) => removeAll(held, other).then(() => true);
    if (await storage.lock(lockName(other), work, { ifAvailable: true }))
      onNotice(`${name} has changed since its download was paused: it starts from the beginning`);
  }
  const folders = new Set((await storage.list(modelsFolder)).map(path => path.split('/')[0] ?? ''));
  for (const other of folders) {
    if (other === key || !looksLikeKey(other)) continue;
    if ((await storage.size(manifestPath(other))) !== null || (await storage.size(pullPath(other))) !== null) continue;
    await storage.lock(lockName(other), held => removeAll(held, other), { ifAvailable: true });
  }
}

const isWeights = (path: string): boolean => /\.safetensors(\.index\.json)?$/.test(path);
const sum = (numbers: readonly number[]): number => numbers.reduce((total, number) => total + number, 0);

function ignoreDamage(error: unknown): null {
  if (error instanceof ModelFileError) return null;
  throw error;
}
