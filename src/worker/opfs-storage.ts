/**
 * Models in the browser: the origin private file system. Written through sync access handles (in workers; elsewhere through
 * writable streams), read as Blobs, so that two tabs can read at once.
 */
import type { HoldOptions, Storage, StorageSpace, StoredFile } from '../library/keeping/storage.ts';
import { checkPath } from '../source/path.ts';
import { BlobFile, isNamed, openSync, StreamFile, SyncFile, storageError } from './opfs-files.ts';

const rootName = 'affinage';

/**
 * The storage of this origin; null where it cannot be relied on: private windows that refuse it, insecure pages, browsers without atomic
 * writes or locks between tabs. The caller then runs without storing anything.
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
  /** Prefix of the locks' names, as other folders of this origin have their own locks. */
  readonly #folder: string;

  constructor(root: FileSystemDirectoryHandle, folder: string) {
    this.#root = root;
    this.#folder = folder;
  }

  async open(path: string, mode: 'read' | 'write'): Promise<StoredFile> {
    return this.#guard(path, mode === 'read' ? 'read' : 'written', async () => {
      const handle = await this.#file(path, mode === 'write');
      if (mode === 'read') return new BlobFile(path, await handle.getFile());
      // TypeScript declares it everywhere, but browsers have it in dedicated workers only.
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
      // A writable stream writes to another file, which replaces the old one when the stream is closed.
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

  /** A page may ask; in a worker some browsers only report what was decided before. */
  async persist(): Promise<boolean> {
    // The types of a worker leave it out.
    const storage: StorageManager & { persist?: () => Promise<boolean> } = navigator.storage;
    try {
      if (storage.persist) return await storage.persist();
    } catch {
      // Asking is not allowed here: report what was decided before.
    }
    return isPersisted();
  }

  lock<T>(name: string, work: (held: Storage) => Promise<T>, options?: HoldOptions & { ifAvailable?: false }): Promise<T>;
  lock<T>(name: string, work: (held: Storage) => Promise<T>, options: HoldOptions & { ifAvailable: true }): Promise<T | null>;
  async lock<T>(
    name: string,
    work: (held: Storage) => Promise<T>,
    options: HoldOptions & { ifAvailable?: boolean } = {},
  ): Promise<T | null> {
    const { signal, ifAvailable = false, onWait } = options;
    signal?.throwIfAborted();
    const full = `${this.#folder}: ${name}`;
    // A page keeps its locks as long as it exists, even while it is suspended, so they are never taken over.
    const take = async (lock: Lock | null) => (lock ? { value: await work(this) } : null);
    // The standard allows no signal together with ifAvailable, which does not wait anyway.
    const first = await navigator.locks.request(full, { ifAvailable: true }, take);
    if (first) return first.value;
    if (ifAvailable) return null;
    onWait?.('another tab');
    return (await navigator.locks.request(full, signal ? { signal } : {}, take))?.value ?? null;
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
