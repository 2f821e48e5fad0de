/** Plain reference of shaders/target-scores.wgsl. */
import { compareLogits } from './topk.ref.ts';

/** Log-probability and rank (from 1, in topk's order) of each (row, token) pair. */
export function targetScoresRef(
  pairs: Uint32Array,
  logits: Float32Array,
  V: number,
  logSumExp: ArrayLike<number>,
): { logProb: number; rank: number }[] {
  return Array.from({ length: pairs.length / 2 }, (_, p) => {
    const row = pairs[2 * p]!;
    const token = pairs[2 * p + 1]!;
    const values = logits.subarray(row * V, (row + 1) * V);
    let rank = 1;
    for (let i = 0; i < V; i++) if (compareLogits(values[i]!, values[token]!, i, token) < 0) rank++;
    return { logProb: Math.fround(values[token]! - logSumExp[row]!), rank };
  });
}
