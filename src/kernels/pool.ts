/** Wrapper of shaders/pool.wgsl. */
import { compose } from '../gpu/shader.ts';
import { defineKernel, grid1d, type Kernel } from '../gpu/step.ts';
import { type PoolMode, poolModes } from './pool-modes.ts';
import { rowVariants } from './variants.ts';

export type PoolVariant = 'wide' | 'narrow';

/** Threads a sequence: `wide` 256 (GPUs), `narrow` 16 (software adapters, on which barriers are slow). */
export const poolVariants = rowVariants<PoolVariant>('wide', 'narrow');

export interface PoolShape {
  /** Row length, divisible by 4. */
  H: number;
  pooling: PoolMode;
  /** Scales each vector to length 1; only allowed if the vector is the whole row. */
  normalize: boolean;
  /** Row length of the output and first column there, divisible by 4; default H and 0. */
  stride?: number;
  column?: number;
  variant: PoolVariant;
}

/** Bindings: hidden, cu_seqlens, pooled, run. */
export function pool({ H, pooling, normalize, stride = H, column = 0, variant }: PoolShape): Kernel {
  const isOneToken = pooling === 'cls' || pooling === 'lasttoken';
  const constants = {
    H,
    MODE: poolModes.indexOf(pooling),
    STRIDE: stride,
    COLUMN: column,
    NORMALIZE: normalize,
    THREADS: variant === 'wide' ? 256 : 16,
  };
  return defineKernel({
    label: `pool.${variant} ${pooling} ${H}`,
    code: compose('pool', { constants }),
    bindings: ['read', 'read', 'write', 'uniform'],
    numbers: { sequences: 'u32', skip: 'u32', tokens: 'count' },
    grid: run => grid1d(run.sequences),
    cost: run => {
      const rows = isOneToken ? run.sequences : run.tokens;
      return { flops: rows * H + (normalize ? 3 * run.sequences * H : 0), bytes: 4 * H * (rows + run.sequences) };
    },
  });
}
