/** Writes a model into a folder that appears under its name only when it is whole. */
import { type FileHandle, mkdir, open, readdir, realpath, rename, rm, rmdir, stat } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { InputError, StorageError, StorageFullError } from '../errors.ts';
import { manifestOf } from '../library/entry/manifest.ts';
import { manifestFile } from '../library/entry/places.ts';
import { isModelFile, type ModelSink, type SinkFile } from '../quantize/copy.ts';
import { checkPath } from '../source/path.ts';
import { draftPaths, sweepDrafts, syncFolder } from './drafts.ts';
import { FolderSource, folderPath, isCode } from './folder.ts';

export class DraftFolder implements ModelSink {
  private constructor(
    /** Where the model will be. */
    readonly folder: string,
    readonly draft: string,
    /** Where an existing model is moved to while it is replaced; null when there is none. */
    readonly old: string | null,
    /** The outermost folder that had to be made. */
    readonly made: string,
  ) {}

  /**
   * Makes the draft beside `folder` at once, so that a place that cannot be written is found before any work. What killed processes left
   * there is removed first.
   * `force`: a model in that folder is replaced at the end; a folder with anything else in it is still refused.
   * Errors: InputError for a folder that is in use; StorageError.
   */
  static async create(path: string, { force = false } = {}): Promise<DraftFolder> {
    const asked = folderPath(path);
    try {
      const folder = await realpath(asked).catch((error: unknown) => {
        if (isCode(error, 'ENOENT')) return asked;
        throw error;
      });
      sweepDrafts(dirname(folder));
      const inUse = await contentOf(folder);
      if (inUse.length > 0) await refuseToReplace(folder, inUse, force);
      const { partial, old } = draftPaths(folder);
      if (inUse.length > 0 && old === null)
        throw new InputError(`${folder} has a name that is too long to be replaced safely. Give another folder.`, { path: folder });
      const made = await mkdir(dirname(partial), { recursive: true });
      await mkdir(partial);
      return new DraftFolder(folder, partial, inUse.length > 0 ? old : null, made ?? partial);
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

  /** Renames the draft to the folder's name. */
  async finish(): Promise<void> {
    const parent = dirname(this.folder);
    try {
      for (const folder of await foldersBelow(this.draft)) await syncFolder(folder);
      if (this.old === null) {
        // An empty folder may exist there. One that was filled meanwhile makes the renaming fail.
        if (process.platform === 'win32') await rmdir(this.folder).catch(() => {});
        await rename(this.draft, this.folder);
        return await syncFolder(parent);
      }
      // A process killed between these two leaves both copies: the next run puts the new one in its place (drafts.ts).
      await rename(this.folder, this.old);
      try {
        await rename(this.draft, this.folder);
      } catch (error) {
        await rename(this.old, this.folder);
        throw error;
      }
      await syncFolder(parent);
      await rm(this.old, { recursive: true, force: true });
    } catch (error) {
      throw writeError(error, this.folder);
    }
  }

  /** Removes what was written so far, and the parent folders that were made for it. */
  async discard(): Promise<void> {
    await rm(this.draft, { recursive: true, force: true });
    for (let folder = dirname(this.draft); folder.startsWith(this.made); folder = dirname(folder)) {
      try {
        await rmdir(folder);
      } catch {
        return; // something else was put there meanwhile
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

/** Paths of the files in a folder and below; none when nothing is there. */
async function contentOf(folder: string): Promise<string[]> {
  const info = await stat(folder).catch((error: unknown) => {
    if (isCode(error, 'ENOENT')) return null;
    throw error;
  });
  if (!info) return [];
  if (!info.isDirectory()) throw new InputError(`${folder} is a file. Give a folder that does not exist yet.`, { path: folder });
  const entries = await readdir(folder, { withFileTypes: true });
  const below = entries.map(async entry => {
    if (!entry.isDirectory()) return [entry.name];
    const paths = await contentOf(join(folder, entry.name));
    return paths.length > 0 ? paths.map(path => `${entry.name}/${path}`) : [`${entry.name}/`];
  });
  return (await Promise.all(below)).flat();
}

async function foldersBelow(folder: string): Promise<string[]> {
  const entries = (await readdir(folder, { withFileTypes: true })).filter(entry => entry.isDirectory());
  return [...(await Promise.all(entries.map(entry => foldersBelow(join(folder, entry.name))))).flat(), folder];
}

async function refuseToReplace(folder: string, paths: readonly string[], force: boolean): Promise<void> {
  // An export's manifest lists its files, which may have other names than those that a copy writes.
  const exported = paths.includes(manifestFile) ? await manifestOf(new FolderSource(folder)).catch(() => null) : null;
  const known = new Set([...(exported ? [manifestFile] : []), ...(exported?.files ?? []).map(file => file.path)]);
  const stranger = paths.find(path => !known.has(path) && !isModelFile(path));
  if (stranger !== undefined || !paths.some(path => /^(\d+_\w+\/)?config\.json$/.test(path))) {
    const why = stranger === undefined ? 'without config.json it is no model' : `"${stranger}" is no file of a model`;
    throw new InputError(
      `${folder} holds something already, and only a model may be replaced: ${why}. Give a folder that does not exist yet.`,
      { path: folder },
    );
  }
  if (!force) throw new InputError(`${folder} holds a model already. Give another folder, or --force to replace it.`, { path: folder });
}

/** Turns a system error into one of affinage's classes; any other value is returned unchanged. */
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
    ENAMETOOLONG: 'its name is too long',
    ENOTDIR: 'a part of its path is not a folder',
    ENOTEMPTY: 'something was put there meanwhile',
    EEXIST: 'something was put there meanwhile',
  };
  return new StorageError(`${folder} cannot be written: ${reasons[code] ?? message}. Choose another folder.`, { folder }, options);
}
