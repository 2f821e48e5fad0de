/** Wrapper of shaders/topk-select.wgsl and shaders/topk-tournament.wgsl. */
import { compose } from '../gpu/shader.ts';
import { defineKernel, grid1d, type Kernel } from '../gpu/step.ts';
import { rowVariants } from './variants.ts';

export type TopkVariant = 'select' | 'tournament';

/** `select`: radix selection, 256 threads a row (GPUs). `tournament`: 16 threads a row and two barriers for each place (software adapters). */
export const topkVariants = rowVariants<TopkVariant>('select', 'tournament');

export interface TopkShape {
  /** Logits a row. */
  V: number;
  variant: TopkVariant;
}

/** Bindings: logits, stats, ids, log_probs (both [.., run.topK] from row run.firstRow on), run. Only min(run.topK, V) places of a row are written. */
export function topk({ V, variant }: TopkShape): Kernel {
  return defineKernel({
    label: `topk.${variant} ${V}`,
    code: compose(`topk-${variant}`, { constants: { V, ...(variant === 'select' ? idBytes(V) : {}) } }),
    bindings: ['read', 'read', 'write', 'write', 'uniform'],
    numbers: { rows: 'u32', firstRow: 'u32', topK: 'u32' },
    grid: run => grid1d(run.rows),
    cost: run => ({ flops: 0, bytes: run.rows * (4 * V + 8 * run.topK) }),
  });
}

/** Radix passes over the ids: one for each byte that the largest id needs. */
function idBytes(V: number): { ID_PASSES: number; LAST_ID: number } {
  const passes = V <= 0x100 ? 1 : V <= 0x10000 ? 2 : V <= 0x1000000 ? 3 : 4;
  return { ID_PASSES: passes, LAST_ID: 256 ** passes - 1 };
}
