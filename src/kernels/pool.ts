/** Wrapper of shaders/pool.wgsl. */
import { compose } from '../gpu/shader.ts';
import { grid1d, type Kernel } from '../gpu/step.ts';
import { rowVariants } from './variants.ts';

export type PoolVariant = 'wide' | 'narrow';

/** Threads a sequence: `wide` 256 (GPUs), `narrow` 16 (software adapters, on which barriers are dear). */
export const poolVariants = rowVariants<PoolVariant>('wide', 'narrow');

export interface PoolShape {
  /** Row length, divisible by 4. */
  H: number;
  pooling: 'mean' | 'cls';
  /** Each vector to length 1. */
  normalize: boolean;
  variant: PoolVariant;
}

/** Bindings: hidden, cu_seqlens, pooled, run. */
export function pool({ H, pooling, normalize, variant }: PoolShape): Kernel {
  const isCls = pooling === 'cls';
  return {
    label: `pool.${variant} ${pooling} ${H}`,
    code: compose('pool', { constants: { H, CLS: isCls, NORMALIZE: normalize, THREADS: variant === 'wide' ? 256 : 16 } }),
    bindings: ['read', 'read', 'write', 'uniform'],
    grid: run => grid1d(run.sequences),
    cost: run => {
      const rows = isCls ? run.sequences : run.tokens;
      return { flops: rows * H + (normalize ? 3 * run.sequences * H : 0), bytes: 4 * H * (rows + run.sequences) };
    },
  };
}
