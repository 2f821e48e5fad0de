/**
 * A storage for the holder of a lock. The holder may be paused for long (a suspended laptop) while another process takes the lock over
 * and finishes the work. So every change first checks that the lock is still held.
 */
import type { Storage, StorageSpace, StoredFile } from './storage.ts';

/** `assertHeld` throws once the lock was lost. Reading needs no lock and stays possible. */
export function fencedStorage(storage: Storage, assertHeld: () => Promise<void>): Storage {
  return new FencedStorage(storage, assertHeld);
}

class FencedStorage implements Storage {
  readonly name: string;

  constructor(
    readonly inner: Storage,
    readonly assertHeld: () => Promise<void>,
  ) {
    this.name = inner.name;
  }

  async open(path: string, mode: 'read' | 'write'): Promise<StoredFile> {
    if (mode === 'read') return this.inner.open(path, mode);
    await this.assertHeld();
    return new FencedFile(await this.inner.open(path, mode), this.assertHeld);
  }

  size(path: string): Promise<number | null> {
    return this.inner.size(path);
  }

  list(folder: string): Promise<string[]> {
    return this.inner.list(folder);
  }

  async remove(path: string): Promise<void> {
    await this.assertHeld();
    await this.inner.remove(path);
  }

  async replace(path: string, bytes: Uint8Array<ArrayBuffer>): Promise<void> {
    await this.assertHeld();
    await this.inner.replace(path, bytes);
  }

  space(): Promise<StorageSpace> {
    return this.inner.space();
  }

  persist(): Promise<boolean> {
    return this.inner.persist();
  }

  get lock(): Storage['lock'] {
    return this.inner.lock.bind(this.inner) as Storage['lock'];
  }
}

/** Checks the lock at every write too: the new holder may be writing into the same file. */
class FencedFile implements StoredFile {
  readonly path: string;

  constructor(
    readonly inner: StoredFile,
    readonly assertHeld: () => Promise<void>,
  ) {
    this.path = inner.path;
  }

  size(): Promise<number> {
    return this.inner.size();
  }

  read(start: number, end: number): Promise<Uint8Array<ArrayBuffer>> {
    return this.inner.read(start, end);
  }

  async write(at: number, bytes: Uint8Array<ArrayBuffer>): Promise<void> {
    await this.assertHeld();
    await this.inner.write(at, bytes);
  }

  async truncate(sizeBytes: number): Promise<void> {
    await this.assertHeld();
    await this.inner.truncate(sizeBytes);
  }

  flush(): Promise<void> {
    return this.inner.flush();
  }

  close(): Promise<void> {
    return this.inner.close();
  }
}
