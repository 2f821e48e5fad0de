/**
 * Starts the engine's worker under the page's own security policy. A worker gets its policy from the headers of its script. Many static
 * hosts send none, and then the worker, which is what fetches models, would have no policy at all. A worker made from a blob has the
 * policy of the page that made it. That is the second choice, as in Firefox no service worker answers its requests: it is used only
 * online, and only if the host sends no policy.
 */
import type { WorkerLike } from '../../client/link.ts';
import address from '../../worker/engine.worker.ts?worker&url';
import { watchWorkerRequests } from '../lib/requests.ts';

/** A new engine worker. */
export function pageWorker(): WorkerLike {
  const url = new URL(address, document.baseURI).href;
  return new LateWorker(lacksPolicy(url).then(lacks => (lacks ? blobWorker(url) : plainWorker(url))));
}

let known: Promise<boolean> | undefined;

/** Asked once for each page; with GET, as the service worker answers that without a network. */
function lacksPolicy(url: string): Promise<boolean> {
  known ??= fetch(url).then(
    response => {
      void response.body?.cancel();
      return response.ok && !response.headers.has('Content-Security-Policy');
    },
    () => false, // Nothing can be sent elsewhere either.
  );
  return known;
}

function plainWorker(url: string): Worker {
  const worker = new Worker(url, { type: 'module', name: 'affinage' });
  watchWorkerRequests(worker);
  return worker;
}

function blobWorker(url: string): Worker {
  const blob = URL.createObjectURL(new Blob([`import ${JSON.stringify(url)};`], { type: 'text/javascript' }));
  const worker = plainWorker(blob);
  // After its first message it has read the blob.
  worker.addEventListener('message', () => URL.revokeObjectURL(blob), { once: true });
  return worker;
}

/** Takes messages at once and passes them on when the real worker has started. */
class LateWorker implements WorkerLike {
  #worker: Worker | null = null;
  #isEnded = false;
  readonly #waiting: ((worker: Worker) => void)[] = [];

  constructor(made: Promise<Worker>) {
    void made.then(worker => {
      if (this.#isEnded) return worker.terminate();
      this.#worker = worker;
      for (const call of this.#waiting.splice(0)) call(worker);
    });
  }

  postMessage(message: unknown): void {
    this.#when(worker => worker.postMessage(message));
  }

  addEventListener(type: 'message' | 'error' | 'messageerror', listener: (event: Event) => void): void {
    this.#when(worker => worker.addEventListener(type, listener));
  }

  terminate(): void {
    this.#isEnded = true;
    this.#worker?.terminate();
  }

  #when(call: (worker: Worker) => void): void {
    if (this.#worker) call(this.#worker);
    else this.#waiting.push(call);
  }
}
