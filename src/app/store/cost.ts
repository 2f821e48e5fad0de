/** What a request costs before it runs, and how far it is while it runs. */
import type { CostEstimate, Model, OnProgress, Progress } from '../../types.ts';
import { patch } from './store.ts';

/** Longer than this, and a request is not begun unasked. */
const LONG_MS = 5000;
/** Longer than this, or more tokens: the cost is shown where it cannot be missed, and the run has a bar. */
const BIG_MS = 1000;
const BIG_TOKENS = 512;
const PAINT_MS = 80;

/** The cost of `texts`; null where it cannot be told (the request itself will say why). */
export async function estimate(model: Model, texts: readonly string[], kind: 'fill' | 'embed'): Promise<CostEstimate | null> {
  try {
    return await model.estimate(texts, { kind });
  } catch {
    return null;
  }
}

export const isLong = (cost: CostEstimate | null): boolean => (cost?.ms ?? 0) > LONG_MS;
export const isBig = (cost: CostEstimate | null): boolean => cost !== null && ((cost.ms ?? 0) > BIG_MS || cost.longestTokens > BIG_TOKENS);

/** Hands on the progress of a run, at most a dozen times a second. What the engine wants known of the model stays in the page. */
export function paintRun(paint: (progress: Progress) => void): OnProgress {
  let paintedAt = Number.NEGATIVE_INFINITY;
  return progress => {
    if (progress.notice !== undefined) patch('model', { notice: progress.notice });
    const now = performance.now();
    if (progress.stage !== 'run' || now - paintedAt < PAINT_MS) return;
    paintedAt = now;
    paint(progress);
  };
}
