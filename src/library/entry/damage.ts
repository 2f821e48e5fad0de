/**
 * Which chunks of an entry are known to be broken and could not be mended. Best effort throughout: where it cannot be written
 * the next load finds the damage again, as every load hashes what it uses.
 */
import { StorageError } from '../../errors.ts';
import { readSealed, writeSealed } from '../keeping/sealed.ts';
import type { Storage } from '../keeping/storage.ts';
import { isCount, isPath } from './manifest.ts';
import { damagePath } from './places.ts';

interface Place {
  path: string;
  chunk: number;
}

/** Adds a broken chunk to the record, or takes a mended one out of it. */
export async function noteDamage(storage: Storage, key: string, { path, chunk }: Place, broken: boolean): Promise<void> {
  const known = await readDamage(storage, key);
  const others = known.filter(place => place.path !== path || place.chunk !== chunk);
  const now = broken ? [...others, { path, chunk }] : others;
  if (now.length === known.length) return;
  try {
    if (now.length === 0) await storage.remove(damagePath(key));
    else await writeSealed(storage, damagePath(key), { affinageDamage: 1, broken: now });
  } catch {
    // See above.
  }
}

/** After every byte was found sound. */
export async function clearDamage(storage: Storage, key: string): Promise<void> {
  await storage.remove(damagePath(key)).catch(() => {});
}

/** Chunks known to be broken; none where the record cannot be believed. */
export async function readDamage(storage: Storage, key: string): Promise<Place[]> {
  const record = await readSealed<{ broken: Place[] }>(storage, damagePath(key), isRecord).catch((error: unknown) => {
    if (error instanceof StorageError) return null;
    throw error;
  });
  return record === null || record === 'damaged' ? [] : record.broken;
}

const isRecord = ({ affinageDamage, broken }: Record<string, unknown>): boolean =>
  affinageDamage === 1 && Array.isArray(broken) && broken.every(isPlace);

const isPlace = (value: unknown): value is Place =>
  typeof value === 'object' && value !== null && 'path' in value && isPath(value.path) && 'chunk' in value && isCount(value.chunk);
