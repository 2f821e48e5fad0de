/**
 * Which chunks of an entry are known to be broken and could not be mended. Best effort throughout: where it cannot be written
 * the next load finds the damage again, as every load hashes what it uses.
 */
import { damagePath } from './places.ts';
import type { Storage } from './storage.ts';
import { readOrNull } from './verified-source.ts';

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
    else await storage.replace(damagePath(key), new TextEncoder().encode(JSON.stringify({ affinageDamage: 1, broken: now })));
  } catch {
    // See above.
  }
}

/** After every byte was found sound. */
export async function clearDamage(storage: Storage, key: string): Promise<void> {
  await storage.remove(damagePath(key)).catch(() => {});
}

/** Chunks known to be broken. */
export async function readDamage(storage: Storage, key: string): Promise<Place[]> {
  const path = damagePath(key);
  const bytes = await readOrNull(storage, path, 0, (await storage.size(path)) ?? 0);
  try {
    const value: unknown = bytes && JSON.parse(new TextDecoder().decode(bytes));
    const broken: unknown = typeof value === 'object' && value !== null && 'broken' in value ? value.broken : [];
    return Array.isArray(broken) ? broken.filter(isPlace) : [];
  } catch {
    return [];
  }
}

const isPlace = (value: unknown): value is Place =>
  typeof value === 'object' &&
  value !== null &&
  'path' in value &&
  typeof value.path === 'string' &&
  'chunk' in value &&
  typeof value.chunk === 'number';
