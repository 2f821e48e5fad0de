/** Wrapper of shaders/cross-entropy-stats.wgsl. */
import { compose } from '../gpu/shader.ts';
import { defineKernel, grid1d, type Kernel } from '../gpu/step.ts';
import { rowVariants } from './variants.ts';

export type CrossEntropyVariant = 'wide' | 'narrow';

/** Threads a row: `wide` 256 (GPUs), `narrow` 16 (software adapters, on which barriers are slow). */
export const crossEntropyVariants = rowVariants<CrossEntropyVariant>('wide', 'narrow');

export interface CrossEntropyStatsShape {
  /** Columns of this chunk of the vocabulary, and the first of them. */
  C: number;
  firstColumn: number;
  variant: CrossEntropyVariant;
}

/**
 * Bindings: logits f32 [rows, C], labels u32 [rows], stats f32 [rows, 4], run. The chunks of a vocabulary come in any order that begins with
 * that of column 0, which begins the stats: (largest logit m, Σ e^(x−m), the label's logit, count of logits that are not finite).
 */
export function crossEntropyStats({ C, firstColumn, variant }: CrossEntropyStatsShape): Kernel {
  return defineKernel({
    label: `cross-entropy-stats.${variant} ${C}`,
    code: compose('cross-entropy-stats', { constants: { C, THREADS: variant === 'wide' ? 256 : 16 } }),
    bindings: ['read', 'read', 'write', 'uniform'],
    numbers: { rows: 'u32', firstColumn: 'u32' },
    from: { firstColumn },
    grid: run => grid1d(run.rows),
    cost: run => ({ flops: 6 * run.rows * C, bytes: 4 * run.rows * C + 20 * run.rows }),
  });
}
