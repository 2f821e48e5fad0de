/**
 * Waiting for the GPU without burning a core. npm `webgpu` asks Dawn for news in a `setImmediate` loop for as long as a
 * promise of its is open: 100 % of one core. On a software adapter that core is a third of the machine (2 cores, lavapipe,
 * webgpu 0.6.2: 1.5 to 2 times fewer GFLOP/s, see docs/log/speed.md). A short sleep in the same loop gives it back.
 * Can go when webgpu waits on a thread of its own.
 */

/** Long enough to be idle, short against any submit; an answer comes so much later at most. */
const restMs = 0.5;

const never = new Int32Array(new SharedArrayBuffer(4));
let waits = 0;
let isResting = false;

/** The same promise; while it is open, the event loop rests between its turns. */
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
