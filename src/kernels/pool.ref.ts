/** Plain reference of shaders/pool.wgsl, in f64. hidden [tokens, H] → [sequences, H]. */
import { normalizeRef } from './normalize.ref.ts';

export function poolRef(
  hidden: Float32Array,
  H: number,
  cuSeqlens: Uint32Array,
  pooling: 'mean' | 'cls',
  normalize: boolean,
): Float32Array<ArrayBuffer> {
  const sequences = cuSeqlens.length - 1;
  const out = new Float32Array(sequences * H);
  for (let s = 0; s < sequences; s++) {
    const first = cuSeqlens[s]!;
    const last = pooling === 'cls' ? Math.min(first + 1, cuSeqlens[s + 1]!) : cuSeqlens[s + 1]!;
    for (let i = 0; i < H; i++) {
      let sum = 0;
      for (let t = first; t < last; t++) sum += hidden[t * H + i]!;
      out[s * H + i] = sum / Math.max(1, last - first);
    }
  }
  return normalize ? normalizeRef(out, H) : out;
}
