/** Plain references of shaders/cross-entropy-stats.wgsl and cross-entropy-backward.wgsl, in f64. */

/** Of each row of logits [rows, C]: (m, Σ e^(x−m), x[label], count of what is not finite); `before` are those of earlier columns. */
export function crossEntropyStatsRef(
  logits: ArrayLike<number>,
  labels: ArrayLike<number>,
  C: number,
  { firstColumn = 0, before }: { firstColumn?: number; before?: ArrayLike<number> } = {},
): Float64Array {
  const stats = new Float64Array(4 * labels.length);
  for (let r = 0; r < labels.length; r++) {
    const row = Array.from({ length: C }, (_, c) => logits[r * C + c]!);
    const finite = row.filter(Number.isFinite);
    const [m0, sum0, x0, count0] = firstColumn > 0 ? Array.from({ length: 4 }, (_, i) => before![4 * r + i]!) : [-Infinity, 0, 0, 0];
    const m = Math.max(m0!, ...finite);
    const sum = (sum0! > 0 ? sum0! * Math.exp(m0! - m) : 0) + finite.reduce((s, x) => s + Math.exp(x - m), 0);
    const labelled = row[labels[r]! - firstColumn];
    stats.set([m, sum, labelled === undefined ? x0! : Number.isFinite(labelled) ? labelled : 0, count0! + C - finite.length], 4 * r);
  }
  return stats;
}

/** (softmax − onehot) · scale, [rows, stride] with zeros from column C on, from the stats of the whole vocabulary; NaN in a row with a logit that is not finite. */
export function crossEntropyBackwardRef(
  logits: ArrayLike<number>,
  labels: ArrayLike<number>,
  stats: ArrayLike<number>,
  C: number,
  { firstColumn = 0, scale = 1, stride = C }: { firstColumn?: number; scale?: number; stride?: number } = {},
): Float64Array {
  return Float64Array.from({ length: labels.length * stride }, (_, i) => {
    const r = Math.floor(i / stride);
    const c = i % stride;
    if (stats[4 * r + 3]! > 0) return Number.NaN;
    if (c >= C) return 0;
    const softmax = Math.exp(logits[r * C + c]! - stats[4 * r]!) / stats[4 * r + 1]!;
    return (softmax - (labels[r]! === firstColumn + c ? 1 : 0)) * scale;
  });
}
