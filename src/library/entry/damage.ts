/**
 * Records which chunks of an entry are broken and could not be repaired. A record that cannot be written is no error: every load hashes
 * what it reads, so it finds the damage again.
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

/** Adds a broken chunk to the record, or takes a repaired one out of it. */
export async function noteDamage(storage: Storage, key: string, { path, chunk }: Place, broken: boolean): Promise<void> {
  const known = await readDamage(storage, key);
  const others = known.filter(place => place.path !== path || place.chunk !== chunk);
  const now = broken ? [...others, { path, chunk }] : others;
  if (now.length === known.length) return;
  try {
    if (now.length === 0) await storage.remove(damagePath(key));
    else await writeSealed(storage, damagePath(key), { affinageDamage: 1, broken: now });
  } catch {
    // Not an error, as the head of this file explains.
  }
}

/** Called after every byte was found to be right. */
export async function clearDamage(storage: Storage, key: string): Promise<void> {
  await storage.remove(damagePath(key)).catch(() => {});
}

/** Chunks known to be broken; none where the record itself is damaged. */
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
