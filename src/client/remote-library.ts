/** The library of models, which lives in the worker. */
import type { ImportOptions, LibraryModel, LibrarySpace, ModelLibrary, PullOptions, TransferOptions } from '../library/types.ts';
import type { FilesSource, PickedFile } from '../source/files.ts';
import type { Settings } from '../worker/protocol.ts';
import type { Link } from './link.ts';

/** `ModelLibrary` by messages. Nothing is held here: a worker that died is replaced at the next call, which finds what was kept. */
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

  pull(name: string, { signal, onProgress, ...options }: PullOptions = {}): Promise<LibraryModel> {
    return this.#link.call('pull', { settings: this.#settings, name, options }, { signal, onProgress });
  }

  check(key: string, { signal, onProgress, ...options }: TransferOptions = {}): Promise<LibraryModel> {
    return this.#link.call('checkModel', { settings: this.#settings, key, options }, { signal, onProgress });
  }

  async remove(key: string): Promise<void> {
    await this.#link.call('removeModel', { settings: this.#settings, key });
  }

  /** Keeps a model from files that were picked or dropped; it is checked whole before it counts. Errors: those of a load; StorageError. */
  importModel(files: FilesSource, { signal, onProgress, ...options }: ImportOptions = {}): Promise<LibraryModel> {
    return this.#link.call('importModel', { settings: this.#settings, files: files.files, options }, { signal, onProgress });
  }

  /** Writes the model's files into a folder; without one (not every browser has a folder picker) answers them. */
  exportModel(
    key: string,
    folder: FileSystemDirectoryHandle | null,
    { signal, onProgress }: TransferOptions = {},
  ): Promise<readonly PickedFile[]> {
    return this.#link.call('exportModel', { settings: this.#settings, key, folder }, { signal, onProgress });
  }
}
