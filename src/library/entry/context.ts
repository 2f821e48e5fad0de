/** What every part of the library works with. */
import { StorageError } from '../../errors.ts';
import type { QuantizeRows } from '../../quantize/quantized-source.ts';
import type { HttpOptions } from '../../source/http.ts';
import type { Storage } from '../keeping/storage.ts';
import type { LibraryModel } from '../types.ts';
import { readDamage } from './damage.ts';
import type { Manifest } from './manifest.ts';
import { bytesOf, readManifest } from './manifest.ts';
import { asidePath, damagePath, downloadFolder, lockName, manifestPath, modelFolder, pullPath } from './places.ts';

export interface LibraryContext {
  storage: Storage;
  /** Base URL of the hub, without a trailing slash. */
  hub: string;
  /** For every request; `token` goes to the hub's own origin only. */
  http: HttpOptions;
  /** False: no request is ever made. */
  online: boolean;
  version: string;
  chunkBytes: number;
  quantizeRows?: QuantizeRows;
}

/** An entry as people see it. */
export function entryOf(key: string, manifest: Manifest, damaged: boolean): LibraryModel {
  const { name, origin, dtype, licence, savedAt, announced } = manifest;
  return {
    key,
    name,
    origin,
    state: damaged ? 'damaged' : 'ready',
    dtype,
    bytes: bytesOf(manifest),
    download: null,
    licence,
    savedAt,
    announced,
  };
}

/** The entry of a key, without looking at its bytes; null when there is no whole model. Errors: ModelFileError for a damaged manifest. */
export async function readEntry({ storage }: LibraryContext, key: string): Promise<{ entry: LibraryModel; manifest: Manifest } | null> {
  const manifest = await readManifest(storage, key);
  if (!manifest) return null;
  const damaged = (await readDamage(storage, key)).length > 0;
  return { entry: entryOf(key, manifest, damaged), manifest };
}

/**
 * Runs `work` under the entry's lock. If the lock is lost meanwhile, the context that `work` got refuses every change. `onWait` is called
 * with the present holder when the lock must be waited for.
 */
export function withEntry<T>(
  context: LibraryContext,
  key: string,
  signal: AbortSignal | undefined,
  onWait: (holder: string) => void,
  work: (held: LibraryContext) => Promise<T>,
): Promise<T> {
  return context.storage.lock(lockName(key), storage => work({ ...context, storage }), { signal, onWait });
}

/** Whether this is the error of work that lost its lock to another tab or process. */
export const isLostLock = (error: unknown): boolean => error instanceof StorageError && error.details.lostLock === true;

/** Removes all of an entry, the manifest first: whatever happens in between, no half model looks whole. The caller holds its lock. */
export async function removeAll(storage: Storage, key: string): Promise<void> {
  await storage.remove(manifestPath(key));
  await storage.remove(modelFolder(key));
  await storage.remove(downloadFolder(key));
  await storage.remove(damagePath(key));
  await storage.remove(pullPath(key));
  await storage.remove(asidePath(key));
}
