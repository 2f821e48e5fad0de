/** Wrapper of shaders/softmax-stats.wgsl. */
import { compose } from '../gpu/shader.ts';
import { defineKernel, grid1d, type Kernel } from '../gpu/step.ts';
import { rowVariants } from './variants.ts';

export type SoftmaxStatsVariant = 'wide' | 'narrow';

/** Threads a row: `wide` 256 (GPUs), `narrow` 16 (software adapters, on which barriers are slow). */
export const softmaxStatsVariants = rowVariants<SoftmaxStatsVariant>('wide', 'narrow');

export interface SoftmaxStatsShape {
  /** Logits a row. */
  V: number;
  variant: SoftmaxStatsVariant;
}

/** Bindings: logits, stats, run. A row's stats are (log-sum-exp, largest, entropy in nats, count of non-finite logits). */
export function softmaxStats({ V, variant }: SoftmaxStatsShape): Kernel {
  return defineKernel({
    label: `softmax-stats.${variant} ${V}`,
    code: compose('softmax-stats', { constants: { V, THREADS: variant === 'wide' ? 256 : 16 } }),
    bindings: ['read', 'write', 'uniform'],
    numbers: { rows: 'u32', firstRow: 'u32' },
    grid: run => grid1d(run.rows),
    cost: run => ({ flops: 8 * run.rows * V, bytes: 4 * run.rows * V + 16 * run.rows }),
  });
}
