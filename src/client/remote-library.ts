/** The library of models, which lives in the worker. */

import { InputError } from '../errors.ts';
import type {
  CalibrateOptions,
  ImportOptions,
  LibraryModel,
  LibrarySpace,
  ModelLibrary,
  PullOptions,
  TransferOptions,
} from '../library/types.ts';
import { readFolder } from '../options/calls.ts';
import { readName, readOptions, shown } from '../options/read.ts';
import { calibrateTable, importTable, pullTable, transferTable } from '../options/tables.ts';
import { FilesSource, type PickedFile } from '../source/files.ts';
import type { Settings } from '../worker/protocol.ts';
import type { Link } from './link.ts';

/** `ModelLibrary` over messages. It holds no state, so a crashed worker is simply replaced at the next call. */
export class RemoteLibrary implements ModelLibrary {
  readonly #link: Link;
  readonly #settings: Settings;

  constructor(link: Link, settings: Settings) {
    this.#link = link;
    this.#settings = settings;
  }

  list(): Promise<LibraryModel[]> {
    return this.#link.call('listModels', { settings: this.#settings });
  }

  space(): Promise<LibrarySpace> {
    return this.#link.call('librarySpace', { settings: this.#settings });
  }

  async pull(given: string, asked?: PullOptions): Promise<LibraryModel> {
    const { signal, onProgress, ...options } = readOptions<PullOptions>('pull', pullTable, asked);
    const name = readName('pull', 'the name of a model', given);
    return this.#link.call('pull', { settings: this.#settings, name, options }, { signal, onProgress });
  }

  async check(given: string, asked?: TransferOptions): Promise<LibraryModel> {
    const { signal, onProgress, ...options } = readOptions<TransferOptions>('check', transferTable, asked);
    const key = readName('check', 'the key of an entry', given);
    return this.#link.call('checkFiles', { settings: this.#settings, key, options }, { signal, onProgress });
  }

  async remove(given: string): Promise<void> {
    const key = readName('remove', 'the key of an entry', given);
    await this.#link.call('removeModel', { settings: this.#settings, key });
  }

  /** Stores a model from picked or dropped files, after checking all of it. Errors: those of a load; StorageError. */
  async importModel(files: FilesSource, asked?: ImportOptions): Promise<LibraryModel> {
    const { signal, onProgress, ...options } = readOptions<ImportOptions>('importModel', importTable, asked);
    if (!(files instanceof FilesSource))
      throw new InputError(`importModel takes picked files as a FilesSource, not ${shown(files)}. Give new FilesSource(files).`);
    return this.#link.call('importModel', { settings: this.#settings, files: files.files, options }, { signal, onProgress });
  }

  /** Makes a q4 copy of a kept model of float weights, fitted to `texts` (null: the built-in ones). Errors: those of a GPU; StorageError. */
  async calibrate(given: string, texts: readonly string[] | null, asked?: CalibrateOptions): Promise<LibraryModel> {
    const { signal, onProgress, ...options } = readOptions<CalibrateOptions>('calibrate', calibrateTable, asked);
    const key = readName('calibrate', 'the key of an entry', given);
    return this.#link.call('calibrateModel', { settings: this.#settings, key, texts, options }, { signal, onProgress });
  }

  /** Writes the model's files into a folder; without one (not every browser has a folder picker) returns the files. */
  async exportModel(given: string, into: FileSystemDirectoryHandle | null = null, asked?: TransferOptions): Promise<readonly PickedFile[]> {
    const { signal, onProgress } = readOptions<TransferOptions>('exportModel', transferTable, asked);
    const key = readName('exportModel', 'the key of an entry', given);
    const folder = readFolder(into);
    return this.#link.call('exportModel', { settings: this.#settings, key, folder }, { signal, onProgress });
  }
}
