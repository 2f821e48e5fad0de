/**
 * Decides when a large buffer is freed: not at the first small request, as the next one may be large again, but after 8 consecutive
 * requests that needed at most a quarter of it. Each time the size is needed again after that, the number of requests to wait doubles. So
 * of n requests in any order, at most log2(n / 8) find that their buffers were freed.
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
