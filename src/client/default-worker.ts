import { AffinageError } from '../errors.ts';

/** A new engine worker. Bundlers recognise this very form of `new Worker`; the library build points it at the file beside. */
export function defaultWorker(): Worker {
  if (typeof Worker === 'undefined') {
    throw new AffinageError('There are no web workers here, so createClient cannot start one. In Node use loadModel, or pass `worker`.');
  }
  return new Worker(new URL('../worker/engine.worker.ts', import.meta.url), { type: 'module', name: 'affinage' });
}
