/**
 * Where a library stores its bytes: OPFS in a browser, a folder in Node, memory in tests. The interface is small on purpose: resuming,
 * hashes, and the rule that a model is whole or absent are implemented above it once, in the library.
 *
 * Paths are relative, parts joined by `/`; every part is a plain name (`checkPath` of source/path.ts).
 */
export interface Storage {
  /** Shown to people: a folder's path, `this browser`. */
  readonly name: string;
  /**
   * Opens a file for writing (made if absent, folders too) or reading. One writer at a time: callers hold a lock.
   * Errors: StorageError when it is absent or refused, StorageFullError.
   */
  open(path: string, mode: 'read' | 'write'): Promise<StoredFile>;
  /** Bytes of a file; null when it is not there. */
  size(path: string): Promise<number | null>;
  /** Files under a folder and below, as paths relative to the folder, sorted; none when it is not there. */
  list(folder: string): Promise<string[]>;
  /** Removes a file, or a folder with all in it. No error when there is none. */
  remove(path: string): Promise<void>;
  /** Replaces a small file atomically: after a crash it holds the old bytes or the new ones, never a part. */
  replace(path: string, bytes: Uint8Array<ArrayBuffer>): Promise<void>;
  /** Used and free bytes. Null where the place does not report them. */
  space(): Promise<StorageSpace>;
  /** Asks that the browser does not clear it by itself; true where it will not (always in Node). */
  persist(): Promise<boolean>;
  /**
   * Runs `work` while nobody else (another tab, another process) holds the lock `name`: Web Locks, or a lock file.
   * `held` is this storage for as long as the lock is held: once another process has taken it over, every change through `held` throws a
   * StorageError with `lostLock` in its details. Waits for the lock; with `ifAvailable` it returns null instead of waiting.
   * Errors: those of `work`; the signal's reason while waiting.
   */
  lock<T>(name: string, work: (held: Storage) => Promise<T>, options?: HoldOptions & { ifAvailable?: false }): Promise<T>;
  lock<T>(name: string, work: (held: Storage) => Promise<T>, options: HoldOptions & { ifAvailable: true }): Promise<T | null>;
}

export interface HoldOptions {
  signal?: AbortSignal;
  /** Called once if the lock must be waited for, with its holder as far as that is known. */
  onWait?: (holder: string) => void;
}

export interface StorageSpace {
  /** Bytes used by this library's place and bytes it may still take. */
  usedBytes: number | null;
  freeBytes: number | null;
  persisted: boolean;
}

/** An open file. Positions and sizes in bytes. `close` it in any case. */
export interface StoredFile {
  readonly path: string;
  size(): Promise<number>;
  /** Bytes [start, end). Shorter than asked is a StorageError. */
  read(start: number, end: number): Promise<Uint8Array<ArrayBuffer>>;
  /** Writes at a position; a gap before it is filled with zeros. Errors: StorageFullError (quota, full disk), StorageError. */
  write(at: number, bytes: Uint8Array<ArrayBuffer>): Promise<void>;
  truncate(sizeBytes: number): Promise<void>;
  /** Resolves when the bytes would survive a crash. */
  flush(): Promise<void>;
  close(): Promise<void>;
}
