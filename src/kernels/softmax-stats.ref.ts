/** Plain reference of shaders/softmax-stats.wgsl, in f64. logits [rows, V] → [rows, 4]: log-sum-exp, largest, entropy, count of non-finite. */
export function softmaxStatsRef(logits: ArrayLike<number>, V: number): Float64Array<ArrayBuffer> {
  const stats = new Float64Array((logits.length / V) * 4);
  for (let row = 0; row < logits.length / V; row++) {
    const finite = Float64Array.from({ length: V }, (_, i) => logits[row * V + i]!).filter(Number.isFinite);
    if (finite.length === 0) {
      stats[row * 4 + 3] = V;
      continue;
    }
    const largest = finite.reduce((a, b) => Math.max(a, b));
    const sum = finite.reduce((total, x) => total + Math.exp(x - largest), 0);
    const logSumExp = largest + Math.log(sum);
    const entropy = finite.reduce((total, x) => total - Math.exp(x - logSumExp) * (x - logSumExp), 0);
    stats.set([logSumExp, largest, entropy, V - finite.length], row * 4);
  }
  return stats;
}
