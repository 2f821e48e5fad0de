/** The state of a pull, stored so that an interrupted one goes on instead of starting again. */

import { maxSealedBytes, readSealed, writeSealed } from '../keeping/sealed.ts';
import type { Storage } from '../keeping/storage.ts';
import { readStored } from '../keeping/stored-source.ts';
import type { KeptDtype, Origin } from '../types.ts';
import { isCount, isDtype, isHash, isOrigin, isPath, isSources, type SourceRecord } from './manifest.ts';
import { asidePath, pullPath } from './places.ts';

/** A file that is being written, with the hashes of the chunks that are on the disk. */
export interface DraftFile {
  path: string;
  sizeBytes: number;
  chunkBytes: number;
  chunks: string[];
}

export interface PullState {
  affinagePull: 1;
  name: string;
  origin: Origin;
  dtype: KeptDtype;
  licence: string | null;
  announced: boolean;
  sources: SourceRecord[];
  /** Bytes of the download, and whether all of them are stored and verified. Until then the download's journal has the details. */
  totalBytes: number;
  downloaded: boolean;
  /** Bytes that the kept model will take, as planned from its headers. */
  keptBytes: number;
  startedAt: number;
  files: DraftFile[];
}

/** Null when there is none; `damaged` when its checksum or shape is wrong. Errors: StorageError. */
export function readPullState(storage: Storage, key: string): Promise<PullState | 'damaged' | null> {
  return readSealed<PullState>(storage, pullPath(key), isState);
}

export function writePullState(storage: Storage, key: string, state: PullState): Promise<void> {
  return writeSealed(storage, pullPath(key), state);
}

/** Renames a damaged record so that it can be inspected. Only this pull then starts from the beginning. */
export async function setAsidePullState(storage: Storage, key: string): Promise<void> {
  const path = pullPath(key);
  const size = (await storage.size(path)) ?? 0;
  if (size <= maxSealedBytes) await storage.replace(asidePath(key), await readStored(storage, path, 0, size));
  await storage.remove(path);
}

/** Checks the shape of a record, as the manifest takes these fields over. */
function isState(value: Record<string, unknown>): boolean {
  const { affinagePull, name, origin, dtype, licence, announced, sources, totalBytes, downloaded, keptBytes, startedAt, files } = value;
  return (
    affinagePull === 1 &&
    typeof name === 'string' &&
    name !== '' &&
    isOrigin(origin) &&
    isDtype(dtype) &&
    (licence === null || typeof licence === 'string') &&
    typeof announced === 'boolean' &&
    isSources(sources) &&
    isCount(totalBytes) &&
    typeof downloaded === 'boolean' &&
    isCount(keptBytes) &&
    isCount(startedAt) &&
    Array.isArray(files) &&
    files.every(isDraft)
  );
}

function isDraft(value: unknown): boolean {
  if (typeof value !== 'object' || value === null) return false;
  const { path, sizeBytes, chunkBytes, chunks } = value as Record<string, unknown>;
  return (
    isPath(path) &&
    isCount(sizeBytes) &&
    isCount(chunkBytes) &&
    chunkBytes >= 1 &&
    Array.isArray(chunks) &&
    chunks.length <= Math.ceil(sizeBytes / chunkBytes) &&
    chunks.every(isHash)
  );
}
