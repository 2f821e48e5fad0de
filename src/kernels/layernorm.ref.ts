/** Plain reference of shaders/layernorm.wgsl, in f64. x [rows, H] → [rows, H]. */
export function layernormRef(
  x: ArrayLike<number>,
  H: number,
  eps: number,
  weight: ArrayLike<number>,
  bias?: ArrayLike<number>,
): Float64Array<ArrayBuffer> {
  const y = new Float64Array(x.length);
  for (let base = 0; base < x.length; base += H) {
    let mean = 0;
    for (let i = 0; i < H; i++) mean += x[base + i]! / H;
    let variance = 0;
    for (let i = 0; i < H; i++) variance += (x[base + i]! - mean) ** 2 / H;
    const scale = 1 / Math.sqrt(variance + eps);
    for (let i = 0; i < H; i++) y[base + i] = (x[base + i]! - mean) * scale * weight[i]! + (bias?.[i] ?? 0);
  }
  return y;
}
