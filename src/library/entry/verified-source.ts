/** A model with a manifest as a ModelSource: every chunk is hashed before one of its bytes is used, and a broken one is repaired if possible. */
import { ModelSourceError, StorageError } from '../../errors.ts';
import { orAbort } from '../../source/abort.ts';
import { checkRange } from '../../source/files.ts';
import { checkPath } from '../../source/path.ts';
import type { ModelSource, SourceFile } from '../../source/source.ts';
import { sha256Hex } from '../keeping/hash.ts';
import type { Storage } from '../keeping/storage.ts';
import { readStored } from '../keeping/stored-source.ts';
import type { KeptFile, Manifest } from './manifest.ts';
import { modelFile } from './places.ts';

/** Bytes [start, end) of a stored file, unchecked; null when they are missing or cannot be read. */
export type ReadBytes = (path: string, start: number, end: number, signal?: AbortSignal) => Promise<Uint8Array<ArrayBuffer> | null>;

/** Returns the right bytes of a broken chunk and writes them back if it can. Errors: ModelFileError. */
export type MendChunk = (file: KeptFile, chunk: number, signal?: AbortSignal) => Promise<Uint8Array<ArrayBuffer>>;

/**
 * Verified chunks of one file that stay in memory. Rows of a quantized matrix are read together with their scales, which lie in another
 * part of the file: the chunk with the scales must stay while the chunks with the codes come and go.
 */
const heldChunks = 3;

export class VerifiedSource implements ModelSource {
  readonly name: string;
  readonly #files: ReadonlyMap<string, VerifiedFile>;

  constructor(name: string, files: readonly KeptFile[], read: ReadBytes, mend: MendChunk) {
    this.name = name;
    this.#files = new Map(files.map(file => [file.path, new VerifiedFile(read, file, name, mend)]));
  }

  /** A model that a library keeps. */
  static kept(storage: Storage, key: string, manifest: Manifest, mend: MendChunk): VerifiedSource {
    const read: ReadBytes = (path, start, end) => readOrNull(storage, modelFile(key, path), start, end);
    return new VerifiedSource(manifest.name, manifest.files, read, mend);
  }

  async has(path: string, signal?: AbortSignal): Promise<boolean> {
    signal?.throwIfAborted();
    return this.#files.has(checkPath(path));
  }

  async open(path: string, signal?: AbortSignal): Promise<SourceFile> {
    signal?.throwIfAborted();
    const file = this.#files.get(checkPath(path));
    if (file) return file;
    throw new ModelSourceError(`${this.name} has no ${path}. Files there: ${[...this.#files.keys()].join(', ')}.`, {
      path,
      source: this.name,
    });
  }
}

class VerifiedFile implements SourceFile {
  readonly path: string;
  readonly sizeBytes: number;
  /** By chunk; the most recently used one is last. Promises, so that readers of the same chunk share one read. */
  readonly #held = new Map<number, Promise<Uint8Array<ArrayBuffer>>>();
  /** One read at a time: a repair writes into the file, and nobody may read it meanwhile. */
  #turn: Promise<unknown> = Promise.resolve();

  constructor(
    readonly readBytes: ReadBytes,
    readonly kept: KeptFile,
    readonly source: string,
    readonly mend: MendChunk,
  ) {
    this.path = kept.path;
    this.sizeBytes = kept.sizeBytes;
  }

  async read(start: number, end: number, signal?: AbortSignal): Promise<Uint8Array<ArrayBuffer>> {
    checkRange(this, start, end, this.source);
    signal?.throwIfAborted();
    const { chunkBytes } = this.kept;
    const out = new Uint8Array(end - start);
    for (let at = start; at < end; ) {
      const chunk = Math.floor(at / chunkBytes);
      let bytes: Uint8Array<ArrayBuffer>;
      try {
        bytes = await orAbort(this.#chunk(chunk, signal), signal);
      } catch (error) {
        // The reader that started this repair was aborted; this reader starts a new one.
        if (error instanceof Error && error.name === 'AbortError' && !signal?.aborted) continue;
        throw error;
      }
      const from = at - chunk * chunkBytes;
      const part = bytes.subarray(from, Math.min(bytes.length, from + end - at));
      out.set(part, at - start);
      at += part.length;
    }
    return out;
  }

  #chunk(index: number, signal?: AbortSignal): Promise<Uint8Array<ArrayBuffer>> {
    const held = this.#held.get(index);
    if (held) {
      this.#held.delete(index);
      this.#held.set(index, held);
      return held;
    }
    const chunk = this.#turn.then(() => this.#load(index, signal));
    this.#turn = chunk.catch(() => {});
    this.#held.set(index, chunk);
    for (const old of this.#held.keys()) {
      if (this.#held.size <= heldChunks) break;
      this.#held.delete(old);
    }
    // A failure is not kept: the next reader tries again.
    chunk.catch(() => {
      if (this.#held.get(index) === chunk) this.#held.delete(index);
    });
    return chunk;
  }

  async #load(index: number, signal?: AbortSignal): Promise<Uint8Array<ArrayBuffer>> {
    const { chunkBytes, chunks, sizeBytes } = this.kept;
    const start = index * chunkBytes;
    const end = Math.min(sizeBytes, start + chunkBytes);
    const bytes = await this.readBytes(this.path, start, end, signal);
    if (bytes && (await sha256Hex(bytes)) === chunks[index]) return bytes;
    return this.mend(this.kept, index, signal);
  }
}

/** Null when the bytes are missing or cannot be read, which is repaired like wrong bytes. */
export async function readOrNull(storage: Storage, path: string, start: number, end: number): Promise<Uint8Array<ArrayBuffer> | null> {
  try {
    return await readStored(storage, path, start, end);
  } catch (error) {
    if (error instanceof StorageError) return null;
    throw error;
  }
}
