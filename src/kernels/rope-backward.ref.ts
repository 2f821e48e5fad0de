/** Plain reference of shaders/rope-backward.wgsl, in f64. */
export interface RopeBackwardOperands {
  /** Gradient of q, k, v: [3, heads, tokens, headDim]. */
  d: ArrayLike<number>;
  /** [positions, headDim / 2, 2] */
  table: ArrayLike<number>;
  /** [tokens] */
  positions: ArrayLike<number>;
}

/** → gradient of Wqkv's output, [tokens, 3 · heads · headDim]. */
export function ropeBackwardRef(
  tokens: number,
  heads: number,
  headDim: number,
  { d, table, positions }: RopeBackwardOperands,
): Float64Array<ArrayBuffer> {
  const width = 3 * heads * headDim;
  const result = new Float64Array(tokens * width);
  for (let t = 0; t < tokens; t++) {
    for (let head = 0; head < 3 * heads; head++) {
      for (let j = 0; j < headDim; j += 2) {
        const from = (head * tokens + t) * headDim + j;
        const [y0, y1] = [d[from]!, d[from + 1]!];
        const turn = positions[t]! * headDim + j;
        const [cos, sin] = head < 2 * heads ? [table[turn]!, table[turn + 1]!] : [1, 0];
        result[t * width + head * headDim + j] = y0 * cos + y1 * sin;
        result[t * width + head * headDim + j + 1] = y1 * cos - y0 * sin;
      }
    }
  }
  return result;
}
