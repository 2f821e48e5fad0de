/**
 * How fast this adapter is, as learnt from what it has done: measured time / guessed time, by kind of kernel, since a driver may run
 * one kind at half its peak and another at a tenth.
 */
import type { DeviceProfile } from '../gpu/device.ts';
import type { Run } from '../gpu/run.ts';
import type { Cost, Kernel, KernelKind } from '../gpu/step.ts';

/** Speeds before the first measurement: well under those of the slowest adapter of its kind, so that no submit takes too long. */
const firstGuess = { software: { flopsPerMs: 5e6, bytesPerMs: 1e6 }, hardware: { flopsPerMs: 3e8, bytesPerMs: 2e7 } };
/** A dispatch costs this much besides its work. */
const dispatchMs = 0.02;
/** Exponent of one measurement in the new pace, and the largest factor that one measurement may change it by: the first run of a pipeline may include compiling. */
const step = 0.3;
const mostOff = 4;

/** Guessed ms of some work by kind, at pace 1. */
export type Guess = Record<KernelKind, number>;

export const noGuess = (): Guess => ({ matmul: 0, attention: 0, other: 0 });

export class Pace {
  #pace: Guess = { matmul: 1, attention: 1, other: 1 };
  #measured = new Set<KernelKind>();
  #software: boolean;

  constructor({ software }: Pick<DeviceProfile, 'software'>) {
    this.#software = software;
  }

  /** Matmul, which is most of the work, has been measured: `ms` is more than a guess. */
  get isMeasured(): boolean {
    return this.#measured.has('matmul');
  }

  /** ms at pace 1. */
  guess({ flops, bytes }: Cost): number {
    const speed = this.#software ? firstGuess.software : firstGuess.hardware;
    return Math.max(flops / speed.flopsPerMs, bytes / speed.bytesPerMs) + dispatchMs;
  }

  /** Expected ms. */
  ms(guess: Guess): number {
    return guess.matmul * this.#pace.matmul + guess.attention * this.#pace.attention + guess.other * this.#pace.other;
  }

  /** Expected ms of guessed work of one kind. */
  msOf(kind: KernelKind, guessMs: number): number {
    return guessMs * this.#pace[kind];
  }

  /** Expected ms of kernels at one run. */
  estimateMs(kernels: readonly Pick<Kernel, 'kind' | 'cost'>[], run: Run): number {
    return kernels.reduce((ms, { kind, cost }) => ms + this.msOf(kind, this.guess(cost(run))), 0);
  }

  /** Expected ms for bounding a submit. While the kind was never measured it is several times longer, as the first guess may be too optimistic. */
  cautiousMsOf(kind: KernelKind, guessMs: number): number {
    return this.msOf(kind, guessMs) * (this.#measured.has(kind) ? 1 : mostOff);
  }

  /** Work of this guess took `tookMs`. The pace of each kind moves by its share in the expected time. */
  learn(guess: Guess, tookMs: number): void {
    const expected = this.ms(guess);
    if (!(expected > 0 && tookMs > 0)) return;
    const off = Math.min(mostOff, Math.max(1 / mostOff, tookMs / expected));
    for (const kind of Object.keys(guess) as KernelKind[]) {
      const share = (guess[kind] * this.#pace[kind]) / expected;
      // The first measurement counts whole: the guess it replaces may be ten times off.
      const moved = this.#pace[kind] * off ** (share * (this.#measured.has(kind) ? step : 1));
      this.#pace[kind] = Math.min(100, Math.max(0.001, moved));
      if (share > 0.5) this.#measured.add(kind);
    }
  }

  /** What a trial of the tuning measured, before any request ran: work of this cost took `tookMs`. */
  set(kind: 'matmul' | 'attention', cost: Cost, tookMs: number): void {
    this.#pace[kind] = Math.min(100, Math.max(0.001, tookMs / this.guess(cost)));
    this.#measured.add(kind);
    if (kind === 'matmul') this.#pace.other = this.#pace.matmul;
  }
}
