/** The open files of the origin private file system, and what its errors mean. */
import { StorageError, StorageFullError } from '../errors.ts';
import type { StoredFile } from '../library/keeping/storage.ts';

/** A file for reading: a snapshot, which the browser stops giving out once the file is written to. */
export class BlobFile implements StoredFile {
  readonly #blob: Blob;
  constructor(
    readonly path: string,
    blob: Blob,
  ) {
    this.#blob = blob;
  }

  async size(): Promise<number> {
    return this.#blob.size;
  }

  async read(start: number, end: number): Promise<Uint8Array<ArrayBuffer>> {
    checkEnd(this.path, end, this.#blob.size);
    return guard(this.path, 'read', async () => new Uint8Array(await this.#blob.slice(start, end).arrayBuffer()));
  }

  write(): Promise<void> {
    return Promise.reject(readOnly(this.path));
  }

  truncate(): Promise<void> {
    return Promise.reject(readOnly(this.path));
  }

  flush(): Promise<void> {
    return Promise.reject(readOnly(this.path));
  }

  async close(): Promise<void> {}
}

export class SyncFile implements StoredFile {
  readonly #handle: FileSystemSyncAccessHandle;
  constructor(
    readonly path: string,
    handle: FileSystemSyncAccessHandle,
  ) {
    this.#handle = handle;
  }

  async size(): Promise<number> {
    return guard(this.path, 'read', () => this.#handle.getSize());
  }

  async read(start: number, end: number): Promise<Uint8Array<ArrayBuffer>> {
    return guard(this.path, 'read', () => {
      checkEnd(this.path, end, this.#handle.getSize());
      const out = new Uint8Array(end - start);
      for (let done = 0; done < out.length; ) {
        const read = this.#handle.read(out.subarray(done), { at: start + done });
        if (read === 0) throw shorter(this.path, end, start + done);
        done += read;
      }
      return out;
    });
  }

  async write(at: number, bytes: Uint8Array<ArrayBuffer>): Promise<void> {
    await guard(this.path, 'written', () => {
      // The standard says that a gap before `at` is filled with zeros. Browsers differ, so it is filled here.
      const size = this.#handle.getSize();
      if (at > size) this.#handle.truncate(at);
      for (let done = 0; done < bytes.length; ) {
        const written = this.#handle.write(bytes.subarray(done), { at: at + done });
        // When the quota is used up, some browsers write less instead of throwing.
        if (written === 0) throw new DOMException('nothing more was written', 'QuotaExceededError');
        done += written;
      }
    });
  }

  async truncate(sizeBytes: number): Promise<void> {
    await guard(this.path, 'written', () => this.#handle.truncate(sizeBytes));
  }

  async flush(): Promise<void> {
    await guard(this.path, 'written', () => this.#handle.flush());
  }

  async close(): Promise<void> {
    this.#handle.close();
  }
}

/** Outside of workers: written bytes only take effect, and survive a crash, once the stream is closed, so `flush` closes it. */
export class StreamFile implements StoredFile {
  readonly #handle: FileSystemFileHandle;
  #stream: FileSystemWritableFileStream | null = null;
  constructor(
    readonly path: string,
    handle: FileSystemFileHandle,
  ) {
    this.#handle = handle;
  }

  async size(): Promise<number> {
    await this.flush();
    return guard(this.path, 'read', async () => (await this.#handle.getFile()).size);
  }

  async read(start: number, end: number): Promise<Uint8Array<ArrayBuffer>> {
    await this.flush();
    return guard(this.path, 'read', async () => new BlobFile(this.path, await this.#handle.getFile()).read(start, end));
  }

  async write(at: number, bytes: Uint8Array<ArrayBuffer>): Promise<void> {
    await guard(this.path, 'written', async () => (await this.#open()).write({ type: 'write', position: at, data: bytes }));
  }

  async truncate(sizeBytes: number): Promise<void> {
    await guard(this.path, 'written', async () => (await this.#open()).truncate(sizeBytes));
  }

  async flush(): Promise<void> {
    const stream = this.#stream;
    this.#stream = null;
    await guard(this.path, 'written', async () => stream?.close());
  }

  close(): Promise<void> {
    return this.flush();
  }

  async #open(): Promise<FileSystemWritableFileStream> {
    this.#stream ??= await this.#handle.createWritable({ keepExistingData: true });
    return this.#stream;
  }
}

/** Opens a handle, with two short retries, as a tab that is closing releases its handle a moment later. */
export async function openSync(handle: FileSystemFileHandle): Promise<FileSystemSyncAccessHandle> {
  for (let attempt = 0; ; attempt++) {
    try {
      return await handle.createSyncAccessHandle();
    } catch (error) {
      if (attempt === 2 || !isNamed(error, 'NoModificationAllowedError', 'InvalidStateError')) throw error;
      await new Promise(resolve => setTimeout(resolve, 100));
    }
  }
}

async function guard<T>(path: string, doing: string, work: () => T | Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    throw await storageError(error, path, doing);
  }
}

/** Turns a browser's error about a file into one of affinage's classes; any other value is returned unchanged. */
export async function storageError(error: unknown, path: string, doing: string): Promise<unknown> {
  if (error instanceof StorageError || !(error instanceof DOMException || error instanceof TypeError)) return error;
  if (error.name === 'QuotaExceededError') {
    const { usage, quota } = await navigator.storage.estimate().catch(() => ({ usage: undefined, quota: undefined }));
    const freeBytes = quota === undefined || usage === undefined ? null : Math.max(0, quota - usage);
    return new StorageFullError(
      `The browser gives this page no more room (${path} could not be written). Remove a model, free space on the disk, or use the model without keeping it.`,
      { path, freeBytes },
      { cause: error },
    );
  }
  const why =
    error.name === 'NoModificationAllowedError'
      ? 'It is in use in another tab: close that, or wait until it is done.'
      : error.name === 'NotFoundError'
        ? 'It is not there: the browser or another tab may have removed it. Pull the model again.'
        : 'Reload the page; in a private window use the model without keeping it.';
  return new StorageError(
    `${path} in this browser cannot be ${doing} (${error.name}). ${why}`,
    { path, code: error.name },
    { cause: error },
  );
}

function checkEnd(path: string, end: number, sizeBytes: number): void {
  if (end > sizeBytes) throw shorter(path, end, sizeBytes);
}

function shorter(path: string, end: number, sizeBytes: number): StorageError {
  return new StorageError(`${path} ends at byte ${sizeBytes}; bytes up to ${end} were asked for.`, { path, end, sizeBytes });
}

function readOnly(path: string): StorageError {
  return new StorageError(`${path} was opened for reading.`, { path });
}

export function isNamed(error: unknown, ...names: string[]): boolean {
  return error instanceof Error && names.includes(error.name);
}
