/** Files of a Storage as a ModelSource. It checks nothing: it is used right after the bytes were verified. */
import { ModelSourceError } from '../../errors.ts';
import { checkRange } from '../../source/files.ts';
import { checkPath } from '../../source/path.ts';
import type { ModelSource, SourceFile } from '../../source/source.ts';
import type { Storage } from './storage.ts';

export class StoredSource implements ModelSource {
  readonly name: string;
  readonly #storage: Storage;
  readonly #folder: string;
  readonly #files: ReadonlySet<string>;

  /** `files`: the paths that belong to the model; other files of the folder are ignored. */
  constructor(storage: Storage, folder: string, files: Iterable<string>, name: string) {
    this.#storage = storage;
    this.#folder = folder;
    this.#files = new Set(files);
    this.name = name;
  }

  async has(path: string, signal?: AbortSignal): Promise<boolean> {
    signal?.throwIfAborted();
    return this.#files.has(checkPath(path));
  }

  async open(path: string, signal?: AbortSignal): Promise<SourceFile> {
    signal?.throwIfAborted();
    if (!this.#files.has(checkPath(path))) {
      throw new ModelSourceError(`${this.name} has no ${path}. Files there: ${[...this.#files].join(', ')}.`, { path, source: this.name });
    }
    const full = `${this.#folder}/${path}`;
    const sizeBytes = await this.#storage.size(full);
    if (sizeBytes === null)
      throw new ModelSourceError(`${path} of ${this.name} is gone from ${this.#storage.name}.`, { path, source: this.name });
    const read = async (start: number, end: number, readSignal?: AbortSignal): Promise<Uint8Array<ArrayBuffer>> => {
      readSignal?.throwIfAborted();
      checkRange({ path, sizeBytes }, start, end, this.name);
      const bytes = await readStored(this.#storage, full, start, end);
      readSignal?.throwIfAborted();
      return bytes;
    };
    return { path, sizeBytes, read };
  }
}

/** Bytes [start, end) of a stored file. Opens and closes it for this read, so that nothing stays open when a load is aborted. */
export async function readStored(storage: Storage, path: string, start: number, end: number): Promise<Uint8Array<ArrayBuffer>> {
  const file = await storage.open(path, 'read');
  try {
    return await file.read(start, end);
  } finally {
    await file.close();
  }
}
