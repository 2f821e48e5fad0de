/**
 * The page's side of the worker: the same `Model` as in the engine, by messages.
 * A request that is aborted rejects at once; a worker that dies is replaced, and its models load again by themselves at their next call.
 */
import type { LoadOptions, Model, OnProgress } from '../engine/types.ts';
import { InputError } from '../errors.ts';
import { FilesSource } from '../source/files.ts';
import type { Settings, SourceData } from '../worker/protocol.ts';
import { defaultWorker } from './default-worker.ts';
import { Link, type WorkerLike } from './link.ts';
import { RemoteModel } from './remote-model.ts';

export interface ClientOptions extends Settings {
  /** Makes the worker; default: the engine of this package. */
  worker?: () => WorkerLike;
  /** Hears the progress of every request. */
  onProgress?: OnProgress;
}

export interface Client {
  /** Loads a model in the worker: hub id, address, `mini`, or picked files. Errors: those of `loadModel`, WorkerCrashedError. */
  load(source: string | FilesSource, options?: LoadOptions): Promise<Model>;
  /** Ends the worker and every model in it; what waits rejects with DisposedError. */
  terminate(): void;
}

/** Starts nothing by itself: the worker starts with the first load. */
export function createClient(options: ClientOptions = {}): Client {
  const { worker = defaultWorker, onProgress, baseUrl = globalThis.location?.href, hub } = options;
  const link = new Link(worker, onProgress);
  return {
    async load(source, loadOptions = {}) {
      const model = new RemoteModel(link, { source: sourceData(source), settings: { baseUrl, hub } }, loadOptions);
      await model.load(loadOptions.signal);
      return model;
    },
    terminate: () => link.terminate(),
  };
}

function sourceData(source: string | FilesSource): SourceData {
  if (typeof source === 'string') return { name: source };
  if (source instanceof FilesSource) return { files: source.files };
  throw new InputError(
    'A worker can load a model by name or address, or from picked files (FilesSource); another kind of source cannot be sent to it. Use loadModel for that.',
  );
}
