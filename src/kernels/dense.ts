/** Wrapper of shaders/dense.wgsl. */
import { compose } from '../gpu/shader.ts';
import { ceilDiv, defineKernel, type Kernel } from '../gpu/step.ts';

/** In the order of the shader's ACTIVATION. `gelu` is exact; `leaky_relu` has PyTorch's slope, 0.01. */
export const denseActivations = ['identity', 'gelu', 'gelu_tanh', 'silu', 'relu', 'tanh', 'sigmoid', 'leaky_relu'] as const;
export type DenseActivation = (typeof denseActivations)[number];

export interface DenseShape {
  /** Inputs, and the row length of the input (divisible by 4). */
  K: number;
  inputStride: number;
  /** Outputs; a row of the output has `paddedTo4(N)` numbers, the last of them 0. */
  N: number;
  hasBias: boolean;
  /** Adds the input to the activated output; N = K. */
  residual: boolean;
  activation: DenseActivation;
}

/** Row length of vectors of n numbers: whole groups of four. */
export const paddedTo4 = (n: number): number => 4 * ceilDiv(n, 4);

const threads = 64;
const rows = 4;

/** Bindings: x, w (transposed, rows of `paddedTo4(N)`), bias (any buffer without bias), y, run. */
export function dense({ K, inputStride, N, hasBias, residual, activation }: DenseShape): Kernel {
  const constants = {
    K,
    N,
    X_STRIDE: inputStride,
    HAS_BIAS: hasBias,
    RESIDUAL: residual,
    ACTIVATION: denseActivations.indexOf(activation),
    ROWS: rows,
    THREADS: threads,
  };
  return defineKernel({
    label: `dense ${K}→${N} ${activation}`,
    code: compose('dense', { constants }),
    bindings: ['read', 'read', 'read', 'write', 'uniform'],
    numbers: { sequences: 'u32' },
    grid: run => [ceilDiv(paddedTo4(N) / 4, threads), ceilDiv(run.sequences, rows), 1],
    cost: run => ({ flops: 2 * run.sequences * K * N, bytes: 4 * (K * N * ceilDiv(run.sequences, rows) + run.sequences * (K + N)) }),
  });
}
