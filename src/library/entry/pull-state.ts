/** What a pull has done so far, kept beside the downloads: so a reload in the middle of anything does not start over. */

import { maxSealedBytes, readSealed, writeSealed } from '../keeping/sealed.ts';
import type { Storage } from '../keeping/storage.ts';
import { readStored } from '../keeping/stored-source.ts';
import type { KeptDtype, Origin } from '../types.ts';
import { isCount, isDtype, isHash, isOrigin, isPath, isSources, type SourceRecord } from './manifest.ts';
import { asidePath, pullPath } from './places.ts';

/** A file that is being written: the chunks that lie on the disk, by their hashes. */
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
  /** Bytes of the download, and whether all of them are there and verified; until then its own journal knows. */
  totalBytes: number;
  downloaded: boolean;
  /** Bytes that the kept model will take, as planned from its headers. */
  keptBytes: number;
  startedAt: number;
  files: DraftFile[];
}

/** Null when there is none; `damaged` when it cannot be believed. Errors: StorageError. */
export function readPullState(storage: Storage, key: string): Promise<PullState | 'damaged' | null> {
  return readSealed<PullState>(storage, pullPath(key), isState);
}

export function writePullState(storage: Storage, key: string, state: PullState): Promise<void> {
  return writeSealed(storage, pullPath(key), state);
}

/** Moves a record that cannot be believed out of the way, for whoever wants to look at it: only this pull begins anew. */
export async function setAsidePullState(storage: Storage, key: string): Promise<void> {
  const path = pullPath(key);
  const size = (await storage.size(path)) ?? 0;
  if (size <= maxSealedBytes) await storage.replace(asidePath(key), await readStored(storage, path, 0, size));
  await storage.remove(path);
}

/** What `readPullState` accepts: every field that the manifest will take over, in the shape that it has there. */
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
