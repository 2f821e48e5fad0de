/** Bytes a second over the last seconds, and the time left at that pace. The clock starts with the first bytes. */
export class Rate {
  readonly #samples: { at: number; bytes: number }[] = [];
  #started: number | null = null;

  /** `now` in ms. The rate is unknown until `leastMs` have passed. */
  constructor(
    readonly now: () => number = () => performance.now(),
    readonly windowMs = 5000,
    readonly leastMs = 300,
  ) {}

  add(bytes: number): void {
    const at = this.now();
    this.#started ??= at;
    const last = this.#samples.at(-1);
    // A fast network brings thousands of pieces a second; tenths of a second are fine enough.
    if (last && at - last.at < 100) last.bytes += bytes;
    else this.#samples.push({ at, bytes });
  }

  /** Null while unknown; 0 when nothing came for the whole window. */
  bytesPerSecond(): number | null {
    const now = this.now();
    if (this.#started === null || now - this.#started < this.leastMs) return null;
    const from = Math.max(this.#started, now - this.windowMs);
    while ((this.#samples[0]?.at ?? now) < from) this.#samples.shift();
    const bytes = this.#samples.reduce((sum, sample) => sum + sample.bytes, 0);
    return (1000 * bytes) / (now - from);
  }

  /** ms for so many bytes more; null while unknown or standing still. */
  etaMs(bytes: number): number | null {
    const pace = this.bytesPerSecond();
    return pace ? (1000 * bytes) / pace : null;
  }
}
