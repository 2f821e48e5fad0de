/**
 * Cosines and sines of the rotary embedding, as PyTorch computes them in transformers: the inverse frequencies and the
 * angles are rounded to f32. At position 8 000 an exact angle would differ in the fourth digit, so the roundings are part
 * of the model.
 *
 * Pair i of a head turns dimensions i and i + headDim/2 ("rotate half") by position / theta^(2i / headDim).
 */

/** theta^(−2i/headDim) for i = 0 … headDim/2 − 1: power, quotient and result each rounded to f32. */
export function inverseFrequencies(theta: number, headDim: number): Float32Array<ArrayBuffer> {
  const f = Math.fround;
  return Float32Array.from({ length: headDim / 2 }, (_, i) => f(1 / f(f(theta) ** f((2 * i) / headDim))));
}

/**
 * Table [position][pair][cos, sin] for positions 0 … positions − 1, f32: positions · headDim numbers.
 */
export function ropeTable(theta: number, headDim: number, positions: number): Float32Array<ArrayBuffer> {
  const frequencies = inverseFrequencies(theta, headDim);
  const table = new Float32Array(positions * headDim);
  let at = 0;
  for (let position = 0; position < positions; position++) {
    for (const frequency of frequencies) {
      const angle = Math.fround(frequency * position);
      table[at++] = Math.cos(angle);
      table[at++] = Math.sin(angle);
    }
  }
  return table;
}
