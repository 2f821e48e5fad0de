/**
 * The page's side of the worker: the same `Model` as in the engine, by messages.
 * A request that is aborted rejects at once; a worker that dies is replaced, and its models load again by themselves at their next call.
 */
import type { LoadOptions, Model, OnProgress } from '../engine/types.ts';
import { InputError } from '../errors.ts';
import { FilesSource } from '../source/files.ts';
import type { DeviceCheck, VerifyOptions } from '../verify/types.ts';
import type { Settings, SourceData } from '../worker/protocol.ts';
import { defaultWorker } from './default-worker.ts';
import { Link, type WorkerLike } from './link.ts';
import { RemoteLibrary } from './remote-library.ts';
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
  /** The models kept on this machine. */
  readonly library: RemoteLibrary;
  /** Checks this adapter against reference data: every kernel and the embedded model. Errors: NoAdapterError; AbortError. */
  verify(options: VerifyOptions): Promise<DeviceCheck>;
  /** Resolves when the worker has ended what was aborted, at the latest after `limitMs` (default 2000): then `terminate` loses nothing. */
  quiet(limitMs?: number): Promise<void>;
  /** Ends the worker and every model in it; what waits rejects with DisposedError. */
  terminate(): void;
}

/** Starts nothing by itself: the worker starts with the first load. */
export function createClient(options: ClientOptions = {}): Client {
  const { worker = defaultWorker, onProgress, baseUrl = globalThis.location?.href, hub, token, keep } = options;
  const link = new Link(worker, onProgress);
  const settings = { baseUrl, hub, token, keep };
  return {
    library: new RemoteLibrary(link, settings),
    verify: ({ signal, onProgress: onCheck, ...plain }) =>
      link.call('verify', { settings, options: plain }, { signal, onProgress: onCheck }),
    async load(source, loadOptions = {}) {
      const model = new RemoteModel(link, { source: sourceData(source), settings }, loadOptions);
      await model.load(loadOptions.signal);
      return model;
    },
    quiet: (limitMs = 2000) => link.quiet(limitMs),
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
