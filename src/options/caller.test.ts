/** A caller's own code in a request: what it throws ends that request, and nothing else. */
import { expect, test } from 'vitest';
import { sleep } from '../source/abort.ts';
import { forCaller } from './caller.ts';

const progress = { stage: 'run', done: 1, total: 2, unit: 'items' } as const;
const own = new Error('mine');

test('what onProgress throws is what the request rejects with, and the work is told to stop', async () => {
  let stopped: unknown;
  let told = 0;
  const request = forCaller(
    {
      onProgress: () => {
        told++;
        throw own;
      },
    },
    async ({ signal, onProgress }) => {
      onProgress?.(progress);
      onProgress?.(progress);
      stopped = signal?.reason;
      signal?.throwIfAborted();
    },
  );
  await expect(request).rejects.toBe(own);
  expect([stopped, told]).toEqual([own, 1]);
});

test('also when the work does not look, when it throws for another reason, and when the error is no Error', async () => {
  const throws = (error: unknown) => () => {
    throw error;
  };
  await expect(forCaller({ onProgress: throws(own) }, async o => o.onProgress?.(progress))).rejects.toBe(own);
  const other = forCaller({ onProgress: throws('text') }, async o => {
    o.onProgress?.(progress);
    throw new Error('AbortError or so');
  });
  await expect(other).rejects.toBe('text');
});

test('an async onProgress that rejects while the request runs, or at its end, does the same; one that never ends is not waited for', async () => {
  const rejects = async () => {
    throw own;
  };
  await expect(forCaller({ onProgress: rejects }, async o => o.onProgress?.(progress))).rejects.toBe(own);
  const during = forCaller({ onProgress: rejects }, async o => {
    o.onProgress?.(progress);
    await sleep(1e9, o.signal);
  });
  await expect(during).rejects.toBe(own);
  const never = () => new Promise<void>(() => {});
  expect(
    await forCaller({ onProgress: never }, async o => {
      o.onProgress?.(progress);
      return 5;
    }),
  ).toBe(5);
});

test("the signal is our own and follows the caller's, with its reason", async () => {
  const controller = new AbortController();
  const request = forCaller({ signal: controller.signal }, async o => {
    expect(o.signal).not.toBe(controller.signal);
    await sleep(1e9, o.signal);
  });
  controller.abort(own);
  await expect(request).rejects.toBe(own);
  await expect(forCaller({ signal: AbortSignal.abort(own) }, async o => o.signal?.throwIfAborted())).rejects.toBe(own);
  expect(await forCaller({}, async o => Object.keys(o))).toEqual([]);
});
