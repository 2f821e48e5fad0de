/** Plain reference of shaders/layernorm-backward.wgsl, in f64: x and dy [rows, H]. */
export interface LayernormGradients {
  /** [rows, H] */
  dx: Float64Array<ArrayBuffer>;
  /** dy · x̂ and dy of each row, [rows, H]: summed over rows they are the gradients of weight and bias. */
  dweight: Float64Array<ArrayBuffer>;
  dbias: Float64Array<ArrayBuffer>;
}

export function layernormBackwardRef(
  x: ArrayLike<number>,
  dy: ArrayLike<number>,
  H: number,
  eps: number,
  weight: ArrayLike<number>,
): LayernormGradients {
  const [dx, dweight] = [new Float64Array(dy.length), new Float64Array(dy.length)];
  for (let base = 0; base < dy.length; base += H) {
    let mean = 0;
    for (let i = 0; i < H; i++) mean += x[base + i]! / H;
    let variance = 0;
    for (let i = 0; i < H; i++) variance += (x[base + i]! - mean) ** 2 / H;
    const scale = 1 / Math.sqrt(variance + eps);
    let meanG = 0;
    let meanGx = 0;
    for (let i = 0; i < H; i++) {
      const normed = (x[base + i]! - mean) * scale;
      dweight[base + i] = dy[base + i]! * normed;
      meanG += (dy[base + i]! * weight[i]!) / H;
      meanGx += (dy[base + i]! * weight[i]! * normed) / H;
    }
    for (let i = 0; i < H; i++) dx[base + i] = scale * (dy[base + i]! * weight[i]! - meanG - (x[base + i]! - mean) * scale * meanGx);
  }
  return { dx, dweight, dbias: Float64Array.from(dy) };
}

/** Sums of the columns over each block of rows, [ceil(rows / block), H]. */
export function blockSumsRef(values: ArrayLike<number>, H: number, block: number): Float64Array<ArrayBuffer> {
  const sums = new Float64Array(Math.ceil(values.length / (H * block)) * H);
  for (let i = 0; i < values.length; i++) sums[Math.floor(i / (H * block)) * H + (i % H)]! += values[i]!;
  return sums;
}
