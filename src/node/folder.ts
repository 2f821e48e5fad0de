/** A model in a local folder. */
import { type FileHandle, open, stat } from 'node:fs/promises';
import { homedir } from 'node:os';
import { join, resolve } from 'node:path';
import { ModelSourceError } from '../errors.ts';
import { abortError } from '../source/abort.ts';
import { checkRange } from '../source/files.ts';
import { checkPath } from '../source/path.ts';
import type { ModelSource, SourceFile } from '../source/source.ts';

/** One read call of the system takes at most 2 GiB; smaller parts also let an abort through. */
const partBytes = 64 * 2 ** 20;

/** `~` and `~/x` → the home folder, relative → absolute. */
export function folderPath(text: string): string {
  return resolve(text === '~' || /^~[/\\]/.test(text) ? join(homedir(), text.slice(1)) : text);
}

/** Files under a folder, which must exist by the time the first file is opened. Errors: ModelSourceError. */
export class FolderSource implements ModelSource {
  readonly name: string;
  readonly #folder: string;

  constructor(folder: string, name?: string) {
    this.#folder = folderPath(folder);
    this.name = name ?? this.#folder;
  }

  async has(path: string, signal?: AbortSignal): Promise<boolean> {
    if (signal?.aborted) throw abortError(signal);
    const info = await this.#stat(path);
    if (!info) await this.#checkFolder();
    return info?.isFile() ?? false;
  }

  async open(path: string, signal?: AbortSignal): Promise<SourceFile> {
    if (signal?.aborted) throw abortError(signal);
    const info = await this.#stat(path);
    if (info?.isFile()) return new FolderFile(path, join(this.#folder, path), info.size, this.name);
    await this.#checkFolder();
    throw new ModelSourceError(
      `${path} is ${info ? 'not a file' : 'missing'} in ${this.#folder}. Give the folder that holds the complete model.`,
      { path, source: this.name },
    );
  }

  /** Checks the folder first, as an error about a missing file would mislead if the whole folder is missing. */
  async #checkFolder(): Promise<void> {
    const folder = await stat(this.#folder).catch(() => null);
    const details = { source: this.name };
    if (!folder) throw new ModelSourceError(`The folder ${this.#folder} does not exist. Give the folder that holds config.json.`, details);
    if (!folder.isDirectory()) throw new ModelSourceError(`${this.#folder} is a file. Give the folder that holds config.json.`, details);
  }

  /** Null when nothing is there; any other failure (no permission …) throws. */
  async #stat(path: string) {
    try {
      return await stat(join(this.#folder, checkPath(path)));
    } catch (error) {
      if (isCode(error, 'ENOENT', 'ENOTDIR')) return null;
      if (!(error instanceof Error && 'code' in error)) throw error;
      throw new ModelSourceError(
        `${path} in ${this.#folder} cannot be read: ${error.message}. Check its permissions.`,
        { path, source: this.name },
        { cause: error },
      );
    }
  }
}

/** Opens the file for each read, so that nothing stays open when a load fails half-way. */
class FolderFile implements SourceFile {
  constructor(
    readonly path: string,
    readonly fullPath: string,
    readonly sizeBytes: number,
    readonly source: string,
  ) {}

  async read(start: number, end: number, signal?: AbortSignal): Promise<Uint8Array<ArrayBuffer>> {
    if (signal?.aborted) throw abortError(signal);
    checkRange(this, start, end, this.source);
    const out = new Uint8Array(end - start);
    let file: FileHandle | undefined;
    try {
      file = await open(this.fullPath, 'r');
      for (let done = 0; done < out.length; ) {
        const { bytesRead } = await file.read(out, done, Math.min(partBytes, out.length - done), start + done);
        if (signal?.aborted) throw abortError(signal);
        if (bytesRead === 0)
          throw new ModelSourceError(`${this.fullPath} became shorter while it was read. Load the model again.`, { path: this.path });
        done += bytesRead;
      }
    } catch (error) {
      if (!isCode(error)) throw error;
      throw new ModelSourceError(
        `${this.fullPath} cannot be read: ${error.message}.`,
        { path: this.path, source: this.source },
        { cause: error },
      );
    } finally {
      await file?.close();
    }
    return out;
  }
}

/** An error of the system, with one of these codes when any is given. DOMException has a numeric `code` and is not one. */
export function isCode(error: unknown, ...codes: string[]): error is NodeJS.ErrnoException {
  return error instanceof Error && 'code' in error && typeof error.code === 'string' && (codes.length === 0 || codes.includes(error.code));
}
