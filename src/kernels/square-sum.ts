/** Wrapper of shaders/square-sum.wgsl. */
import { compose } from '../gpu/shader.ts';
import { ceilDiv, defineKernel, grid1d, type Kernel } from '../gpu/step.ts';

export interface SquareSumShape {
  /** Values of x. */
  n: number;
  /** Where the sums go in y: `squareSums(n)` of them from here on. */
  first: number;
  /** Or the sum of the values themselves: the second stage, over the sums of the first. */
  squared: boolean;
}

const threads = 64;
const rounds = 256;

/** How many sums `squareSum` gives for n values: one a block of 16 384. */
export function squareSums(n: number): number {
  return ceilDiv(n, threads * rounds);
}

/** Bindings: x f32 [n], y f32 [first + squareSums(n)], run. The norm of gradients takes one a tensor, and then passes over y until one sum is left. */
export function squareSum({ n, first, squared }: SquareSumShape): Kernel {
  return defineKernel({
    label: `square-sum ${squared ? 'squares' : 'sums'}`,
    code: compose('square-sum', { constants: { SQUARED: squared, ROUNDS: rounds, THREADS: threads } }),
    bindings: ['read', 'write', 'uniform'],
    numbers: { n: 'u32', first: 'u32' },
    from: { n, first },
    grid: () => grid1d(squareSums(n)),
    cost: () => ({ flops: 2 * n, bytes: 4 * n + 4 * squareSums(n) }),
  });
}
