/** One progress bar for a job of several stages. */
import type { OnProgress, Progress } from '../../types.ts';

type Stage = Progress['stage'];

/**
 * Turns the progress of each stage into progress of the whole job. Each stage has a weight, its expected share of the time. Earlier
 * stages count as done, so a resumed job starts at the right place. The value never decreases.
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

  /** Progress of the part `name`; `progress.stage` is what the user sees. */
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

  /** Passes on a message that is no error. */
  notice(stage: Stage, notice: string): void {
    this.onProgress?.({ stage, done: 0, total: 0, unit: 'items', overall: this.#overall, notice });
  }

  done(stage: Stage, bytes: number): void {
    this.#overall = 1;
    this.onProgress?.({ stage, done: bytes, total: bytes, unit: 'bytes', overall: 1 });
  }
}
