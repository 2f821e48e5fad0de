/** The worker's side: answers the calls of one client with real models. */

import { DisposedError, errorToData } from '../errors.ts';
import type { CalibrateOptions, ImportOptions, LibraryModel, ModelLibrary } from '../library/types.ts';
import { readCall } from '../options/calls.ts';
import { FilesSource, type PickedFile } from '../source/files.ts';
import type { LoadOptions, Model, OnProgress, Progress, SourceLike, VectorIndex } from '../types.ts';
import type { DeviceCheck, TrainingCheck, TrainingCheckOptions, VerifyOptions } from '../verify/types.ts';
import type { Call, Calls, FromWorker, Kind, Settings } from './protocol.ts';

/** What a worker's global scope and a MessagePort have in common. */
export interface Port {
  postMessage(message: unknown, transfer: Transferable[]): void;
  addEventListener(type: 'message', listener: (event: MessageEvent) => void): void;
}

/** The library with what only a browser offers: importing picked files, exporting to a picked folder. */
export interface WorkerLibrary extends ModelLibrary {
  importModel(files: readonly PickedFile[], options: ImportOptions): Promise<LibraryModel>;
  /** A kept model of float weights as another entry: q4, fitted to texts (null: the built-in ones). Errors: those of a GPU and of `importModel`. */
  calibrate(key: string, texts: readonly string[] | null, options: CalibrateOptions): Promise<LibraryModel>;
  /** Writes into the folder; without one, returns the files for the page to save. */
  exportModel(key: string, folder: FileSystemDirectoryHandle | null, options: ImportOptions): Promise<readonly PickedFile[]>;
}

/** The functions that a worker offers; tests pass their own. */
export interface Services {
  load(source: SourceLike, options: LoadOptions, settings: Settings): Promise<Model>;
  /** Errors: StorageError if the browser cannot store files for the page. */
  library(settings: Settings): Promise<WorkerLibrary>;
  verify(options: VerifyOptions, settings: Settings): Promise<DeviceCheck>;
  /** What `affinage train --check` runs. */
  verifyTraining(options: TrainingCheckOptions, settings: Settings): Promise<TrainingCheck[]>;
}

/** Progress of one call is sent at most this often; the end of a stage always. */
const progressEveryMs = 50;

/** Calls whose answers hold typed arrays. */
const withArrays: ReadonlySet<Kind> = new Set(['embed', 'distribution', 'surprisal', 'indexSearch']);

/** Answers the messages of `port` as long as the worker lives. Every message is checked first (`readCall`). Errors go back to the caller as data (`errorToData`); nothing throws here. */
export function serve(port: Port, services: Services): void {
  const models = new Map<number, Model>();
  const running = new Map<number, AbortController>();
  const indexes = new Map<number, { model: number; index: VectorIndex }>();
  let lastModel = 0;
  let lastIndex = 0;

  const send = (message: FromWorker, transfer: Transferable[] = []) => port.postMessage(message, transfer);

  const modelOf = (number: number): Model => {
    const model = models.get(number);
    if (!model) throw new DisposedError('This model was disposed. Load it again.');
    return model;
  };

  const indexOf = (number: number): VectorIndex => {
    const held = indexes.get(number);
    if (!held) throw new DisposedError('This index was disposed, or its model was. Make it anew, and add the vectors again.');
    return held.index;
  };

  async function answer(call: Call, signal: AbortSignal, onProgress: OnProgress): Promise<Calls[Kind]['result']> {
    switch (call.kind) {
      case 'load': {
        const { source, settings, options } = call.params;
        const opened = 'files' in source ? new FilesSource(source.files) : source.name;
        const model = await services.load(opened, { ...options, signal, onProgress }, settings);
        models.set(++lastModel, model);
        return lastModel;
      }
      case 'fillMask': {
        const { text, options } = call.params;
        const model = modelOf(call.params.model);
        const all = { ...options, signal, onProgress };
        return typeof text === 'string' ? model.fillMask(text, all) : model.fillMask(text, all);
      }
      case 'predict': {
        const { text, options } = call.params;
        const model = modelOf(call.params.model);
        const all = { ...options, signal, onProgress };
        return typeof text === 'string' ? model.predict(text, all) : model.predict(text, all);
      }
      case 'fillJointly':
        return modelOf(call.params.model).fillJointly(call.params.text, { ...call.params.options, signal, onProgress });
      case 'distribution':
        return modelOf(call.params.model).distribution(call.params.text, { ...call.params.options, signal, onProgress });
      case 'surprisal':
        return modelOf(call.params.model).surprisal(call.params.text, { ...call.params.options, signal, onProgress });
      case 'indexCreate': {
        const { model, dim } = call.params;
        indexes.set(++lastIndex, { model, index: await modelOf(model).index({ dim, signal }) });
        return lastIndex;
      }
      case 'indexAdd': {
        const index = indexOf(call.params.index);
        await index.add(call.params.vectors);
        return index.rows;
      }
      case 'indexSearch':
        return indexOf(call.params.index).search(call.params.queries, call.params.k, { signal });
      case 'indexDispose': {
        const held = indexes.get(call.params.index);
        indexes.delete(call.params.index);
        await held?.index.dispose();
        return null;
      }
      case 'vocabulary':
        return modelOf(call.params.model).vocabulary();
      case 'embed':
        return modelOf(call.params.model).embed(call.params.texts, { ...call.params.options, signal, onProgress });
      case 'tokenize':
        return modelOf(call.params.model).tokenize(call.params.text, call.params.options);
      case 'estimate':
        return modelOf(call.params.model).estimate(call.params.texts, call.params.options);
      case 'report':
        return modelOf(call.params.model).report();
      case 'dispose': {
        const model = models.get(call.params.model);
        models.delete(call.params.model);
        for (const [number, { model: owner }] of indexes) if (owner === call.params.model) indexes.delete(number);
        await model?.dispose();
        return null;
      }
      case 'verify':
        return services.verify({ ...call.params.options, signal, onProgress }, call.params.settings);
      case 'verifyTraining':
        return services.verifyTraining({ signal, onProgress }, call.params.settings);
      default:
        return answerLibrary(call, await services.library(call.params.settings), signal, onProgress);
    }
  }

  async function run(id: number, message: { kind?: unknown; params?: unknown }): Promise<void> {
    const controller = new AbortController();
    running.set(id, controller);
    try {
      const call = readCall({ id, kind: message.kind, params: message.params });
      const value = await answer(
        call,
        controller.signal,
        throttled(progress => send({ type: 'progress', id, progress })),
      );
      const [sent, transfer] = withArrays.has(call.kind)
        ? movable(value as Calls['embed' | 'distribution' | 'surprisal' | 'indexSearch']['result'])
        : [value, []];
      send({ type: 'result', id, value: sent }, transfer);
    } catch (error) {
      send({ type: 'error', id, error: errorToData(error) });
    } finally {
      running.delete(id);
    }
  }

  port.addEventListener('message', ({ data }) => {
    const message = (typeof data === 'object' && data !== null ? data : {}) as { [K in 'type' | 'id' | 'kind' | 'params']?: unknown };
    const { type, id } = message;
    // Without a number no answer can be addressed.
    if (typeof id !== 'number') return;
    if (type === 'cancel') running.get(id)?.abort(new DOMException('The request was aborted.', 'AbortError'));
    else if (type === 'call') void run(id, message);
  });
}

type LibraryCall =
  Extract<Call, { params: { settings: Settings } }> extends infer C ? Exclude<C, { kind: 'load' | 'verify' | 'verifyTraining' }> : never;

async function answerLibrary(
  call: LibraryCall,
  library: WorkerLibrary,
  signal: AbortSignal,
  onProgress: OnProgress,
): Promise<Calls[LibraryCall['kind']]['result']> {
  switch (call.kind) {
    case 'listModels':
      return library.list();
    case 'librarySpace':
      return library.space();
    case 'pull':
      return library.pull(call.params.name, { ...call.params.options, signal, onProgress });
    case 'checkFiles':
      return library.check(call.params.key, { ...call.params.options, signal, onProgress });
    case 'removeModel':
      await library.remove(call.params.key);
      return null;
    case 'importModel':
      return library.importModel(call.params.files, { ...call.params.options, signal, onProgress });
    case 'calibrateModel':
      return library.calibrate(call.params.key, call.params.texts, { ...call.params.options, signal, onProgress });
    case 'exportModel':
      return library.exportModel(call.params.key, call.params.folder, { signal, onProgress });
  }
}

/** The answer with its arrays, which are moved and not copied; each must be the whole of its buffer. */
function movable<T extends object>(answer: T): [T, Transferable[]] {
  const moved: Transferable[] = [];
  const parts = Object.entries(answer).map(([name, value]: [string, unknown]) => {
    if (!(value instanceof Float32Array || value instanceof Uint32Array)) return [name, value];
    const whole = value.byteLength === value.buffer.byteLength ? value : value.slice();
    moved.push(whole.buffer as ArrayBuffer);
    return [name, whole];
  });
  return [Object.fromEntries(parts) as T, moved];
}

function throttled(send: OnProgress): OnProgress {
  let last: Progress | undefined;
  let lastMs = 0;
  return progress => {
    const now = performance.now();
    if (last && last.stage === progress.stage && progress.done !== progress.total && now - lastMs < progressEveryMs) return;
    last = progress;
    lastMs = now;
    send(progress);
  };
}
