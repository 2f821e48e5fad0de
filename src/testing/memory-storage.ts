/** A Storage in memory for tests: as strict as the strictest place (OPFS), with a quota, failures on demand and crashes. */
import { StorageError, StorageFullError } from '../errors.ts';
import { fencedStorage } from '../library/keeping/fenced-storage.ts';
import type { HoldOptions, Storage, StorageSpace, StoredFile } from '../library/keeping/storage.ts';
import { abortError, orAbort } from '../source/abort.ts';
import { checkPath } from '../source/path.ts';

/** One operation, as `fault` sees it before it happens and `log` keeps it. `start`, `end`: bytes, where it has them. */
export interface StorageOperation {
  kind: 'open' | 'read' | 'write' | 'truncate' | 'flush' | 'remove' | 'replace' | 'list';
  path: string;
  start?: number;
  end?: number;
}

export interface MemoryStorageOptions {
  /** Bytes that fit; default no limit. May be changed later. */
  quotaBytes?: number;
  /** What `persist()` answers. Default true. */
  persists?: boolean;
}

interface Stored {
  bytes: Uint8Array<ArrayBuffer>;
  size: number;
  /** What to put back at a crash, newest last: writes since the last flush. */
  undo: { at: number; bytes: Uint8Array<ArrayBuffer>; size: number }[];
  readers: number;
  writer: boolean;
}

export class MemoryStorage implements Storage {
  readonly name = 'memory';
  quotaBytes: number;
  persists: boolean;
  persisted = false;
  /** Called before each operation; throw here to make it fail. */
  fault: ((operation: StorageOperation) => void | Promise<void>) | null = null;
  readonly log: StorageOperation[] = [];
  readonly #files = new Map<string, Stored>();
  readonly #locks = new Map<string, Promise<unknown>>();

  constructor(options: MemoryStorageOptions = {}) {
    this.quotaBytes = options.quotaBytes ?? Number.POSITIVE_INFINITY;
    this.persists = options.persists ?? true;
  }

  get usedBytes(): number {
    let used = 0;
    for (const file of this.#files.values()) used += file.size;
    return used;
  }

  /** The bytes of a file, a copy; for assertions. Null when it is not there. */
  content(path: string): Uint8Array<ArrayBuffer> | null {
    const file = this.#files.get(path);
    return file ? file.bytes.slice(0, file.size) : null;
  }

  /** Puts a file there, past the quota and the log. */
  put(path: string, bytes: Uint8Array): void {
    this.#files.set(checkPath(path), { bytes: Uint8Array.from(bytes), size: bytes.length, undo: [], readers: 0, writer: false });
  }

  /** Flips bits of one byte, as a bad disk would. */
  flip(path: string, at: number, mask = 1): void {
    const file = this.#files.get(path);
    if (!file || at >= file.size) throw new Error(`no byte ${at} in ${path}`);
    file.bytes[at] = (file.bytes[at] ?? 0) ^ mask;
  }

  /** The power goes: writes that were not flushed are lost, open files and locks are gone. */
  crash(): void {
    for (const file of this.#files.values()) {
      for (const { at, bytes, size } of file.undo.splice(0).reverse()) {
        file.bytes.set(bytes, at);
        file.size = size;
      }
      file.readers = 0;
      file.writer = false;
    }
    this.#locks.clear();
  }

  async open(path: string, mode: 'read' | 'write'): Promise<StoredFile> {
    await this.#before({ kind: 'open', path: checkPath(path) });
    let file = this.#files.get(path);
    if (!file) {
      if (mode === 'read') throw new StorageError(`${path} is not there.`, { path });
      file = { bytes: new Uint8Array(64), size: 0, undo: [], readers: 0, writer: false };
      this.#files.set(path, file);
    }
    this.#refuseIfOpen(path, mode === 'write');
    if (mode === 'write') file.writer = true;
    else file.readers++;
    return new MemoryFile(path, mode, file, this);
  }

  async size(path: string): Promise<number | null> {
    return this.#files.get(checkPath(path))?.size ?? null;
  }

  async list(folder: string): Promise<string[]> {
    await this.#before({ kind: 'list', path: checkPath(folder) });
    return [...this.#files.keys()]
      .filter(path => path.startsWith(`${folder}/`))
      .map(path => path.slice(folder.length + 1))
      .sort();
  }

  async remove(path: string): Promise<void> {
    await this.#before({ kind: 'remove', path: checkPath(path) });
    const gone = [...this.#files.keys()].filter(name => name === path || name.startsWith(`${path}/`));
    for (const name of gone) this.#refuseIfOpen(name, true);
    for (const name of gone) this.#files.delete(name);
  }

  async replace(path: string, bytes: Uint8Array<ArrayBuffer>): Promise<void> {
    await this.#before({ kind: 'replace', path: checkPath(path), start: 0, end: bytes.length });
    this.#refuseIfOpen(path, true);
    // Old and new bytes are both there for a moment, as with a temporary file that is renamed.
    this.makeRoom(path, bytes.length);
    this.put(path, bytes);
  }

  async space(): Promise<StorageSpace> {
    const usedBytes = this.usedBytes;
    const freeBytes = Number.isFinite(this.quotaBytes) ? Math.max(0, this.quotaBytes - usedBytes) : null;
    return { usedBytes, freeBytes, persisted: this.persisted };
  }

  async persist(): Promise<boolean> {
    this.persisted = this.persists;
    return this.persisted;
  }

  async lock<T>(name: string, work: (held: Storage) => Promise<T>, options?: HoldOptions & { ifAvailable?: false }): Promise<T>;
  async lock<T>(name: string, work: (held: Storage) => Promise<T>, options: HoldOptions & { ifAvailable: true }): Promise<T | null>;
  async lock<T>(
    name: string,
    work: (held: Storage) => Promise<T>,
    options: HoldOptions & { ifAvailable?: boolean } = {},
  ): Promise<T | null> {
    const { signal, ifAvailable = false, onWait } = options;
    for (let tries = 0; this.#locks.has(name); tries++) {
      if (ifAvailable) return null;
      if (tries === 0) onWait?.('another tab');
      await orAbort(this.#locks.get(name) ?? Promise.resolve(), signal);
    }
    if (signal?.aborted) throw abortError(signal);
    const assertHeld = async () => {
      if (this.#locks.get(name) !== held) throw new StorageError(`The lock "${name}" was taken over.`, { lostLock: true });
    };
    // Not before the lock stands there.
    const running = Promise.resolve().then(() => work(fencedStorage(this, assertHeld)));
    const held = running.then(
      () => {},
      () => {},
    );
    this.#locks.set(name, held);
    try {
      return await running;
    } finally {
      if (this.#locks.get(name) === held) this.#locks.delete(name);
    }
  }

  /** Another takes every lock over, as from a holder that was stopped for long. */
  stealLocks(): void {
    this.#locks.clear();
  }

  /** Another process does not see this one's handles. */
  closeAll(): void {
    for (const file of this.#files.values()) Object.assign(file, { writer: false, readers: 0 });
  }

  /** For the open files: logs, and fails where asked to. */
  async before(operation: StorageOperation): Promise<void> {
    await this.#before(operation);
  }

  /** Errors: StorageFullError when `more` bytes do not fit. */
  makeRoom(path: string, more: number): void {
    const freeBytes = Math.max(0, this.quotaBytes - this.usedBytes);
    if (more <= freeBytes) return;
    throw new StorageFullError(`${path} needs ${more} more bytes, and ${freeBytes} are free. Delete a model or free space.`, {
      path,
      neededBytes: more,
      freeBytes,
    });
  }

  async #before(operation: StorageOperation): Promise<void> {
    this.log.push(operation);
    await this.fault?.(operation);
  }

  /** OPFS gives one handle of a file at a time; here readers may share. */
  #refuseIfOpen(path: string, exclusive: boolean): void {
    const file = this.#files.get(path);
    if (file && (file.writer || (exclusive && file.readers > 0)))
      throw new StorageError(`${path} is open elsewhere. Close it there first.`, { path });
  }
}

class MemoryFile implements StoredFile {
  #closed = false;
  constructor(
    readonly path: string,
    readonly mode: 'read' | 'write',
    readonly file: Stored,
    readonly storage: MemoryStorage,
  ) {}

  async size(): Promise<number> {
    this.#check();
    return this.file.size;
  }

  async read(start: number, end: number): Promise<Uint8Array<ArrayBuffer>> {
    this.#check();
    await this.storage.before({ kind: 'read', path: this.path, start, end });
    if (start < 0 || start > end || end > this.file.size)
      throw new StorageError(`${this.path} has ${this.file.size} bytes; ${start} to ${end} were asked for.`, { path: this.path });
    return this.file.bytes.slice(start, end);
  }

  async write(at: number, bytes: Uint8Array<ArrayBuffer>): Promise<void> {
    this.#check('write');
    await this.storage.before({ kind: 'write', path: this.path, start: at, end: at + bytes.length });
    const { file } = this;
    const end = at + bytes.length;
    if (end > file.size) this.storage.makeRoom(this.path, end - file.size);
    if (end > file.bytes.length) {
      const larger = new Uint8Array(Math.max(end, 2 * file.bytes.length));
      larger.set(file.bytes.subarray(0, file.size));
      file.bytes = larger;
    }
    file.undo.push({ at, bytes: file.bytes.slice(at, end), size: file.size });
    file.bytes.set(bytes, at);
    file.size = Math.max(file.size, end);
  }

  async truncate(sizeBytes: number): Promise<void> {
    this.#check('write');
    await this.storage.before({ kind: 'truncate', path: this.path, start: sizeBytes, end: this.file.size });
    const { file } = this;
    if (sizeBytes > file.size) return this.write(file.size, new Uint8Array(sizeBytes - file.size));
    file.undo.push({ at: sizeBytes, bytes: file.bytes.slice(sizeBytes, file.size), size: file.size });
    file.bytes.fill(0, sizeBytes, file.size);
    file.size = sizeBytes;
  }

  async flush(): Promise<void> {
    this.#check('write');
    await this.storage.before({ kind: 'flush', path: this.path });
    this.file.undo.length = 0;
  }

  async close(): Promise<void> {
    if (this.#closed) return;
    this.#closed = true;
    if (this.mode === 'write') this.file.writer = false;
    else this.file.readers = Math.max(0, this.file.readers - 1);
  }

  #check(mode: 'read' | 'write' = 'read'): void {
    if (this.#closed) throw new StorageError(`${this.path} was closed.`, { path: this.path });
    if (mode === 'write' && this.mode !== 'write') throw new StorageError(`${this.path} was opened for reading.`, { path: this.path });
  }
}
