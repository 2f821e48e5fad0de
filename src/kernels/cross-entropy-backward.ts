/** Wrapper of shaders/cross-entropy-backward.wgsl. */
import { compose } from '../gpu/shader.ts';
import { ceilDiv, defineKernel, grid1d, type Kernel } from '../gpu/step.ts';
import type { StorageType } from '../types.ts';
import { elemAliases, elemBytes } from './variants.ts';

export interface CrossEntropyBackwardShape {
  /** Columns of this chunk of the vocabulary, and the first of them. */
  C: number;
  firstColumn: number;
  /** Width of the gradient's rows, at least C: a product's sums go over multiples of 32. */
  stride: number;
  /** Of the gradient. */
  storage: StorageType;
}

const threads = 64;
const quads = 4;

/**
 * Bindings: logits f32 [rows, C], labels u32 [rows], stats f32 [rows, 4] (crossEntropyStats over the whole vocabulary), gradient elem [rows, stride]
 * with zeros from column C on, run. Its `scale` is the run's `lossScale`: what each row's loss counts.
 */
export function crossEntropyBackward({ C, firstColumn, stride, storage }: CrossEntropyBackwardShape): Kernel {
  return defineKernel({
    label: `cross-entropy-backward ${C}`,
    code: compose('cross-entropy-backward', {
      constants: { C, STRIDE: stride, QUADS: quads, THREADS: threads, HALF: storage === 'f16' },
      aliases: elemAliases(storage, ['elem']),
    }),
    bindings: ['read', 'read', 'read', 'write', 'uniform'],
    numbers: { rows: 'u32', firstColumn: 'u32', scale: 'f32' },
    from: { firstColumn, scale: 'lossScale' },
    grid: run => grid1d(ceilDiv(run.rows * stride, threads * quads)),
    cost: run => ({ flops: 5 * run.rows * C, bytes: run.rows * C * (4 + elemBytes(storage)) + 20 * run.rows }),
  });
}
