/** The cosine of two rows of `data`, [n, dim], each of which is one long. */
export function cosineOf(data: Float32Array, dim: number, a: number, b: number): number {
  let sum = 0;
  const [from, other] = [a * dim, b * dim];
  for (let d = 0; d < dim; d++) sum += (data[from + d] as number) * (data[other + d] as number);
  return sum;
}
