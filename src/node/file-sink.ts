/** Writes a model into a folder that appears under its name only when it is whole. */
import { type FileHandle, mkdir, open, readdir, realpath, rename, rm, rmdir, stat } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { InputError, StorageError, StorageFullError } from '../errors.ts';
import { isModelFile, type ModelSink, type SinkFile } from '../quantize/copy.ts';
import { checkPath } from '../source/path.ts';
import { folderPath, isCode } from './folder.ts';

export class DraftFolder implements ModelSink {
  private constructor(
    /** Where the model will be. */
    readonly folder: string,
    readonly draft: string,
    /** A model there that gives way in the end. */
    readonly replaces: boolean,
    /** The outermost folder that had to be made. */
    readonly made: string,
  ) {}

  /**
   * Makes the draft beside `folder` at once, so that a place that cannot be written is known before any work.
   * `force`: a model in that folder is replaced in the end; one that holds anything else is refused all the same.
   * Errors: InputError for a folder that is in use; StorageError.
   */
  static async create(path: string, { force = false } = {}): Promise<DraftFolder> {
    const asked = folderPath(path);
    try {
      const folder = await realpath(asked).catch((error: unknown) => {
        if (isCode(error, 'ENOENT')) return asked;
        throw error;
      });
      const inUse = await contentOf(folder);
      if (inUse.length > 0) refuseToReplace(folder, inUse, force);
      const draft = join(dirname(folder), `.${basename(folder)}.${process.pid}.partial`);
      await rm(draft, { recursive: true, force: true });
      const made = (await mkdir(draft, { recursive: true })) ?? draft;
      return new DraftFolder(folder, draft, inUse.length > 0, made);
    } catch (error) {
      throw writeError(error, asked);
    }
  }

  async create(path: string, sizeBytes: number): Promise<SinkFile> {
    const full = join(this.draft, checkPath(path));
    try {
      await mkdir(dirname(full), { recursive: true });
      const file = await open(full, 'wx');
      return { write: (at, bytes) => this.#write(file, at, bytes), close: () => this.#close(file, path, sizeBytes) };
    } catch (error) {
      throw writeError(error, this.folder);
    }
  }

  /** Puts the folder under its name; from here on it is whole. */
  async finish(): Promise<void> {
    try {
      if (!this.replaces) {
        // An empty folder may stand there; a full one makes the renaming fail, as it came since.
        await rmdir(this.folder).catch(() => {});
        return await rename(this.draft, this.folder);
      }
      const old = `${this.draft}.old`;
      await rename(this.folder, old);
      try {
        await rename(this.draft, this.folder);
      } catch (error) {
        await rename(old, this.folder);
        throw error;
      }
      await rm(old, { recursive: true, force: true });
    } catch (error) {
      throw writeError(error, this.folder);
    }
  }

  /** Removes what was written so far, and the folders above that were made for it. */
  async discard(): Promise<void> {
    await rm(this.draft, { recursive: true, force: true });
    for (let folder = dirname(this.draft); folder.startsWith(this.made); folder = dirname(folder)) {
      try {
        await rmdir(folder);
      } catch {
        return; // somebody put something there meanwhile
      }
    }
  }

  async #write(file: FileHandle, at: number, bytes: Uint8Array): Promise<void> {
    try {
      for (let done = 0; done < bytes.length; ) {
        const { bytesWritten } = await file.write(bytes, done, bytes.length - done, at + done);
        done += bytesWritten;
      }
    } catch (error) {
      throw writeError(error, this.folder);
    }
  }

  /** Resolves when the bytes would survive a crash: the renaming must not be on the disk before them. */
  async #close(file: FileHandle, path: string, sizeBytes: number): Promise<void> {
    try {
      await file.sync();
      const { size } = await file.stat();
      if (size !== sizeBytes)
        throw new StorageError(`${path} in ${this.folder} has ${size} bytes instead of ${sizeBytes}. Check the disk.`, { path });
    } catch (error) {
      throw writeError(error, this.folder);
    } finally {
      await file.close();
    }
  }
}

/** Names in a folder; none when nothing is there. */
async function contentOf(folder: string): Promise<string[]> {
  const info = await stat(folder).catch((error: unknown) => {
    if (isCode(error, 'ENOENT')) return null;
    throw error;
  });
  if (!info) return [];
  if (!info.isDirectory()) throw new InputError(`${folder} is a file. Give a folder that does not exist yet.`, { path: folder });
  return readdir(folder);
}

function refuseToReplace(folder: string, names: readonly string[], force: boolean): void {
  const stranger = names.find(name => !isModelFile(name));
  if (stranger !== undefined || !names.includes('config.json')) {
    const why = stranger === undefined ? 'without config.json it is no model' : `"${stranger}" is no file of a model`;
    throw new InputError(
      `${folder} holds something already, and only a model may be replaced: ${why}. Give a folder that does not exist yet.`,
      { path: folder },
    );
  }
  if (!force) throw new InputError(`${folder} holds a model already. Give another folder, or --force to replace it.`, { path: folder });
}

/** An error of the system as one of ours; anything else as it is. */
function writeError(error: unknown, folder: string): unknown {
  if (!isCode(error)) return error;
  const { code = '', message } = error;
  const options = { cause: error };
  if (code === 'ENOSPC' || code === 'EDQUOT')
    return new StorageFullError(
      `${folder} cannot be written: the disk is full. Free some space, or choose a folder on another disk.`,
      {},
      options,
    );
  const reasons: Record<string, string> = {
    EACCES: 'permission denied',
    EPERM: 'permission denied',
    EROFS: 'the disk is read-only',
    ENOTDIR: 'a part of its path is not a folder',
    ENOTEMPTY: 'something was put there meanwhile',
    EEXIST: 'something was put there meanwhile',
  };
  return new StorageError(`${folder} cannot be written: ${reasons[code] ?? message}. Choose another folder.`, { folder }, options);
}
