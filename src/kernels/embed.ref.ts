/** Plain reference of shaders/embed.wgsl: looks rows of the dequantized table [vocabulary, H] up and norms them. → [tokens, H]. */
import { layernormRef } from './layernorm.ref.ts';

export function embedRef(
  ids: Uint32Array,
  table: Float32Array,
  H: number,
  eps: number,
  weight: Float32Array,
  bias?: Float32Array,
): Float32Array<ArrayBuffer> {
  const rows = new Float32Array(ids.length * H);
  ids.forEach((id, t) => {
    rows.set(table.subarray(id * H, (id + 1) * H), t * H);
  });
  return layernormRef(rows, H, eps, weight, bias);
}
