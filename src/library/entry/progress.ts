/** One honest bar for a job of several stages. */
import type { OnProgress, Progress } from '../../types.ts';

type Stage = Progress['stage'];

/**
 * Turns the progress of stages into the part of the whole job. Each stage has a weight (its expected share of the time);
 * a stage that was passed counts whole, so a resumed job starts where it stands. Never falls.
 */
export class JobProgress {
  readonly #weights: ReadonlyMap<string, number>;
  readonly #total: number;
  #overall = 0;

  /** `weights`: in the order of the job; any unit. */
  constructor(
    readonly onProgress: OnProgress | undefined,
    weights: readonly (readonly [name: string, weight: number])[],
  ) {
    this.#weights = new Map(weights);
    this.#total = weights.reduce((sum, [, weight]) => sum + weight, 0);
  }

  /** Progress of the part `name`; `stage` is what people are told. */
  report(name: string, progress: Progress): void {
    let before = 0;
    for (const [other, weight] of this.#weights) {
      if (other === name) break;
      before += weight;
    }
    const share = progress.total > 0 ? Math.min(1, progress.done / progress.total) : 0;
    this.#overall = Math.max(this.#overall, (before + share * (this.#weights.get(name) ?? 0)) / this.#total);
    this.onProgress?.({ ...progress, overall: Math.min(1, this.#overall) });
  }

  /** Something to know that did no harm. */
  notice(stage: Stage, notice: string): void {
    this.onProgress?.({ stage, done: 0, total: 0, unit: 'items', overall: this.#overall, notice });
  }

  done(stage: Stage, bytes: number): void {
    this.#overall = 1;
    this.onProgress?.({ stage, done: bytes, total: bytes, unit: 'bytes', overall: 1 });
  }
}
