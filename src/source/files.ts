/** Files that a person picked or dropped in a page. Nothing is read before the engine asks for it. */
import { InputError, ModelSourceError } from '../errors.ts';
import { abortError } from './abort.ts';
import { checkPath } from './path.ts';
import type { ModelSource, SourceFile } from './source.ts';

/** One picked file; `path` may hold folders (`my-model/config.json`). Kept as a field, as posting a File to a worker loses its folder path. */
export interface PickedFile {
  path: string;
  blob: Blob;
}

/** Where a folder picker or a drop puts the path of a file; plain picks leave it empty. */
type FileWithPath = File & { readonly webkitRelativePath?: string };

/**
 * A source over picked files. The model's folder is the one that holds the shallowest config.json or modules.json, so a folder dropped
 * with its parents works; files outside it are ignored. Errors: ModelSourceError when two folders qualify, InputError for what are no files.
 */
export class FilesSource implements ModelSource {
  readonly name: string;
  /** All files as given, to make the same source again in a worker. */
  readonly files: readonly PickedFile[];
  readonly #byPath: ReadonlyMap<string, Blob>;

  constructor(files: Iterable<File | PickedFile>) {
    this.files = readFiles(files);
    const root = rootOf(this.files.map(file => clean(file.path)));
    const byPath = new Map<string, Blob>();
    for (const { path, blob } of this.files) {
      const full = clean(path);
      if (full.startsWith(root)) byPath.set(full.slice(root.length), blob);
    }
    this.#byPath = byPath;
    this.name = root === '' ? `${this.files.length} ${this.files.length === 1 ? 'file' : 'files'}` : root.slice(0, -1);
  }

  async has(path: string, signal?: AbortSignal): Promise<boolean> {
    if (signal?.aborted) throw abortError(signal);
    return this.#byPath.has(checkPath(path));
  }

  async open(path: string, signal?: AbortSignal): Promise<SourceFile> {
    if (signal?.aborted) throw abortError(signal);
    const blob = this.#byPath.get(checkPath(path));
    if (!blob) {
      const known = [...this.#byPath.keys()].slice(0, 20).join(', ') || 'none';
      throw new ModelSourceError(
        `The picked files (${this.name}) do not hold ${path}. Pick the whole folder of the model. Files there: ${known}.`,
        {
          path,
          source: this.name,
        },
      );
    }
    return new BlobFile(path, blob, this.name);
  }
}

class BlobFile implements SourceFile {
  readonly sizeBytes: number;
  constructor(
    readonly path: string,
    readonly blob: Blob,
    readonly source: string,
  ) {
    this.sizeBytes = blob.size;
  }

  async read(start: number, end: number, signal?: AbortSignal): Promise<Uint8Array<ArrayBuffer>> {
    if (signal?.aborted) throw abortError(signal);
    checkRange(this, start, end, this.source);
    let bytes: Uint8Array<ArrayBuffer>;
    try {
      bytes = new Uint8Array(await this.blob.slice(start, end).arrayBuffer());
    } catch (cause) {
      throw new ModelSourceError(
        `${this.path} can no longer be read: it was moved, changed or locked since it was picked. Pick it again.`,
        { path: this.path },
        { cause },
      );
    }
    if (signal?.aborted) throw abortError(signal);
    if (bytes.length !== end - start) {
      throw new ModelSourceError(
        `${this.path} gave ${bytes.length} bytes instead of ${end - start}: it changed since it was picked. Pick it again.`,
        { path: this.path },
      );
    }
    return bytes;
  }
}

/** Errors: ModelSourceError with the sizes for a range outside the file, which usually means a truncated file. */
export function checkRange(file: { path: string; sizeBytes: number }, start: number, end: number, source: string): void {
  if (Number.isSafeInteger(start) && Number.isSafeInteger(end) && start >= 0 && start <= end && end <= file.sizeBytes) return;
  throw new ModelSourceError(
    `${file.path} of ${source} has ${file.sizeBytes} bytes, but bytes ${start} to ${end} were asked for. The file is truncated: fetch it again.`,
    { path: file.path, sizeBytes: file.sizeBytes, start, end },
  );
}

function readFiles(given: unknown): PickedFile[] {
  const wrong = (cause?: unknown) =>
    new InputError('FilesSource takes picked files: a list of File objects, or of { path, blob } with a Blob each.', {}, { cause });
  try {
    if (typeof given !== 'object' || given === null || !(Symbol.iterator in given)) throw wrong();
    return [...(given as Iterable<unknown>)].map(file => {
      if (typeof file !== 'object' || file === null) throw wrong();
      const { path, blob } =
        'blob' in file
          ? (file as PickedFile)
          : { path: (file as FileWithPath).webkitRelativePath || (file as File).name, blob: file as Blob };
      if (typeof path !== 'string' || typeof blob?.size !== 'number' || typeof blob.slice !== 'function') throw wrong();
      return { path, blob };
    });
  } catch (error) {
    throw error instanceof InputError ? error : wrong(error);
  }
}

function clean(path: string): string {
  return path.replaceAll('\\', '/').replace(/^(\.?\/)+/, '');
}

/** Folder of the shallowest config.json with a trailing `/`; without any, the folders that all paths share. */
function rootOf(paths: readonly string[]): string {
  // A sentence-transformers folder may have a config.json only in the folders of its parts: modules.json is at its top.
  const folders = paths.flatMap(path => (/(^|\/)(config|modules)\.json$/.test(path) ? [path.slice(0, path.lastIndexOf('/') + 1)] : []));
  if (folders.length > 0) {
    const depth = (folder: string) => folder.split('/').length;
    const least = Math.min(...folders.map(depth));
    const roots = [...new Set(folders.filter(folder => depth(folder) === least))];
    if (roots.length > 1) {
      const list = roots.map(root => root || '(top)').join(', ');
      throw new ModelSourceError(`Several models were picked together: ${list}. Pick the folder of one model.`, { folders: roots });
    }
    return roots[0] ?? '';
  }
  const [first = '', ...rest] = paths;
  let shared = first.slice(0, first.lastIndexOf('/') + 1);
  while (shared !== '' && !rest.every(path => path.startsWith(shared)))
    shared = shared.slice(0, shared.lastIndexOf('/', shared.length - 2) + 1);
  return shared;
}
