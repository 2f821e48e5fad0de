/** Models in a folder: atomic replacement by rename, locks between processes by lock files. */
import { constants, type Stats } from 'node:fs';
import { type FileHandle, lstat, mkdir, open, readdir, rename, rm, stat, statfs } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { StorageError, StorageFullError } from '../errors.ts';
import { fencedStorage } from '../library/keeping/fenced-storage.ts';
import type { HoldOptions, Storage, StorageSpace, StoredFile } from '../library/keeping/storage.ts';
import { checkPath } from '../source/path.ts';
import { syncFolder } from './drafts.ts';
import { isCode } from './folder.ts';
import { sweepLocks, withLockFile } from './lock-file.ts';
import { isGone, ownerOf, ownerPattern, ownerTag } from './owner.ts';

/** Mark in the name of a file that is being written to replace another; the tag behind it identifies its process. */
const draftMark = '.draft-';
const draftName = new RegExp(`\\.draft-${ownerPattern}$`);
const locksFolder = 'locks';
/** Windows has no such flag; there, `#plain` checks for links before. */
const noFollow = constants.O_NOFOLLOW ?? 0;

/** Files under one folder, made when the first is written. Errors: StorageError, StorageFullError. */
export class FolderStorage implements Storage {
  readonly name: string;
  #swept: Promise<void> | undefined;

  constructor(folder: string) {
    this.name = folder;
  }

  async open(path: string, mode: 'read' | 'write'): Promise<StoredFile> {
    return this.#guard(path, mode === 'read' ? 'read' : 'written', async () => {
      const full = await this.#plain(path);
      if (mode === 'read') return new OpenFile(path, await open(full, constants.O_RDONLY | noFollow), this);
      await mkdir(dirname(full), { recursive: true });
      const file = await open(full, constants.O_RDWR | constants.O_CREAT | noFollow);
      try {
        await this.#checkOwn(full, await file.stat());
      } catch (error) {
        await file.close();
        throw error;
      }
      return new OpenFile(path, file, this);
    });
  }

  async size(path: string): Promise<number | null> {
    return this.#guard(path, 'read', async () => {
      try {
        const info = await lstat(await this.#plain(path));
        return info.isFile() ? info.size : null;
      } catch (error) {
        if (isCode(error, 'ENOENT', 'ENOTDIR')) return null;
        throw error;
      }
    });
  }

  async list(folder: string): Promise<string[]> {
    await this.#sweep();
    return this.#guard(folder, 'read', async () =>
      (await filesBelow(await this.#plain(folder))).filter(path => !path.includes(draftMark)).sort(),
    );
  }

  async remove(path: string): Promise<void> {
    // Links below it are removed as links; their targets stay.
    await this.#guard(path, 'removed', async () => rm(await this.#plain(path), { recursive: true, force: true, maxRetries: 3 }));
  }

  async replace(path: string, bytes: Uint8Array<ArrayBuffer>): Promise<void> {
    await this.#guard(path, 'written', async () => {
      const full = await this.#plain(path);
      const draft = `${full}${draftMark}${ownerTag()}`;
      await mkdir(dirname(full), { recursive: true });
      try {
        const file = await open(draft, 'wx');
        try {
          await file.writeFile(bytes);
          await file.sync();
        } finally {
          await file.close();
        }
        await rename(draft, full);
      } catch (error) {
        await rm(draft, { force: true }).catch(() => {});
        throw error;
      }
      await syncFolder(dirname(full));
    });
  }

  async space(): Promise<StorageSpace> {
    return this.#guard('', 'read', async () => {
      let usedBytes = 0;
      for (const path of await filesBelow(this.name)) {
        const info = await lstat(join(this.name, path)).catch(() => null); // it may be gone meanwhile
        usedBytes += info?.isFile() ? info.size : 0;
      }
      // The folder may not exist yet; its nearest existing parent is on the same disk.
      for (let folder = this.name; ; folder = dirname(folder)) {
        try {
          const { bavail, bsize } = await statfs(folder);
          return { usedBytes, freeBytes: bavail * bsize, persisted: true };
        } catch (error) {
          if (!isCode(error, 'ENOENT', 'ENOTDIR') || folder === dirname(folder)) return { usedBytes, freeBytes: null, persisted: true };
        }
      }
    });
  }

  async persist(): Promise<boolean> {
    return true;
  }

  lock<T>(name: string, work: (held: Storage) => Promise<T>, options?: HoldOptions & { ifAvailable?: false }): Promise<T>;
  lock<T>(name: string, work: (held: Storage) => Promise<T>, options: HoldOptions & { ifAvailable: true }): Promise<T | null>;
  async lock<T>(
    name: string,
    work: (held: Storage) => Promise<T>,
    options: HoldOptions & { ifAvailable?: boolean } = {},
  ): Promise<T | null> {
    await this.#sweep();
    const failure = (error: unknown) => this.failure(error, locksFolder, 'written');
    const folder = await this.#guard(locksFolder, 'written', () => this.#plain(locksFolder));
    return withLockFile(folder, name, assertHeld => work(fencedStorage(this, assertHeld)), { ...options, failure });
  }

  /** Once: removes the drafts and locks of killed processes. Those that cannot be removed do no harm. */
  #sweep(): Promise<void> {
    this.#swept ??= this.#sweepOnce().catch(() => {});
    return this.#swept;
  }

  async #sweepOnce(): Promise<void> {
    await sweepLocks(await this.#plain(locksFolder));
    for (const path of await filesBelow(this.name)) {
      const match = draftName.exec(path);
      if (match && isGone(ownerOf(match))) await rm(join(this.name, path), { force: true });
    }
  }

  /** Turns a system error into one of affinage's classes; any other value is returned unchanged. */
  async failure(error: unknown, path: string, doing: string): Promise<unknown> {
    if (!isCode(error)) return error;
    const full = path === '' ? this.name : join(this.name, path);
    const code = error.code ?? '';
    if (code === 'ENOSPC' || code === 'EDQUOT') {
      const freeBytes = await statfs(this.name).then(
        ({ bavail, bsize }) => bavail * bsize,
        () => null,
      );
      return new StorageFullError(
        `${full} cannot be written: the disk is full${code === 'EDQUOT' ? ' (your quota is used up)' : ''}. Free space, remove a model (affinage remove), or set AFFINAGE_CACHE to a folder on another disk.`,
        { path, freeBytes },
        { cause: error },
      );
    }
    const remedy =
      code === 'ENOENT' ? 'Another process may have removed it.' : 'Check its permissions, or set AFFINAGE_CACHE to another folder.';
    return new StorageError(`${full} cannot be ${doing} (${code}: ${reasonOf(error)}). ${remedy}`, { path, code }, { cause: error });
  }

  /**
   * The full path, after checking that no part of it below the library's folder is a link, as a link may lead anywhere. The folder itself may be a link.
   * Errors: StorageError naming the link, or what is no file.
   */
  async #plain(path: string): Promise<string> {
    let full = this.name;
    for (const part of checkPath(path).split('/')) {
      full = join(full, part);
      const info = await lstat(full).catch((error: unknown) => {
        if (isCode(error, 'ENOENT', 'ENOTDIR')) return null;
        throw error;
      });
      if (!info) break;
      if (info.isSymbolicLink())
        throw new StorageError(
          `${full} is a link, and affinage follows none in its cache: what it leads to may not be its own. Remove the link; to keep models on another disk, set AFFINAGE_CACHE to a folder there.`,
          { path, link: full },
        );
      // Opening one would block until somebody opens its other end.
      if (info.isFIFO() || info.isSocket()) throw new StorageError(`${full} is no file. Remove it.`, { path });
    }
    return join(this.name, path);
  }

  /** Checks an existing file before it is written into. Errors: StorageError if it has a second name (a hard link) or belongs to another user. */
  async #checkOwn(full: string, info: Stats): Promise<void> {
    if (info.nlink > 1)
      throw new StorageError(`${full} has a second name elsewhere (a hard link): writing here would change it there. Remove it here.`, {
        path: full,
      });
    const own = process.geteuid?.();
    if (own === undefined || info.uid === own || info.uid === (await stat(this.name)).uid) return;
    throw new StorageError(`${full} belongs to another user. Remove it, or set AFFINAGE_CACHE to a folder of your own.`, { path: full });
  }

  async #guard<T>(path: string, doing: string, work: () => Promise<T>): Promise<T> {
    try {
      return await work();
    } catch (error) {
      throw await this.failure(error, path, doing);
    }
  }
}

class OpenFile implements StoredFile {
  #closed = false;
  constructor(
    readonly path: string,
    readonly file: FileHandle,
    readonly storage: FolderStorage,
  ) {}

  async size(): Promise<number> {
    return this.#guard('read', async () => (await this.file.stat()).size);
  }

  async read(start: number, end: number): Promise<Uint8Array<ArrayBuffer>> {
    return this.#guard('read', async () => {
      const out = new Uint8Array(Math.max(0, end - start));
      for (let done = 0; done < out.length; ) {
        const { bytesRead } = await this.file.read(out, done, out.length - done, start + done);
        if (bytesRead === 0) {
          throw new StorageError(
            `${join(this.storage.name, this.path)} ends at byte ${start + done}; bytes ${start} to ${end} were asked for.`,
            { path: this.path, start, end },
          );
        }
        done += bytesRead;
      }
      return out;
    });
  }

  async write(at: number, bytes: Uint8Array<ArrayBuffer>): Promise<void> {
    await this.#guard('written', async () => {
      for (let done = 0; done < bytes.length; ) {
        const { bytesWritten } = await this.file.write(bytes, done, bytes.length - done, at + done);
        done += bytesWritten;
      }
    });
  }

  async truncate(sizeBytes: number): Promise<void> {
    await this.#guard('written', () => this.file.truncate(sizeBytes));
  }

  async flush(): Promise<void> {
    await this.#guard('written', () => this.file.datasync());
  }

  async close(): Promise<void> {
    if (this.#closed) return;
    this.#closed = true;
    await this.#guard('closed', () => this.file.close());
  }

  async #guard<T>(doing: string, work: () => Promise<T>): Promise<T> {
    try {
      return await work();
    } catch (error) {
      throw await this.storage.failure(error, this.path, doing);
    }
  }
}

/** Plain files under a folder, as paths with `/`; none when it is not there. Links are not followed. */
async function filesBelow(folder: string): Promise<string[]> {
  const entries = await readdir(folder, { withFileTypes: true }).catch((error: unknown) => {
    if (isCode(error, 'ENOENT', 'ENOTDIR')) return [];
    throw error;
  });
  const found: string[] = [];
  for (const entry of entries) {
    if (entry.isFile()) found.push(entry.name);
    else if (entry.isDirectory()) found.push(...(await filesBelow(join(folder, entry.name))).map(path => `${entry.name}/${path}`));
  }
  return found;
}

/** `EACCES: permission denied, open '/x'` → `permission denied`. */
function reasonOf(error: NodeJS.ErrnoException): string {
  return /^[A-Z0-9]+: ([^,]+)/.exec(error.message)?.[1] ?? error.message;
}
