/** Long work in this thread, cut into slices: the page answers between two of them. */

/** A slice lasts so long; a press waits less than one frame of a slow screen. */
const SLICE_MS = 14;

export class Slices {
  readonly #signal: AbortSignal;
  #from = performance.now();

  /** Aborting `signal` ends the work at its next pause. */
  constructor(signal: AbortSignal) {
    this.#signal = signal;
  }

  /** The slice is over: `await pause()` before anything else is computed. */
  get isOver(): boolean {
    return performance.now() - this.#from > SLICE_MS;
  }

  /** Lets the page answer. Rejects with the signal's reason once it is aborted. */
  async pause(): Promise<void> {
    await new Promise(resolve => setTimeout(resolve));
    this.#signal.throwIfAborted();
    this.#from = performance.now();
  }
}
