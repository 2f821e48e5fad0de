/** Wrapper of shaders/target-scores.wgsl. */
import { compose } from '../gpu/shader.ts';
import { defineKernel, grid1d, type Kernel } from '../gpu/step.ts';
import { rowVariants } from './variants.ts';

export type TargetScoresVariant = 'wide' | 'narrow';

/** Threads a pair: `wide` 256 (GPUs), `narrow` 16 (software adapters, on which barriers are slow). */
export const targetScoresVariants = rowVariants<TargetScoresVariant>('wide', 'narrow');

export interface TargetScoresShape {
  /** Logits a row. */
  V: number;
  variant: TargetScoresVariant;
}

/**
 * Bindings: pairs ([pairs, 2]: row of this pass, token), logits, stats, scores ([.., 2] u32 from run.firstPair on:
 * bits of the f32 log-probability, rank from 1), run.
 */
export function targetScores({ V, variant }: TargetScoresShape): Kernel {
  return defineKernel({
    label: `target-scores.${variant} ${V}`,
    code: compose('target-scores', { constants: { V, THREADS: variant === 'wide' ? 256 : 16 } }),
    bindings: ['read', 'read', 'read', 'write', 'uniform'],
    numbers: { rows: 'u32', firstRow: 'u32', pairs: 'u32', firstPair: 'u32' },
    grid: run => grid1d(run.pairs),
    cost: run => ({ flops: 0, bytes: 4 * run.pairs * V + 32 * run.pairs }),
  });
}
