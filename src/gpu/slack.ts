/**
 * When is a buffer that once had to be large given back? Not at the first small request, as the next may be large again, nor never:
 * after several in a row that needed a quarter of it at most. Each time that it turns out to be needed again the patience doubles: of n
 * requests, whatever their order, no more than log2(n / 8) find their buffers given back.
 */
const afterRequests = 8;

export class Slack {
  #small = 0;
  #patience = afterRequests;
  /** What was held when it was given back last. */
  #given = 0;

  /** `overBytes`: smaller buffers are kept. */
  constructor(readonly overBytes: number) {}

  /** Whether the next request, of this need, should find a smaller buffer. Changes nothing. */
  isTooLarge(held: number, needed: number, heldBytes: number): boolean {
    return heldBytes > this.overBytes && this.#next(held, needed) > this.#patience;
  }

  /** Counts the request; answers as `isTooLarge` did. */
  note(held: number, needed: number, heldBytes: number): boolean {
    const isTooLarge = this.isTooLarge(held, needed, heldBytes);
    this.#small = isTooLarge ? 0 : this.#next(held, needed);
    if (isTooLarge) this.#given = held;
    else if (this.#given > 0 && needed > held && needed * 4 > this.#given) {
      this.#patience *= 2;
      this.#given = 0;
    }
    return isTooLarge;
  }

  #next(held: number, needed: number): number {
    return needed * 4 <= held ? this.#small + 1 : 0;
  }
}
