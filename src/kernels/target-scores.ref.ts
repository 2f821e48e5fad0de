/** Plain reference of shaders/target-scores.wgsl, in f64. */
import { compareLogits } from './topk.ref.ts';

/** Log-probability and rank (from 1, in topk's order) of each (row, token) pair; 0 and 0 for a pair outside. */
export function targetScoresRef(
  pairs: ArrayLike<number>,
  logits: ArrayLike<number>,
  V: number,
  logSumExp: ArrayLike<number>,
): { logProb: number; rank: number }[] {
  return Array.from({ length: pairs.length / 2 }, (_, p) => {
    const row = pairs[2 * p]!;
    const token = pairs[2 * p + 1]!;
    if (row >= logSumExp.length || token >= V) return { logProb: 0, rank: 0 };
    const logit = (id: number) => logits[row * V + id]!;
    let rank = 1;
    for (let i = 0; i < V; i++) if (compareLogits(logit(i), logit(token), i, token) < 0) rank++;
    return { logProb: logit(token) - logSumExp[row]!, rank };
  });
}
