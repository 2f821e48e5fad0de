/** The best k of many scores, picked on the host. */
import type { Neighbours } from '../types.ts';

/**
 * Writes the `k` largest of the scores at `offset`, `offset + stride` … into the places of query `query`, best first; of equal ones the lower row
 * first. One pass, with an ordered list of k: most rows are worse than its last and cost one comparison.
 */
export function nearestRows(
  scores: Float32Array,
  stride: number,
  offset: number,
  k: number,
  { rows, scores: best }: Neighbours,
  query: number,
): void {
  const first = query * k;
  let filled = 0;
  for (let row = 0, at = offset; at < scores.length; row++, at += stride) {
    const score = scores[at]!;
    if (filled === k && !(score > best[first + k - 1]!)) continue;
    let place = filled < k ? filled++ : k - 1;
    while (place > 0 && score > best[first + place - 1]!) {
      best[first + place] = best[first + place - 1]!;
      rows[first + place] = rows[first + place - 1]!;
      place--;
    }
    best[first + place] = score;
    rows[first + place] = row;
  }
}
