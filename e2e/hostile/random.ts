/** Numbers that look random and are the same for the same seed and index on every machine: a 32-bit xorshift (Marsaglia 2003). */
export class Random {
  #state: number;

  constructor(seed: number, index: number) {
    this.#state = Math.imul(seed + 1, 0x9e3779b1) ^ Math.imul(index + 1, 0x85ebca6b) || 1;
    // Near seeds begin alike.
    for (let i = 0; i < 20; i++) this.#next();
  }

  #next(): number {
    this.#state ^= this.#state << 13;
    this.#state ^= this.#state >>> 17;
    this.#state ^= this.#state << 5;
    return this.#state >>> 0;
  }

  /** A whole number of 0 … n − 1. */
  below(n: number): number {
    return Math.floor((this.#next() / 2 ** 32) * n);
  }

  chance(probability: number): boolean {
    return this.#next() / 2 ** 32 < probability;
  }

  pick<T>(list: readonly T[]): T {
    return list[this.below(list.length)] as T;
  }

  /** By weight. */
  weighted<T extends { share: number }>(list: readonly T[]): T {
    let at = (this.#next() / 2 ** 32) * list.reduce((sum, { share }) => sum + share, 0);
    for (const entry of list) {
      at -= entry.share;
      if (at < 0) return entry;
    }
    return list.at(-1) as T;
  }
}
