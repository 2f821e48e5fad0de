/**
 * Waits for the GPU without keeping a core busy. npm `webgpu` polls Dawn in a `setImmediate` loop as long as one of its promises is
 * pending, which takes 100 % of one core. A software adapter needs that core (2 cores, lavapipe, webgpu 0.6.2: 1.5 to 2 times fewer
 * GFLOP/s, see docs/log/speed.md). A short sleep in the same loop frees it.
 * This file can be removed once webgpu waits on its own thread.
 */

/** Long enough to free the core, short compared with a submit. An answer is delayed by at most this time. */
const restMs = 0.5;

const never = new Int32Array(new SharedArrayBuffer(4));
let waits = 0;
let isResting = false;

/** The same promise; while it is pending, the event loop sleeps between its turns. */
export function politely<T>(work: Promise<T>): Promise<T> {
  waits++;
  if (!isResting) {
    isResting = true;
    setImmediate(rest);
  }
  return work.finally(() => {
    waits--;
  });
}

function rest(): void {
  isResting = waits > 0;
  if (!isResting) return;
  Atomics.wait(never, 0, 0, restMs);
  setImmediate(rest);
}
