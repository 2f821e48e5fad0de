/**
 * The engine's worker, under the page's own security policy. A worker takes its policy from the answer that brought it, and a host that
 * sends no headers (many static ones) would leave it without any: the one place that fetches models. A worker made from a blob takes
 * over the policy of the page that made it. It is the second choice: in Firefox no service worker answers for it, so it is used only
 * online, where the host is seen to send no policy.
 */
import type { WorkerLike } from '../../client/link.ts';
import address from '../../worker/engine.worker.ts?worker&url';

/** A new engine worker. */
export function pageWorker(): WorkerLike {
  const url = new URL(address, document.baseURI).href;
  return new LateWorker(lacksPolicy(url).then(lacks => (lacks ? blobWorker(url) : plainWorker(url))));
}

let known: Promise<boolean> | undefined;

/** Asked once a page; with GET, which the service worker answers when there is no network. */
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

const plainWorker = (url: string): Worker => new Worker(url, { type: 'module', name: 'affinage' });

function blobWorker(url: string): Worker {
  const blob = URL.createObjectURL(new Blob([`import ${JSON.stringify(url)};`], { type: 'text/javascript' }));
  const worker = plainWorker(blob);
  // Once it speaks it has read the blob.
  worker.addEventListener('message', () => URL.revokeObjectURL(blob), { once: true });
  return worker;
}

/** A worker that takes its messages before it is there. */
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
