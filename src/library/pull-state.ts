/** What a pull has done so far, kept beside the downloads: so a reload in the middle of anything does not start over. */

import type { SourceRecord } from './manifest.ts';
import { pullPath } from './places.ts';
import type { Storage } from './storage.ts';
import { readStored } from './stored-source.ts';
import type { KeptDtype, Origin } from './types.ts';

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

/** Null when there is none, or none that can be read: the work is then done anew. Errors: StorageError. */
export async function readPullState(storage: Storage, key: string): Promise<PullState | null> {
  const path = pullPath(key);
  const size = await storage.size(path);
  if (size === null) return null;
  try {
    const value: unknown = JSON.parse(new TextDecoder().decode(await readStored(storage, path, 0, size)));
    return isState(value) ? value : null;
  } catch (error) {
    if (error instanceof SyntaxError) return null;
    throw error;
  }
}

export async function writePullState(storage: Storage, key: string, state: PullState): Promise<void> {
  await storage.replace(pullPath(key), new TextEncoder().encode(JSON.stringify(state)));
}

/** Written at once by `replace`, so it is whole or absent; this tells it from what others may have put there. */
function isState(value: unknown): value is PullState {
  if (typeof value !== 'object' || value === null) return false;
  const state = value as Record<string, unknown>;
  return (
    state.affinagePull === 1 &&
    typeof state.name === 'string' &&
    typeof state.origin === 'object' &&
    state.origin !== null &&
    typeof state.totalBytes === 'number' &&
    typeof state.keptBytes === 'number' &&
    Array.isArray(state.sources) &&
    Array.isArray(state.files) &&
    state.files.every((file: unknown) => typeof file === 'object' && file !== null && Array.isArray((file as DraftFile).chunks))
  );
}
