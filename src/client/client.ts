/**
 * The page's side of the worker: the same `Model` interface as in the engine, over messages.
 * An aborted request rejects at once. A worker that crashes is replaced, and its models load again at their next call.
 */

import { InputError } from '../errors.ts';
import { readForm } from '../options/calls.ts';
import { type OptionTable, readName, readOptions, shown } from '../options/read.ts';
import { loadTable, progressRule, settingsTable, trainingCheckTable, verifyTable } from '../options/tables.ts';
import { FilesSource } from '../source/files.ts';
import type { LoadOptions, Model, OnProgress } from '../types.ts';
import type { DeviceCheck, TrainingCheck, TrainingCheckOptions, VerifyOptions } from '../verify/types.ts';
import type { Settings, SourceData } from '../worker/protocol.ts';
import { defaultWorker } from './default-worker.ts';
import { Link, type WorkerLike } from './link.ts';
import { RemoteLibrary } from './remote-library.ts';
import { RemoteModel } from './remote-model.ts';

export interface ClientOptions extends Settings {
  /** Makes the worker; default: the engine of this package. */
  worker?: () => WorkerLike;
  /** Called with the progress of every request. */
  onProgress?: OnProgress;
}

export interface Client {
  /** Loads a model in the worker: hub id, address, `mini`, or picked files. Errors: those of `loadModel`, WorkerCrashedError. */
  load(source: string | FilesSource, options?: LoadOptions): Promise<Model>;
  /** The models stored in this browser. */
  readonly library: RemoteLibrary;
  /** Checks this adapter against reference data: every kernel and the embedded model. Errors: NoAdapterError; AbortError. */
  verify(options: VerifyOptions): Promise<DeviceCheck>;
  /** Whether training computes right on this adapter; each check that failed says why. Errors: NoAdapterError, those of a GPU; AbortError. */
  verifyTraining(options?: TrainingCheckOptions): Promise<TrainingCheck[]>;
  /** Resolves when all aborted calls have ended in the worker, at the latest after `limitMs` (default 2000): then `terminate` loses nothing. */
  quiet(limitMs?: number): Promise<void>;
  /** Ends the worker and every model in it; pending calls reject with DisposedError. */
  terminate(): void;
}

const clientTable = {
  ...settingsTable,
  worker: { kind: 'function', instead: ['workerFactory', 'makeWorker'] },
  onProgress: progressRule,
} as const satisfies OptionTable<ClientOptions>;

/** Makes a client. Its worker starts with the first call that needs it. Errors: InputError for options. */
export function createClient(options?: ClientOptions): Client {
  const read = readOptions<ClientOptions>('createClient', clientTable, options);
  const { worker = defaultWorker, onProgress, baseUrl = globalThis.location?.href, hub, token, keep } = read;
  const link = new Link(worker, onProgress);
  const settings = { baseUrl, hub, token, keep };
  return {
    library: new RemoteLibrary(link, settings),
    async verify(given) {
      const { signal, onProgress: onCheck, ...plain } = readForm(readOptions<VerifyOptions>('verify', verifyTable, given));
      return link.call('verify', { settings, options: plain }, { signal, onProgress: onCheck });
    },
    async verifyTraining(given) {
      const { signal, onProgress: onCheck } = readOptions<TrainingCheckOptions>('verifyTraining', trainingCheckTable, given);
      return link.call('verifyTraining', { settings }, { signal, onProgress: onCheck });
    },
    async load(source, given) {
      const { signal, ...plain } = readOptions<LoadOptions>('load', loadTable, given);
      const model = new RemoteModel(link, { source: sourceData(source), settings }, plain);
      await model.load(signal);
      return model;
    },
    quiet: (limitMs = 2000) => link.quiet(limitMs),
    terminate: () => link.terminate(),
  };
}

function sourceData(source: string | FilesSource): SourceData {
  if (typeof source === 'string') return { name: readName('load', 'the name of a model', source) };
  if (source instanceof FilesSource) return { files: source.files };
  throw new InputError(
    `load needs a model: its name, its address, or picked files (FilesSource), not ${shown(source)}. Another kind of source cannot be sent to a worker; use loadModel for that.`,
  );
}
