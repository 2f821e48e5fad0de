/** Plain reference of topk: the order itself, and the best k of each row. Also the order of target-scores. */

/** Sorts ids: larger logit first, of equal ones (-0 = +0) the smaller id, NaN last. */
export function compareLogits(a: number, b: number, idA: number, idB: number): number {
  if (Number.isNaN(a) || Number.isNaN(b)) return Number(Number.isNaN(a)) - Number(Number.isNaN(b)) || idA - idB;
  return a === b ? idA - idB : a > b ? -1 : 1;
}

/** logits [rows, V], one log-sum-exp a row → ids and log-probabilities [rows, k], k ≤ V. */
export function topkRef(
  logits: Float32Array,
  V: number,
  k: number,
  logSumExp: ArrayLike<number>,
): { ids: Uint32Array<ArrayBuffer>; logProbs: Float32Array<ArrayBuffer> } {
  const rows = logits.length / V;
  const ids = new Uint32Array(rows * k);
  const logProbs = new Float32Array(rows * k);
  for (let row = 0; row < rows; row++) {
    const values = logits.subarray(row * V, (row + 1) * V);
    const order = Uint32Array.from(values.keys()).sort((a, b) => compareLogits(values[a]!, values[b]!, a, b));
    for (let i = 0; i < k; i++) {
      ids[row * k + i] = order[i]!;
      logProbs[row * k + i] = values[order[i]!]! - logSumExp[row]!;
    }
  }
  return { ids, logProbs };
}
