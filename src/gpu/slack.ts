/**
 * When is a buffer that once had to be large given back? Not at the first small request, as the next may be large again, nor never:
 * after several in a row that needed a quarter of it at most.
 */
const afterRequests = 8;

export class Slack {
  #small = 0;

  /** `overBytes`: smaller buffers are kept. */
  constructor(readonly overBytes: number) {}

  /** Whether the next request, of this need, should find a smaller buffer. Changes nothing. */
  isTooLarge(held: number, needed: number, heldBytes: number): boolean {
    return heldBytes > this.overBytes && this.#next(held, needed) > afterRequests;
  }

  /** Counts the request; answers as `isTooLarge` did. */
  note(held: number, needed: number, heldBytes: number): boolean {
    const isTooLarge = this.isTooLarge(held, needed, heldBytes);
    this.#small = isTooLarge ? 0 : this.#next(held, needed);
    return isTooLarge;
  }

  #next(held: number, needed: number): number {
    return needed * 4 <= held ? this.#small + 1 : 0;
  }
}
