/**
 * affinage's own small records: JSON whose last member is the sha256 of all members before it, so that a flipped bit is found before the
 * record is used. Anybody who can write the file can write a right checksum too, so each reader also checks the shape.
 */
import { parseJsonText } from '../../source/json-text.ts';
import { sha256Hex } from './hash.ts';
import type { Storage } from './storage.ts';
import { readStored } from './stored-source.ts';

/** Far more than any record needs (the manifest of a model of 1 TB has 250 000 chunks). */
export const maxSealedBytes = 64 * 2 ** 20;

/** The bytes of an object, sealed. */
export async function seal(value: object): Promise<Uint8Array<ArrayBuffer>> {
  const body = JSON.stringify(value, null, 1);
  const checksum = await sha256Hex(encoder.encode(body));
  return encoder.encode(`${body.slice(0, body.lastIndexOf('\n'))},\n "checksum": "${checksum}"\n}\n`);
}

/** What is wrong with the bytes of a sealed file. */
export class BrokenSeal extends Error {
  override name = 'BrokenSeal';
}

/** The object of a sealed file, without its checksum; `isSound`: the checksum is right. Errors: BrokenSeal when the file holds no JSON object. */
export async function unseal(bytes: Uint8Array): Promise<{ value: Record<string, unknown>; isSound: boolean }> {
  let parsed: unknown;
  try {
    parsed = parseJsonText(bytes);
  } catch (cause) {
    throw new BrokenSeal('is not valid JSON', { cause });
  }
  if (typeof parsed !== 'object' || parsed === null || Array.isArray(parsed)) throw new BrokenSeal('holds no object');
  const { checksum, ...value } = parsed as Record<string, unknown>;
  return { value, isSound: checksum === (await sha256Hex(encoder.encode(JSON.stringify(value, null, 1)))) };
}

/** The content of a sealed file; null when there is none, `damaged` when its checksum or shape is wrong. Errors: StorageError. */
export async function readSealed<T>(
  storage: Storage,
  path: string,
  isRight: (value: Record<string, unknown>) => boolean,
): Promise<T | 'damaged' | null> {
  const size = await storage.size(path);
  if (size === null) return null;
  if (size > maxSealedBytes) return 'damaged';
  try {
    const { value, isSound } = await unseal(await readStored(storage, path, 0, size));
    return isSound && isRight(value) ? (value as T) : 'damaged';
  } catch (error) {
    if (error instanceof BrokenSeal) return 'damaged';
    throw error;
  }
}

/** Replaces the file atomically: after a crash it holds the old bytes or the new ones, never a part. Errors: StorageError, StorageFullError. */
export async function writeSealed(storage: Storage, path: string, value: object): Promise<void> {
  await storage.replace(path, await seal(value));
}

const encoder = new TextEncoder();
