/** Plain reference of topk: the order itself, and the best k of each row. Also the order of target-scores. */

/** Sorts ids: larger logit first, of equal ones (-0 = +0) the smaller id, NaN last. */
export function compareLogits(a: number, b: number, idA: number, idB: number): number {
  if (Number.isNaN(a) || Number.isNaN(b)) return Number(Number.isNaN(a)) - Number(Number.isNaN(b)) || idA - idB;
  return a === b ? idA - idB : a > b ? -1 : 1;
}

/** logits [rows, V], one log-sum-exp a row → ids and log-probabilities in f64 [rows, k], k ≤ V. */
export function topkRef(
  logits: ArrayLike<number>,
  V: number,
  k: number,
  logSumExp: ArrayLike<number>,
): { ids: Uint32Array<ArrayBuffer>; logProbs: Float64Array<ArrayBuffer> } {
  const rows = logits.length / V;
  const ids = new Uint32Array(rows * k);
  const logProbs = new Float64Array(rows * k);
  for (let row = 0; row < rows; row++) {
    const logit = (id: number) => logits[row * V + id]!;
    const order = Uint32Array.from({ length: V }, (_, id) => id).sort((a, b) => compareLogits(logit(a), logit(b), a, b));
    for (let i = 0; i < k; i++) {
      ids[row * k + i] = order[i]!;
      logProbs[row * k + i] = logit(order[i]!) - logSumExp[row]!;
    }
  }
  return { ids, logProbs };
}
