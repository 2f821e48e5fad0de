/** The end of every pull and import: copy the files, read them back, and only then write the manifest that makes the model exist. */
import { StorageFullError } from '../../errors.ts';
import { modelFiles } from '../../quantize/copy.ts';
import type { ModelSource } from '../../source/source.ts';
import type { LibraryContext } from './context.ts';
import { type KeptFile, type Manifest, manifestVersion, writeManifest } from './manifest.ts';
import { modelFile, modelFolder } from './places.ts';
import type { JobProgress } from './progress.ts';
import type { PullState } from './pull-state.ts';
import { type CopyOptions, copyFiles, readBack } from './transfer.ts';

export interface KeepOptions {
  signal?: AbortSignal;
  progress: JobProgress;
  converter: Manifest['converter'];
  expected?: CopyOptions['expected'];
  /** Saves the state; called after every chunk. */
  save?: () => Promise<void>;
  /** Paths to copy. Default: every file of the model in `source`. */
  paths?: readonly string[];
}

/**
 * Copies `source` into the entry and writes its manifest. `state.files` grows with every chunk: given again after an interruption,
 * it goes on there. The caller holds the entry's lock.
 */
export async function keep(
  context: LibraryContext,
  key: string,
  source: ModelSource,
  state: PullState,
  options: KeepOptions,
): Promise<Manifest> {
  const { signal, progress, expected } = options;
  const paths = options.paths ?? (await modelFiles(source, signal));
  const place = { storage: context.storage, folder: modelFolder(key) };
  const total = await sizeOf(source, paths, signal);
  // An earlier try may have had another list of files.
  state.files = state.files.filter(({ path }) => paths.includes(path));
  await copyFiles(source, paths, place, state.files, {
    chunkBytes: context.chunkBytes,
    signal,
    expected,
    onBytes: (done, detail) => progress.report('keep', { stage: 'quantize', done, total, unit: 'bytes', detail }),
    onChunk: options.save,
  });
  const files = await readBack(source, place, state.files, {
    signal,
    onBytes: (done, detail) => progress.report('read back', { stage: 'verify', done, total, unit: 'bytes', detail }),
  });
  return finish(context, key, state, files, options.converter);
}

/** Writes the manifest of the verified files in the entry, and removes every other file there. */
export async function finish(
  { storage, version }: LibraryContext,
  key: string,
  { name, origin, dtype, licence, announced, sources }: PullState,
  files: readonly KeptFile[],
  converter: Manifest['converter'],
): Promise<Manifest> {
  const manifest: Manifest = {
    affinageManifest: manifestVersion,
    name,
    origin,
    dtype,
    converter,
    licence,
    announced,
    files,
    sources,
    savedAt: Date.now(),
    savedBy: version,
  };
  for (const path of await storage.list(modelFolder(key)))
    if (!files.some(file => file.path === path)) await storage.remove(modelFile(key, path));
  await writeManifest(storage, key, manifest);
  return manifest;
}

async function sizeOf(source: ModelSource, paths: readonly string[], signal?: AbortSignal): Promise<number> {
  let total = 0;
  for (const path of paths) total += (await source.open(path, signal)).sizeBytes;
  return total;
}

/** Room beside the model's files: manifest, journal, and what a file system rounds up. */
const spareBytes = 2 * 2 ** 20;

/** Errors: StorageFullError when `neededBytes` more do not fit. No check where the storage does not report its free space. */
export async function checkRoom({ storage }: LibraryContext, name: string, neededBytes: number): Promise<void> {
  const { freeBytes } = await storage.space();
  if (freeBytes === null || neededBytes + spareBytes <= freeBytes) return;
  const megabytes = (bytes: number) => `${Math.ceil(bytes / 1e6)} MB`;
  throw new StorageFullError(
    `${name} needs ${megabytes(neededBytes)} in ${storage.name} while it is made, and ${megabytes(freeBytes)} are free. Remove a model or free space; it also runs without being kept.`,
    { neededBytes, freeBytes },
  );
}

/** Not awaited: some browsers ask the user, who may take long to answer. */
export function askToPersist({ storage }: LibraryContext): void {
  storage.persist().catch(() => {});
}
