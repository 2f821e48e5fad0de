/**
 * Hashes: sha256 of chunks and files, and git's id of a small file. Whole files need an incremental hash, which browsers do not offer, so
 * @noble/hashes computes it there; in Node, `useHasher` installs Node's own, which is ten times as fast.
 */
import { sha1 } from '@noble/hashes/legacy.js';
import { sha256 } from '@noble/hashes/sha2.js';

export type HashKind = 'sha1' | 'sha256';

/** An incremental hash. Node's `createHash(kind)` is one. */
export interface Hasher {
  update(bytes: Uint8Array): unknown;
  digest(): Uint8Array;
}

let create: (kind: HashKind) => Hasher = kind => (kind === 'sha1' ? sha1 : sha256).create();

/** Replaces the incremental hash for the whole process: `useHasher(createHash)` in Node. */
export function useHasher(factory: (kind: HashKind) => Hasher): void {
  create = factory;
}

/** sha256 of bytes that arrive in pieces. */
export class Sha256 {
  readonly #hasher = create('sha256');

  update(bytes: Uint8Array): void {
    this.#hasher.update(bytes);
  }

  /** Once, at the end. */
  hex(): string {
    return hexOf(this.#hasher.digest());
  }
}

/** Git's id of a file of so many bytes: sha1 of `blob <size>\0` and the bytes (git's object format). */
export class GitOid {
  readonly #hasher = create('sha1');

  constructor(sizeBytes: number) {
    this.#hasher.update(new TextEncoder().encode(`blob ${sizeBytes}\0`));
  }

  update(bytes: Uint8Array): void {
    this.#hasher.update(bytes);
  }

  hex(): string {
    return hexOf(this.#hasher.digest());
  }
}

/** sha256 of bytes in memory. Uses the browser's own code where it exists (secure pages): it is faster and does not block the thread. */
export async function sha256Hex(bytes: Uint8Array<ArrayBuffer>): Promise<string> {
  const subtle: SubtleCrypto | undefined = globalThis.crypto?.subtle;
  if (subtle) return hexOf(new Uint8Array(await subtle.digest('SHA-256', bytes)));
  const hash = new Sha256();
  hash.update(bytes);
  return hash.hex();
}

function hexOf(bytes: Uint8Array): string {
  let text = '';
  for (const byte of bytes) text += byte.toString(16).padStart(2, '0');
  return text;
}
