/** The library of models in a browser: over OPFS, with import from picked files and export to a picked folder. */
import { StorageError } from '../errors.ts';
import { Library } from '../library/library.ts';
import type { ImportOptions, LibraryModel, PullOptions, TransferOptions } from '../library/types.ts';
import type { ModelSink } from '../quantize/copy.ts';
import { gpuRows } from '../quantize/gpu-rows.ts';
import { FilesSource, type PickedFile } from '../source/files.ts';
import { browserGpu } from './browser-gpu.ts';
import type { WorkerLibrary } from './host.ts';
import { opfsStorage } from './opfs-storage.ts';
import type { Settings } from './protocol.ts';

/** Put in by the build from package.json. */
declare const __AFFINAGE_VERSION__: string;

/** Null if this browser cannot store files for the page. */
export async function openLibrary({ hub, token }: Settings): Promise<Library | null> {
  const storage = await opfsStorage();
  if (!storage) return null;
  const { quantizeRows } = gpuRows({ gpu: browserGpu });
  return new Library({ storage, hub, http: { token }, version: __AFFINAGE_VERSION__, quantizeRows });
}

/** Errors: StorageError if this browser cannot store files for the page. */
export async function browserLibrary(settings: Settings): Promise<WorkerLibrary> {
  const library = await openLibrary(settings);
  if (!library) {
    throw new StorageError(
      'This browser keeps no models for this page: in a private window it may refuse to. Open the page in an ordinary window, or use a model without keeping it.',
    );
  }
  return {
    list: () => library.list(),
    space: () => library.space(),
    pull: (name: string, options?: PullOptions) => library.pull(name, options),
    check: (key: string, options?: TransferOptions) => library.check(key, options),
    remove: (key: string) => library.remove(key),
    importModel: (files: readonly PickedFile[], options: ImportOptions): Promise<LibraryModel> =>
      library.importFrom(new FilesSource(files), options),
    async calibrate(key, texts, { name, signal, onProgress }) {
      // Large, and seldom asked for.
      const { calibratedSource } = await import('../quantize/calibrated-source.ts');
      const { model, dispose } = await calibratedSource({ gpu: browserGpu }, await library.open(key), {
        texts: texts ?? undefined,
        signal,
      });
      try {
        // Its weights are q4 already, and are kept as they are.
        return await library.importFrom(model, { name, dtype: 'original', signal, onProgress });
      } finally {
        dispose();
      }
    },
    async exportModel(key, folder, options) {
      const files: PickedFile[] = [];
      const name = (await library.list()).find(entry => entry.key === key)?.name ?? key;
      const sink = folder ? folderSink(await folder.getDirectoryHandle(folderName(name), { create: true })) : blobSink(files);
      await library.export(key, sink, options);
      return files;
    },
  };
}

/** `owner/name@revision` → `name@revision`, as the name of a folder. */
function folderName(name: string): string {
  return (
    (name.replace(/\/+$/, '').split('/').at(-1) ?? '')
      .replace(/[^\w.@-]+/g, '-')
      .replace(/^\.+/, '')
      .slice(0, 100) || 'model'
  );
}

/** Each file appears under its name when it is whole, as the browser writes to another file until `close`. */
function folderSink(folder: FileSystemDirectoryHandle): ModelSink {
  return {
    async create(path) {
      const stream = await (await folder.getFileHandle(path, { create: true })).createWritable();
      return { write: (position, data) => stream.write({ type: 'write', position, data }), close: () => stream.close() };
    },
  };
}

/** Collects the parts of each file in Blobs, whose bytes the browser keeps outside of this thread's memory. */
function blobSink(files: PickedFile[]): ModelSink {
  return {
    async create(path) {
      const parts: Blob[] = [];
      return {
        write: async (_, data) => void parts.push(new Blob([data])),
        close: async () => void files.push({ path, blob: new Blob(parts) }),
      };
    },
  };
}
