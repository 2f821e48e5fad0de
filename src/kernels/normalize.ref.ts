/** Plain reference of shaders/normalize.wgsl, in f64: rows [.., H] to length 1. */
export function normalizeRef(x: ArrayLike<number>, H: number): Float64Array<ArrayBuffer> {
  const y = new Float64Array(x.length);
  for (let base = 0; base < x.length; base += H) {
    let squares = 0;
    for (let i = 0; i < H; i++) squares += x[base + i]! ** 2;
    const norm = Math.max(Math.sqrt(squares), 1e-12);
    for (let i = 0; i < H; i++) y[base + i] = x[base + i]! / norm;
  }
  return y;
}
