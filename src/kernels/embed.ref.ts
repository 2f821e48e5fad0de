/** Plain reference of shaders/embed.wgsl, in f64: looks rows of the dequantized table up and norms them. */
import { layernormRef } from './layernorm.ref.ts';

export interface EmbedOperands {
  /** [tokens] */
  ids: ArrayLike<number>;
  /** Rows firstRow … of the table, [rows, H]. */
  table: ArrayLike<number>;
  firstRow: number;
  weight: ArrayLike<number>;
  bias?: ArrayLike<number>;
  /** [tokens, H] before: rows of ids outside the table stay as they are. */
  x: ArrayLike<number>;
}

/** x [tokens, H] after the kernel. */
export function embedRef(H: number, eps: number, { ids, table, firstRow, weight, bias, x }: EmbedOperands): Float64Array<ArrayBuffer> {
  const result = Float64Array.from(x);
  const normed = layernormRef(table, H, eps, weight, bias);
  for (let t = 0; t < ids.length; t++) {
    const row = ids[t]! - firstRow;
    if (row >= 0 && (row + 1) * H <= table.length) result.set(normed.subarray(row * H, (row + 1) * H), t * H);
  }
  return result;
}
