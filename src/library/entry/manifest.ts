/**
 * `manifest.json` marks a whole model: it is written last, in one atomic step, and holds the hash of every chunk. Exports carry it too, so
 * it is read like any other file that cannot be trusted.
 */
import { AffinageError, ModelFileError } from '../../errors.ts';
import { checkPath } from '../../source/path.ts';
import type { ModelSource } from '../../source/source.ts';
import { BrokenSeal, maxSealedBytes, seal, unseal } from '../keeping/sealed.ts';
import type { Storage } from '../keeping/storage.ts';
import type { HubOrigin, KeptDtype, Origin } from '../types.ts';
import { manifestFile, manifestPath } from './places.ts';

export const manifestVersion = 1;
/** Bytes that are hashed and repaired together: small compared with a model, large compared with the cost of a request. */
export const defaultChunkBytes = 4 * 2 ** 20;

/** How weights are converted now: `version` goes up whenever the same original and dtype would give other bytes. */
export const converter = { name: 'affinage', version: 1 } as const;

/** One file, as it is kept. */
export interface KeptFile {
  path: string;
  sizeBytes: number;
  /** Of the whole file, in hex. */
  sha256: string;
  chunkBytes: number;
  /** sha256 of bytes [i · chunkBytes, (i + 1) · chunkBytes), in hex; the last chunk may be shorter. */
  chunks: readonly string[];
}

/** One file of the origin, as its host announced it. */
export interface SourceRecord {
  path: string;
  sizeBytes: number;
  sha256: string | null;
  gitOid: string | null;
}

export interface Manifest {
  affinageManifest: typeof manifestVersion;
  name: string;
  origin: Origin;
  dtype: KeptDtype;
  /** How the weights were converted; null where they are the origin's own. Another converter may give other bytes. */
  converter: { name: string; version: number } | null;
  licence: string | null;
  /** Every file of the origin was announced with a hash and verified against it. */
  announced: boolean;
  files: readonly KeptFile[];
  sources: readonly SourceRecord[];
  /** ms since 1970. */
  savedAt: number;
  /** Version of affinage that saved it. */
  savedBy: string;
}

/** Bytes of the model's files. */
export const bytesOf = (manifest: Manifest): number => manifest.files.reduce((sum, file) => sum + file.sizeBytes, 0);

/** As bytes with a checksum (sealed.ts), so that a flipped bit in the manifest itself is found. */
export function encodeManifest(manifest: Manifest): Promise<Uint8Array<ArrayBuffer>> {
  return seal(manifest);
}

/** Errors: ModelFileError for anything that is not a valid manifest. Null for one of a later version of the format. */
export async function decodeManifest(bytes: Uint8Array<ArrayBuffer>, where: string): Promise<Manifest | null> {
  const broken = (what: string, cause?: unknown) =>
    new ModelFileError(
      `${manifestFile} of ${where} ${what}. Pull or import the model again.`,
      { path: manifestFile, source: where },
      { cause },
    );
  let opened: Awaited<ReturnType<typeof unseal>>;
  try {
    opened = await unseal(bytes);
  } catch (cause) {
    if (cause instanceof BrokenSeal) throw broken(cause.message, cause);
    throw cause;
  }
  const { value, isSound } = opened;
  if (typeof value.affinageManifest !== 'number') throw broken('was not written by affinage');
  if (value.affinageManifest > manifestVersion) return null;
  if (!isSound) throw broken('is damaged: its checksum is wrong');
  const manifest = value as unknown as Manifest;
  const problem = problemOf(manifest);
  if (problem) throw broken(`is not valid: ${problem}`);
  return manifest;
}

/** The manifest of an entry; null when there is none that this version can read. Errors: ModelFileError when it is damaged, StorageError. */
export async function readManifest(storage: Storage, key: string): Promise<Manifest | null> {
  const path = manifestPath(key);
  const size = await storage.size(path);
  if (size === null) return null;
  if (size > maxSealedBytes)
    throw new ModelFileError(`${path} has ${size} bytes, which no manifest has. Remove the model and pull it again.`, { path });
  const file = await storage.open(path, 'read');
  try {
    return await decodeManifest(await file.read(0, size), key);
  } finally {
    await file.close();
  }
}

export async function writeManifest(storage: Storage, key: string, manifest: Manifest): Promise<void> {
  await storage.replace(manifestPath(key), await encodeManifest(manifest));
}

/** The manifest of an export; null where a source has none that affinage wrote. Errors: ModelFileError when it is damaged. */
export async function manifestOf(source: ModelSource, signal?: AbortSignal): Promise<Manifest | null> {
  if (!(await source.has(manifestFile, signal))) return null;
  const file = await source.open(manifestFile, signal);
  if (file.sizeBytes > maxSealedBytes) return null;
  const bytes = await file.read(0, file.sizeBytes, signal);
  // Web apps have a manifest.json too: one without this key was not written by affinage.
  if (!new TextDecoder().decode(bytes.subarray(0, 4096)).includes('"affinageManifest"')) return null;
  return decodeManifest(bytes, source.name);
}

/** What `isDtype` accepts. */
const dtypes: readonly unknown[] = ['q4', 'q8', 'f16', 'f32', 'original'];

/** What is wrong with the shape of a manifest, or null. The checksum only excludes accidents: anybody can write a right one. */
function problemOf(manifest: Manifest): string | null {
  const { name, origin, dtype, converter, licence, announced, files, sources, savedAt, savedBy } = manifest as Partial<Manifest>;
  if (typeof name !== 'string' || name === '') return 'it has no name';
  if (!isOrigin(origin)) return 'its origin cannot be read';
  if (!isDtype(dtype)) return `dtype ${JSON.stringify(dtype)} is unknown`;
  if (converter !== null && !(isObject(converter) && typeof converter.name === 'string' && typeof converter.version === 'number'))
    return 'its converter cannot be read';
  if (licence !== null && typeof licence !== 'string') return 'its licence cannot be read';
  if (typeof announced !== 'boolean' || typeof savedAt !== 'number' || typeof savedBy !== 'string') return 'a field is missing';
  if (!Array.isArray(files) || files.length === 0) return 'it lists no files';
  if (!isSources(sources)) return 'its sources cannot be read';
  const seen = new Set<string>();
  for (const file of files as unknown[]) {
    if (!isObject(file)) return 'a file cannot be read';
    const { path, sizeBytes, sha256, chunkBytes, chunks } = file;
    try {
      if (typeof path !== 'string' || checkPath(path) === manifestFile || seen.has(path)) return 'a file has no name of its own';
    } catch (error) {
      if (error instanceof AffinageError) return error.message;
      throw error;
    }
    seen.add(path);
    if (!isCount(sizeBytes) || !isCount(chunkBytes) || chunkBytes < 1 || chunkBytes > 2 ** 28 || !isHash(sha256))
      return `${path} cannot be read`;
    if (!Array.isArray(chunks) || chunks.length !== Math.ceil(sizeBytes / chunkBytes) || !chunks.every(isHash))
      return `the chunks of ${path} do not fit its size`;
  }
  return null;
}

export const isDtype = (value: unknown): value is KeptDtype => dtypes.includes(value);

export function isOrigin(value: unknown): value is Origin {
  if (!isObject(value)) return false;
  if (value.kind === 'url') return typeof value.address === 'string';
  if (value.kind !== 'files') return isHubOrigin(value);
  return typeof value.name === 'string' && (value.copyOf === undefined || isHubOrigin(value.copyOf));
}

function isHubOrigin(value: unknown): value is HubOrigin {
  if (!isObject(value) || value.kind !== 'hub') return false;
  const { hub, id, revision, commit } = value;
  return [hub, id, revision].every(text => typeof text === 'string') && (commit === null || typeof commit === 'string');
}

export const isSources = (value: unknown): value is SourceRecord[] => Array.isArray(value) && value.every(isSource);

function isSource(value: unknown): boolean {
  if (!isObject(value) || !isCount(value.sizeBytes)) return false;
  const { path, sha256, gitOid } = value;
  const isOid = gitOid === null || (typeof gitOid === 'string' && /^[0-9a-f]{40}$/.test(gitOid));
  return isPath(path) && isOid && (sha256 === null || isHash(sha256));
}

export function isPath(value: unknown): value is string {
  try {
    return typeof value === 'string' && checkPath(value) === value;
  } catch {
    return false;
  }
}

const isObject = (value: unknown): value is Record<string, unknown> => typeof value === 'object' && value !== null && !Array.isArray(value);
export const isCount = (value: unknown): value is number => Number.isSafeInteger(value) && (value as number) >= 0;
export const isHash = (value: unknown): value is string => typeof value === 'string' && /^[0-9a-f]{64}$/.test(value);
