/** Plain reference of shaders/dense.wgsl, in f64: x [rows, stride], w [K, paddedTo4(N)] as the kernel reads it → [rows, paddedTo4(N)]. */
import { type DenseShape, paddedTo4 } from './dense.ts';
import { activationRef } from './math.ref.ts';

/** The activations of a Dense by name. */
export const denseActivationRef = {
  ...activationRef,
  identity: (v: number) => v,
  tanh: Math.tanh,
  sigmoid: (v: number) => 1 / (1 + Math.exp(-v)),
  leaky_relu: (v: number) => (v < 0 ? 0.01 * v : v),
} as const;

export function denseRef(
  x: ArrayLike<number>,
  w: ArrayLike<number>,
  bias: ArrayLike<number> | null,
  { K, N, inputStride, activation, residual }: Omit<DenseShape, 'hasBias'>,
): Float64Array<ArrayBuffer> {
  const rows = x.length / inputStride;
  const y = new Float64Array(rows * paddedTo4(N));
  for (let row = 0; row < rows; row++) {
    for (let n = 0; n < N; n++) {
      let sum = bias?.[n] ?? 0;
      for (let k = 0; k < K; k++) sum += x[row * inputStride + k]! * w[k * paddedTo4(N) + n]!;
      y[row * paddedTo4(N) + n] = denseActivationRef[activation](sum) + (residual ? x[row * inputStride + n]! : 0);
    }
  }
  return y;
}
