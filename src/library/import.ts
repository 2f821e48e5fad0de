/** Keeps a model that is given as files: picked, dropped, a folder, or an export of affinage. */
import { ModelFileError } from '../errors.ts';
import { modelFiles } from '../quantize/copy.ts';
import { quantizedSource } from '../quantize/quantized-source.ts';
import type { ModelSource } from '../source/source.ts';
import { entryOf, type LibraryContext, readEntry, removeAll, withEntry } from './entry/context.ts';
import { askToPersist, checkRoom, keep } from './entry/keep.ts';
import { converter, type Manifest, manifestOf } from './entry/manifest.ts';
import { keyOf, looksLikeKey, nameOf, ownName } from './entry/names.ts';
import { isAnnounced } from './entry/origin.ts';
import { lockName, manifestFile, modelsFolder, pullPath, pullsFolder } from './entry/places.ts';
import { JobProgress } from './entry/progress.ts';
import { type PullState, readPullState, writePullState } from './entry/pull-state.ts';
import { planKept, vetModel } from './entry/vet.ts';
import { GitOid } from './keeping/hash.ts';
import type { ImportOptions, KeptDtype, LibraryModel, Origin } from './types.ts';

/** See `Library.importFrom`. An earlier import of the same name and format is replaced once this one is whole. */
export async function importModel(context: LibraryContext, source: ModelSource, options: ImportOptions): Promise<LibraryModel> {
  const { signal } = options;
  const { stored } = await vetModel(source, signal);
  const exported = await manifestOf(source, signal);
  if (exported && (options.dtype === undefined || options.dtype === exported.dtype))
    return importExport(context, source, exported, options);
  // Quantized weights are kept as they are unless another format is asked for: converting them again would only lose precision.
  const dtype = options.dtype ?? (stored === 'q4' || stored === 'q8' ? 'original' : 'q4');
  const converted = dtype === 'original' ? null : await quantizedSource(source, { dtype, signal, quantizeRows: context.quantizeRows });
  const isConverted = converted !== null && !converted.unchanged;
  const kept = stored === 'q4' || stored === 'q8' ? (isConverted ? dtype : stored) : dtype;
  const name = ownName(options.name, source.name);
  const origin: Origin = { kind: 'files', name };
  const key = await keyOf(origin, kept, `${Date.now()} ${crypto.randomUUID()}`);
  const from = isConverted ? converted : source;
  const { weightBytes } = await planKept(from, isConverted ? dtype : 'original', signal);
  return run(context, key, from, { options, origin, name, dtype: kept, weightBytes, converter: isConverted ? converter : null });
}

/**
 * Imports an export; every chunk must have the hash in its manifest. A manifest may claim any origin. So it gets the name of a hub's
 * model only if that hub announces the same hashes, which it cannot do for converted weights.
 */
async function importExport(
  context: LibraryContext,
  source: ModelSource,
  exported: Manifest,
  options: ImportOptions,
): Promise<LibraryModel> {
  const { origin: told, dtype, files } = exported;
  const copyOf = told.kind === 'hub' ? told : told.kind === 'files' ? told.copyOf : undefined;
  const proven =
    copyOf !== undefined &&
    !options.name &&
    exported.converter === null &&
    (await isAnnounced(context, copyOf, files, path => gitOidOf(source, path, options.signal), options.signal));
  const name = proven ? nameOf(copyOf) : ownName(options.name, told.kind === 'files' ? told.name : source.name);
  const origin: Origin = proven ? copyOf : { kind: 'files', name, ...(copyOf && { copyOf }) };
  const key = await keyOf(origin, dtype, proven ? '' : files.map(({ sha256 }) => sha256).join());
  const weightBytes = files.reduce((sum, { sizeBytes }) => sum + sizeBytes, 0);
  return run(context, key, source, { options, origin, name, dtype, weightBytes, converter: exported.converter, exported });
}

/** Git's id of a file. Only small ones have no other hash. */
async function gitOidOf(source: ModelSource, path: string, signal?: AbortSignal): Promise<string> {
  const file = await source.open(path, signal);
  const oid = new GitOid(file.sizeBytes);
  const step = 4 * 2 ** 20;
  for (let at = 0; at < file.sizeBytes; at += step) oid.update(await file.read(at, Math.min(file.sizeBytes, at + step), signal));
  return oid.hex();
}

interface Job {
  options: ImportOptions;
  origin: Origin;
  name: string;
  dtype: KeptDtype;
  weightBytes: number;
  converter: Manifest['converter'];
  exported?: Manifest;
}

async function run(given: LibraryContext, key: string, source: ModelSource, job: Job): Promise<LibraryModel> {
  const { options, origin, name, dtype, exported } = job;
  const { signal } = options;
  const progress = new JobProgress(options.onProgress, [
    ['keep', 10],
    ['read back', 1],
  ]);
  await sweepImports(given);
  const onWait = (holder: string) =>
    progress.notice('quantize', `waiting: the model is being imported in another tab or process (${holder})`);
  return withEntry(given, key, signal, onWait, async context => {
    const { storage } = context;
    const there = await readEntry(context, key).catch(ignoreDamage);
    if (there?.entry.state === 'ready') return there.entry;
    await removeAll(storage, key);
    await checkRoom(context, name, job.weightBytes);
    askToPersist(context);
    const state: PullState = {
      affinagePull: 1,
      name,
      origin,
      dtype,
      licence: exported ? exported.licence : await licenceOfCard(source, signal),
      // No host announced hashes for these files to this library.
      announced: false,
      sources: [...(exported?.sources ?? [])],
      totalBytes: 0,
      downloaded: true,
      keptBytes: job.weightBytes,
      startedAt: Date.now(),
      files: [],
    };
    try {
      // `sweepImports` recognises an unfinished import by this record.
      await writePullState(storage, key, { ...state, origin: { kind: 'files', name } });
      const paths = exported
        ? await exportedFiles(source, exported, signal)
        : (await modelFiles(source, signal)).filter(path => path !== manifestFile);
      const manifest = await keep(context, key, source, state, {
        signal,
        progress,
        converter: job.converter,
        expected: exported?.files,
        paths,
      });
      await storage.remove(pullPath(key));
      await removeEarlier(context, key, manifest);
      progress.done(
        'quantize',
        manifest.files.reduce((sum, file) => sum + file.sizeBytes, 0),
      );
      return entryOf(key, manifest, false);
    } catch (error) {
      // An import cannot go on later, as its files may no longer be available then.
      await removeAll(storage, key).catch(() => {});
      throw error;
    }
  });
}

/** `license:` in the front matter of a model's card; null where there is none. */
async function licenceOfCard(source: ModelSource, signal?: AbortSignal): Promise<string | null> {
  if (!(await source.has('README.md', signal))) return null;
  const card = await source.open('README.md', signal);
  const text = new TextDecoder().decode(await card.read(0, Math.min(card.sizeBytes, 65_536), signal));
  const matter = /^---\r?\n([\s\S]*?)\r?\n---/.exec(text)?.[1] ?? '';
  return /^license:[ \t]*["']?([\w.+-]+)/m.exec(matter)?.[1] ?? null;
}

/** Every file of the manifest must have come along. Errors: ModelFileError. */
async function exportedFiles(source: ModelSource, exported: Manifest, signal?: AbortSignal): Promise<string[]> {
  const paths = exported.files.map(({ path }) => path);
  for (const path of paths) {
    if (await source.has(path, signal)) continue;
    throw new ModelFileError(
      `${path} is missing in ${source.name}, but its manifest.json lists it: the copy is incomplete. Copy the whole folder again; to use it as it is, remove its manifest.json.`,
      { path, source: source.name },
    );
  }
  return paths;
}

/** Removes an earlier import of the same name and format: with two of them a name would not say which one is meant. */
async function removeEarlier(context: LibraryContext, key: string, { origin, name, dtype }: Manifest): Promise<void> {
  if (origin.kind !== 'files') return;
  const { storage } = context;
  for (const path of await storage.list(modelsFolder)) {
    const [other = '', file] = path.split('/');
    if (file !== manifestFile || other === key || !looksLikeKey(other)) continue;
    const entry = (await readEntry(context, other).catch(ignoreDamage))?.entry;
    if (entry?.origin.kind !== 'files' || entry.name !== name || entry.dtype !== dtype) continue;
    await storage.lock(lockName(other), held => removeAll(held, other), { ifAvailable: true });
  }
}

/** Removes what interrupted imports left (a crash, a closed page), as they cannot go on. */
export async function sweepImports({ storage }: LibraryContext): Promise<void> {
  for (const path of await storage.list(pullsFolder)) {
    const key = path.replace(/\.json$/, '');
    if (!looksLikeKey(key)) continue;
    const state = await readPullState(storage, key);
    if (state === null || state === 'damaged' || state.origin.kind !== 'files') continue;
    await storage.lock(lockName(key), held => removeAll(held, key), { ifAvailable: true });
  }
}

function ignoreDamage(error: unknown): null {
  if (error instanceof ModelFileError) return null;
  throw error;
}
