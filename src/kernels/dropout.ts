/** Wrapper of shaders/dropout.wgsl. */
import { compose } from '../gpu/shader.ts';
import { ceilDiv, defineKernel, grid1d, type Kernel } from '../gpu/step.ts';
import type { StorageType } from '../types.ts';
import { elemBytes } from './variants.ts';

export interface DropoutShape {
  /** Values a token. */
  width: number;
  /** Probability that a value is dropped, from 0 on and under 1. */
  rate: number;
  /** Which of the model's dropouts it is: each draws numbers of its own. */
  stream: number;
  /** Storage types of x and y. */
  x: StorageType;
  y: StorageType;
  /** Adds to y instead of overwriting it. */
  add: boolean;
}

const threads = 64;
const quads = 4;

/** Bindings: x [tokens, width], y [tokens, width], run. Its `seed` is the run's `dropoutSeed`: another for each batch, the same forward and backward. */
export function dropout({ width, rate, stream, x, y, add }: DropoutShape): Kernel {
  return defineKernel({
    label: `dropout ${width}`,
    code: compose('dropout', {
      constants: {
        WIDTH: width,
        STREAM: stream,
        DROPPED: Math.round(rate * 2 ** 32),
        SCALE: 1 / (1 - rate),
        ADD: add,
        QUADS: quads,
        THREADS: threads,
        HALF: y === 'f16',
      },
      aliases: { source: x, result: y },
    }),
    bindings: ['read', 'write', 'uniform'],
    numbers: { tokens: 'u32', seed: 'u32' },
    from: { seed: 'dropoutSeed' },
    grid: run => grid1d(ceilDiv(run.tokens * width, threads * quads)),
    cost: run => ({ flops: run.tokens * width, bytes: run.tokens * width * (elemBytes(x) + elemBytes(y) * (add ? 2 : 1)) }),
  });
}
