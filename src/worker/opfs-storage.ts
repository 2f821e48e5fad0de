/**
 * Models in the browser: the origin private file system. Written through sync access handles (in workers; elsewhere through
 * writable streams), read as Blobs, so that two tabs can read at once.
 */
import { StorageError, StorageFullError } from '../errors.ts';
import type { Storage, StorageSpace, StoredFile } from '../library/storage.ts';
import { checkPath } from '../source/path.ts';

const rootName = 'affinage';

/**
 * The storage of this origin; null where there is none to rely on: private windows that refuse it, insecure pages, browsers
 * without atomic writes or locks between tabs. The caller then runs without keeping anything.
 */
export async function opfsStorage(folder = rootName): Promise<OpfsStorage | null> {
  if (typeof navigator === 'undefined' || !navigator.storage?.getDirectory || !navigator.locks) return null;
  if (!('createWritable' in FileSystemFileHandle.prototype)) return null;
  try {
    const top = await navigator.storage.getDirectory();
    const root = await top.getDirectoryHandle(folder, { create: true });
    return new OpfsStorage(root, folder);
  } catch {
    return null;
  }
}

export class OpfsStorage implements Storage {
  readonly name = 'this browser';
  readonly #root: FileSystemDirectoryHandle;
  /** Of the locks: other folders of this origin have their own. */
  readonly #folder: string;

  constructor(root: FileSystemDirectoryHandle, folder: string) {
    this.#root = root;
    this.#folder = folder;
  }

  async open(path: string, mode: 'read' | 'write'): Promise<StoredFile> {
    return this.#guard(path, mode === 'read' ? 'read' : 'written', async () => {
      const handle = await this.#file(path, mode === 'write');
      if (mode === 'read') return new BlobFile(path, await handle.getFile());
      // TypeScript knows it everywhere; browsers have it in dedicated workers only.
      const canSync = typeof (handle as Partial<FileSystemFileHandle>).createSyncAccessHandle === 'function';
      return canSync ? new SyncFile(path, await openSync(handle)) : new StreamFile(path, handle);
    });
  }

  async size(path: string): Promise<number | null> {
    return this.#guard(path, 'read', async () => {
      try {
        return (await (await this.#file(path, false)).getFile()).size;
      } catch (error) {
        if (isNamed(error, 'NotFoundError', 'TypeMismatchError')) return null;
        throw error;
      }
    });
  }

  async list(folder: string): Promise<string[]> {
    return this.#guard(folder, 'read', async () => {
      try {
        return (await filesBelow(await this.#directory(checkPath(folder).split('/'), false))).sort();
      } catch (error) {
        if (isNamed(error, 'NotFoundError', 'TypeMismatchError')) return [];
        throw error;
      }
    });
  }

  async remove(path: string): Promise<void> {
    await this.#guard(path, 'removed', async () => {
      const parts = checkPath(path).split('/');
      try {
        const parent = await this.#directory(parts.slice(0, -1), false);
        await parent.removeEntry(parts.at(-1) ?? '', { recursive: true });
      } catch (error) {
        if (!isNamed(error, 'NotFoundError', 'TypeMismatchError')) throw error;
      }
    });
  }

  async replace(path: string, bytes: Uint8Array<ArrayBuffer>): Promise<void> {
    await this.#guard(path, 'written', async () => {
      // A writable stream fills a file aside, which takes the old one's place when it is closed.
      const stream = await (await this.#file(path, true)).createWritable();
      try {
        await stream.write(bytes);
      } catch (error) {
        await stream.abort().catch(() => {});
        throw error;
      }
      await stream.close();
    });
  }

  async space(): Promise<StorageSpace> {
    const { usage, quota } = await navigator.storage.estimate().catch(() => ({ usage: undefined, quota: undefined }));
    const usedBytes = usage ?? null;
    const freeBytes = quota === undefined ? null : Math.max(0, quota - (usage ?? 0));
    return { usedBytes, freeBytes, persisted: await isPersisted() };
  }

  /** Pages may ask; in a worker some browsers only tell what was decided. */
  async persist(): Promise<boolean> {
    // The types of a worker leave it out.
    const storage: StorageManager & { persist?: () => Promise<boolean> } = navigator.storage;
    try {
      if (storage.persist) return await storage.persist();
    } catch {
      // Not allowed here: what was decided before counts.
    }
    return isPersisted();
  }

  lock<T>(name: string, work: () => Promise<T>, options?: { signal?: AbortSignal; ifAvailable?: false }): Promise<T>;
  lock<T>(name: string, work: () => Promise<T>, options: { signal?: AbortSignal; ifAvailable: true }): Promise<T | null>;
  async lock<T>(name: string, work: () => Promise<T>, options: { signal?: AbortSignal; ifAvailable?: boolean } = {}): Promise<T | null> {
    const { signal, ifAvailable = false } = options;
    signal?.throwIfAborted();
    // The standard allows no signal beside ifAvailable: nothing waits then.
    const asked: LockOptions = ifAvailable ? { ifAvailable } : signal ? { signal } : {};
    return navigator.locks.request(`${this.#folder}: ${name}`, asked, lock => (lock ? work() : Promise.resolve(null))) as Promise<T | null>;
  }

  async #file(path: string, create: boolean): Promise<FileSystemFileHandle> {
    const parts = checkPath(path).split('/');
    const parent = await this.#directory(parts.slice(0, -1), create);
    return parent.getFileHandle(parts.at(-1) ?? '', { create });
  }

  async #directory(parts: readonly string[], create: boolean): Promise<FileSystemDirectoryHandle> {
    let directory = this.#root;
    for (const part of parts) directory = await directory.getDirectoryHandle(part, { create });
    return directory;
  }

  async #guard<T>(path: string, doing: string, work: () => Promise<T>): Promise<T> {
    try {
      return await work();
    } catch (error) {
      throw await storageError(error, path, doing);
    }
  }
}

/** A file for reading: a snapshot, which the browser stops giving out once the file is written to. */
class BlobFile implements StoredFile {
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

class SyncFile implements StoredFile {
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
      // Browsers differ in what lies between the end and `at`: the standard says zeros, this makes sure.
      const size = this.#handle.getSize();
      if (at > size) this.#handle.truncate(at);
      for (let done = 0; done < bytes.length; ) {
        const written = this.#handle.write(bytes.subarray(done), { at: at + done });
        // Where the quota ends some browsers write less instead of throwing.
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

/** Outside of workers: what was written takes effect, and would survive, when the stream is closed, so a flush closes it. */
class StreamFile implements StoredFile {
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

/** A tab that is closing gives its handle back a moment later: two short waits are worth more than an error. */
async function openSync(handle: FileSystemFileHandle): Promise<FileSystemSyncAccessHandle> {
  for (let attempt = 0; ; attempt++) {
    try {
      return await handle.createSyncAccessHandle();
    } catch (error) {
      if (attempt === 2 || !isNamed(error, 'NoModificationAllowedError', 'InvalidStateError')) throw error;
      await new Promise(resolve => setTimeout(resolve, 100));
    }
  }
}

async function filesBelow(directory: FileSystemDirectoryHandle): Promise<string[]> {
  const found: string[] = [];
  for await (const [name, handle] of directory.entries()) {
    if (handle.kind === 'file') {
      // Swap files of writable streams, where a browser shows them.
      if (!name.endsWith('.crswap')) found.push(name);
    } else found.push(...(await filesBelow(handle as FileSystemDirectoryHandle)).map(path => `${name}/${path}`));
  }
  return found;
}

async function isPersisted(): Promise<boolean> {
  return navigator.storage.persisted().catch(() => false);
}

async function guard<T>(path: string, doing: string, work: () => T | Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    throw await storageError(error, path, doing);
  }
}

/** A browser's error about a file as one of ours; anything else as it is. */
async function storageError(error: unknown, path: string, doing: string): Promise<unknown> {
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

function isNamed(error: unknown, ...names: string[]): boolean {
  return error instanceof Error && names.includes(error.name);
}
