/** A caller's `signal` and `onProgress`, wrapped so that their faults cannot disturb the engine. */

import { sleep } from '../source/abort.ts';
import type { OnProgress } from '../types.ts';

export interface Caller {
  signal?: AbortSignal;
  onProgress?: OnProgress;
}

/**
 * Runs `work` with a new signal that follows the caller's, and with an `onProgress` that never throws. If the caller's `onProgress` throws,
 * or rejects while the request runs, this request stops and rejects with that error. Other requests are not affected.
 */
export async function forCaller<T>({ signal, onProgress }: Caller, work: (own: Caller) => Promise<T>): Promise<T> {
  if (!signal && !onProgress) return work({});
  const stop = new AbortController();
  const follow = () => stop.abort(signal?.reason);
  if (signal?.aborted) follow();
  signal?.addEventListener('abort', follow, { once: true });
  let failure: { error: unknown } | undefined;
  const fail = (error: unknown) => {
    failure ??= { error };
    stop.abort(error);
  };
  /** Promises of an async `onProgress` that are not settled yet. */
  const open = new Set<PromiseLike<unknown>>();
  const tell: OnProgress = progress => {
    if (failure) return;
    try {
      const answer: unknown = onProgress?.(progress);
      if (!isThenable(answer)) return;
      open.add(answer);
      const close = () => void open.delete(answer);
      answer.then(close, error => {
        close();
        fail(error);
      });
    } catch (error) {
      fail(error);
    }
  };
  try {
    const answer = await work({ signal: stop.signal, onProgress: onProgress && tell });
    // A promise that has already rejected still fails the request; a pending one is not waited for.
    if (open.size > 0) await sleep(0);
    if (failure) throw failure.error;
    return answer;
  } catch (error) {
    throw failure ? failure.error : error;
  } finally {
    signal?.removeEventListener('abort', follow);
  }
}

function isThenable(value: unknown): value is PromiseLike<unknown> {
  return typeof value === 'object' && value !== null && 'then' in value && typeof value.then === 'function';
}
