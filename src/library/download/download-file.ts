/** One file of a download: what the host says of it, which chunks are there, and its place in the storage. */
import { abortError } from '../../source/abort.ts';
import type { Target } from '../../source/http-errors.ts';
import type { RemoteFile } from '../../source/remote.ts';
import { sha256Hex } from '../keeping/hash.ts';
import type { Storage, StoredFile } from '../keeping/storage.ts';
import { chunkCount, chunkSize, type JournalFile } from './journal.ts';

export class DownloadFile {
  readonly path: string;
  readonly sizeBytes: number;
  readonly target: Target;
  /** sha256 of each chunk that is in the storage; null where it is not. */
  readonly chunks: (string | null)[];
  /** First bytes of chunks that broke off, by chunk. */
  readonly partial = new Map<number, { bytes: number; sha256: string }>();
  /** ETag or date of the bytes: all parts must have the same. Used where no hash is announced. */
  version: string | null;
  /** Consecutive answers that were the whole file although a part was asked for. */
  ignoredRanges = 0;
  /** The host sends this file only whole: one stream brings it all. */
  sequential = false;
  /** Bytes received so far while the file comes as one stream; null otherwise. */
  streamedBytes: number | null = null;
  /** The host has answered a request with a range for this file. */
  answered = false;
  /** The host now serves another version of the file, so nothing more of this one is kept. */
  changed = false;
  /** Bytes received of the chunks that are being fetched, by chunk. */
  readonly inFlight = new Map<number, number>();
  #handle: Promise<StoredFile> | null = null;
  #dirty = false;

  constructor(
    readonly remote: RemoteFile,
    source: string,
    readonly chunkBytes: number,
    readonly storage: Storage,
    readonly folder: string,
  ) {
    this.path = remote.path;
    this.sizeBytes = remote.sizeBytes;
    this.target = { url: new URL(remote.url), path: remote.path, source };
    this.version = remote.etag;
    this.chunks = new Array<string | null>(chunkCount(this)).fill(null);
  }

  /** Whether the host announced a hash. If so the hash alone decides whether the bytes are right, and ETags and dates are ignored. */
  get announced(): boolean {
    return this.remote.sha256 !== null || this.remote.gitOid !== null;
  }

  get missingChunks(): number[] {
    return this.chunks.flatMap((hash, chunk) => (hash === null ? [chunk] : []));
  }

  /** Bytes that are stored or received so far. */
  get doneBytes(): number {
    const of = (hash: string | null, chunk: number) =>
      hash === null ? (this.inFlight.get(chunk) ?? this.partial.get(chunk)?.bytes ?? 0) : chunkSize(this, chunk);
    return this.chunks.reduce((sum, hash, chunk) => sum + of(hash, chunk), 0);
  }

  /** Bytes that must still be received. A host that sends only whole files sends the stored ones once more too. */
  get comingBytes(): number {
    return this.streamedBytes === null ? this.sizeBytes - this.doneBytes : this.sizeBytes - this.streamedBytes;
  }

  /** Whether the journal's entry is about this very file: size and hash, or ETag, agree. False when the host gives neither. */
  isSame(old: JournalFile): boolean {
    const { sha256, gitOid, etag, sizeBytes } = this.remote;
    if (old.sizeBytes !== sizeBytes) return false;
    if (sha256 !== null || old.sha256 !== null) return sha256 === old.sha256;
    if (gitOid !== null || old.gitOid !== null) return gitOid === old.gitOid;
    return etag !== null && etag === old.etag;
  }

  /** Hashes the chunks that the journal lists and keeps those with the right hash. Errors: those of the storage; the signal's reason. */
  async confirm(old: JournalFile, signal: AbortSignal | undefined, onBytes: (bytes: number) => void): Promise<void> {
    const there = (await this.storage.size(this.#fullPath)) ?? 0;
    if (there === 0) return;
    const file = await this.handle();
    const check = async (start: number, bytes: number, sha256: string) => {
      if (signal?.aborted) throw abortError(signal);
      if (start + bytes > there || (await sha256Hex(await file.read(start, start + bytes))) !== sha256) return false;
      onBytes(bytes);
      return true;
    };
    for (const [chunk, sha256] of old.chunks.entries()) {
      if (sha256 !== null && (await check(chunk * this.chunkBytes, chunkSize(this, chunk), sha256))) this.chunks[chunk] = sha256;
    }
    for (const { chunk, bytes, sha256 } of old.partial) {
      if (this.chunks[chunk] !== null || bytes > chunkSize(this, chunk)) continue;
      if (await check(chunk * this.chunkBytes, bytes, sha256)) this.partial.set(chunk, { bytes, sha256 });
    }
  }

  /** The open file. It is closed with `close`. */
  handle(): Promise<StoredFile> {
    this.#handle ??= this.storage.open(this.#fullPath, 'write');
    return this.#handle;
  }

  read(start: number, end: number): Promise<Uint8Array<ArrayBuffer>> {
    return this.handle().then(file => file.read(start, end));
  }

  /** Writes a whole chunk and records its hash. Errors: StorageFullError, StorageError. */
  async keepChunk(chunk: number, bytes: Uint8Array<ArrayBuffer>): Promise<void> {
    const hash = await sha256Hex(bytes);
    const file = await this.handle();
    if (this.changed) return;
    await file.write(chunk * this.chunkBytes, bytes);
    this.chunks[chunk] = hash;
    this.partial.delete(chunk);
    this.#dirty = true;
  }

  /** Writes the first bytes of a chunk whose transfer broke off, so that the next try can go on from there. */
  async keepPartial(chunk: number, bytes: Uint8Array<ArrayBuffer>): Promise<void> {
    if (bytes.length === 0 || this.changed || this.chunks[chunk] !== null) return;
    const sha256 = await sha256Hex(bytes);
    const file = await this.handle();
    await file.write(chunk * this.chunkBytes, bytes);
    this.partial.set(chunk, { bytes: bytes.length, sha256 });
    this.#dirty = true;
  }

  /** Copies the kept first bytes of a chunk into `into`; how many. */
  async takePartial(chunk: number, into: Uint8Array): Promise<number> {
    const bytes = this.partial.get(chunk)?.bytes ?? 0;
    if (bytes > 0) into.set(await this.read(chunk * this.chunkBytes, chunk * this.chunkBytes + bytes));
    return bytes;
  }

  /** Forgets every chunk: the file is downloaded from its beginning. */
  forget(): void {
    this.chunks.fill(null);
    this.partial.clear();
    this.version = this.remote.etag;
    this.sequential = false;
  }

  /** Cuts the stored file to its size, as an older file may have been longer. Creates an empty file. */
  async trim(): Promise<void> {
    const file = await this.handle();
    if ((await file.size()) > this.sizeBytes) await file.truncate(this.sizeBytes);
  }

  /** Deletes the last stored chunk to make room; false when none is stored. */
  async dropTail(): Promise<boolean> {
    const file = await this.handle();
    const size = await file.size();
    if (size === 0) return false;
    const last = Math.ceil(size / this.chunkBytes) - 1;
    await file.truncate(last * this.chunkBytes);
    this.chunks[last] = null;
    this.partial.delete(last);
    return true;
  }

  toJournal(): JournalFile {
    const { path, sizeBytes, chunkBytes, chunks, remote } = this;
    const partial = [...this.partial].map(([chunk, part]) => ({ chunk, ...part }));
    return { path, sizeBytes, sha256: remote.sha256, gitOid: remote.gitOid, etag: remote.etag, chunkBytes, chunks, partial };
  }

  /** Resolves once the written bytes would survive a crash. */
  async flush(): Promise<void> {
    if (!this.#dirty) return;
    this.#dirty = false;
    await (await this.handle()).flush();
  }

  async close(): Promise<void> {
    const handle = this.#handle;
    this.#handle = null;
    // The error of opening it was thrown to whoever opened it.
    const file = await handle?.catch(() => null);
    await file?.close();
  }

  get #fullPath(): string {
    return `${this.folder}/${this.path}`;
  }
}
