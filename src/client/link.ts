import { DisposedError, errorFromData, InputError, WorkerCrashedError } from '../errors.ts';
import { forCaller } from '../options/caller.ts';
import { shown } from '../options/read.ts';
import { abortError } from '../source/abort.ts';
import type { OnProgress, Progress } from '../types.ts';
import type { Calls, FromWorker, Kind, ToWorker } from '../worker/protocol.ts';

/** The part of `Worker` that the client needs. */
export interface WorkerLike {
  postMessage(message: unknown): void;
  addEventListener(type: 'message' | 'error' | 'messageerror', listener: (event: Event) => void): void;
  terminate(): void;
}

interface Pending {
  kind: Kind;
  resolve(value: unknown): void;
  reject(error: unknown): void;
  onProgress?: OnProgress;
}

interface CallOptions {
  signal?: AbortSignal;
  onProgress?: OnProgress;
  generation?: number;
}

/** Holds one worker at a time, and the pending calls to it. */
export class Link {
  /** Number of the worker, counted up with each new one. Models of an earlier worker no longer exist. */
  generation = 0;
  #worker: WorkerLike | null = null;
  /** The current worker has sent a message, so it did start. */
  #answered = false;
  #terminated = false;
  #lastId = 0;
  readonly #pending = new Map<number, Pending>();
  /** Aborted calls that the worker has not ended yet; if one is a load that still succeeds, its model is disposed. */
  readonly #abandoned = new Map<number, Kind>();
  #onQuiet: (() => void)[] = [];

  readonly #makeWorker: () => WorkerLike;
  readonly #onProgress: OnProgress | undefined;

  constructor(makeWorker: () => WorkerLike, onProgress?: OnProgress) {
    this.#makeWorker = makeWorker;
    this.#onProgress = onProgress;
  }

  /** Whether a model that came from `generation` still exists. */
  isAlive(generation: number): boolean {
    return this.#worker !== null && generation === this.generation;
  }

  /** Starts a worker where none runs, and returns its generation. */
  start(): number {
    if (this.#terminated) throw terminatedError();
    if (this.#worker) return this.generation;
    const worker = this.#makeWorker();
    checkWorker(worker);
    this.#worker = worker;
    this.#answered = false;
    this.generation++;
    worker.addEventListener('message', event => {
      if (this.#worker === worker) this.#receive((event as MessageEvent).data as FromWorker);
    });
    const crashed = (event: Event) => {
      if (this.#worker === worker) this.#crashed('message' in event && typeof event.message === 'string' ? event.message : '');
    };
    worker.addEventListener('error', crashed);
    worker.addEventListener('messageerror', crashed);
    return this.generation;
  }

  /** One call. With `generation`, it is for a model of that worker and no later one. Errors: those of the engine, AbortError at once on `signal`, WorkerCrashedError, DisposedError. */
  async call<K extends Kind>(
    kind: K,
    params: Calls[K]['params'],
    { signal, onProgress, generation }: CallOptions = {},
  ): Promise<Calls[K]['result']> {
    // Calls the request's own listener and the client's; if either throws, only this call ends.
    return forCaller({ signal, onProgress }, own =>
      forCaller({ signal: own.signal, onProgress: this.#onProgress }, all =>
        this.#send(kind, params, {
          signal: all.signal,
          generation,
          onProgress(progress) {
            own.onProgress?.(progress);
            all.onProgress?.(progress);
          },
        }),
      ),
    );
  }

  #send<K extends Kind>(kind: K, params: Calls[K]['params'], { signal, onProgress, generation }: CallOptions): Promise<Calls[K]['result']> {
    return new Promise((resolve, reject) => {
      if (signal?.aborted) return reject(abortError(signal));
      if (generation === undefined) this.start();
      else if (!this.isAlive(generation)) return reject(this.#terminated ? terminatedError() : crashedError('', true));
      const id = ++this.#lastId;
      const abort = () => {
        this.#pending.delete(id);
        this.#abandoned.set(id, kind);
        this.#post({ type: 'cancel', id });
        reject(abortError(signal));
      };
      const done = () => signal?.removeEventListener('abort', abort);
      this.#pending.set(id, {
        kind,
        onProgress,
        resolve: value => {
          done();
          resolve(value as Calls[K]['result']);
        },
        reject: error => {
          done();
          reject(error);
        },
      });
      signal?.addEventListener('abort', abort, { once: true });
      try {
        this.#post({ type: 'call', id, kind, params } as ToWorker);
      } catch (cause) {
        // Something in the parameters cannot be cloned: a function, say.
        this.#take(id)?.reject(
          new InputError(
            `${kind}: an option or text cannot be sent to the worker: ${cause instanceof Error ? cause.message : cause}.`,
            {},
            { cause },
          ),
        );
      }
    });
  }

  /** Resolves when the worker has ended all aborted calls (a paused download saves its state), or after `limitMs`. */
  async quiet(limitMs: number): Promise<void> {
    if (this.#abandoned.size === 0) return;
    let timer: ReturnType<typeof setTimeout> | undefined;
    const limit = new Promise<void>(resolve => {
      timer = setTimeout(resolve, limitMs);
    });
    await Promise.race([limit, new Promise<void>(resolve => this.#onQuiet.push(resolve))]);
    clearTimeout(timer);
  }

  terminate(): void {
    this.#terminated = true;
    this.#end(terminatedError());
  }

  #post(message: ToWorker): void {
    this.#worker?.postMessage(message);
  }

  #receive(message: FromWorker): void {
    this.#answered = true;
    // For whoever listens to the worker: a page that shows what it asked for.
    if (message.type === 'requests') return;
    if (message.type === 'progress') {
      this.#progress(message.id, message.progress);
      return;
    }
    const abandoned = this.#abandoned.get(message.id);
    if (abandoned) {
      this.#abandoned.delete(message.id);
      if (this.#abandoned.size === 0) for (const tell of this.#onQuiet.splice(0)) tell();
      if (message.type === 'result' && abandoned === 'load')
        void this.call('dispose', { model: message.value as number }, { generation: this.generation }).catch(() => {});
      return;
    }
    const pending = this.#take(message.id);
    if (message.type === 'result') pending?.resolve(message.value);
    else pending?.reject(errorFromData(message.error));
  }

  #progress(id: number, progress: Progress): void {
    this.#pending.get(id)?.onProgress?.(progress);
  }

  #take(id: number): Pending | undefined {
    const pending = this.#pending.get(id);
    this.#pending.delete(id);
    return pending;
  }

  #crashed(reason: string): void {
    this.#end(crashedError(reason, this.#answered));
  }

  #end(error: Error): void {
    const worker = this.#worker;
    this.#worker = null;
    worker?.terminate();
    this.#abandoned.clear();
    for (const tell of this.#onQuiet.splice(0)) tell();
    const waiting = [...this.#pending.values()];
    this.#pending.clear();
    for (const pending of waiting) pending.reject(error);
  }
}

/** Errors: InputError if the option `worker` of createClient returned something else than a worker. */
function checkWorker(worker: unknown): asserts worker is WorkerLike {
  const { postMessage, addEventListener, terminate } = (worker ?? {}) as Partial<WorkerLike>;
  if ([postMessage, addEventListener, terminate].every(member => typeof member === 'function')) return;
  throw new InputError(`The option worker of createClient must be a function that returns a Worker, but it returned ${shown(worker)}.`, {
    option: 'worker',
  });
}

function terminatedError(): DisposedError {
  return new DisposedError('The client was terminated. Create a new one.');
}

function crashedError(reason: string, started: boolean): WorkerCrashedError {
  const what = started ? 'The worker stopped' : 'The worker could not start';
  const remedy = started
    ? 'Call again: a new worker starts and loads the model automatically. If it happens again, use a smaller model or shorter texts.'
    : "Check that the page may load its script (address, Content-Security-Policy's worker-src), then call again.";
  return new WorkerCrashedError(`${what}${reason ? `: ${reason}` : ''}. ${remedy}`, { started, reason });
}
