/** Wrapper of shaders/layernorm.wgsl. */

import { compose } from '../gpu/shader.ts';
import { ceilDiv, defineKernel, grid1d, type Kernel } from '../gpu/step.ts';
import type { StorageType } from '../types.ts';
import { elemAliases, elemBytes, type Variant } from './variants.ts';

export type LayernormVariant = 'threads' | 'rows';

/** `threads`: 64 threads share a row (GPUs). `rows`: one thread a row, no workgroup memory (software adapters). */
export const layernormVariants: readonly Variant<LayernormVariant>[] = [
  { name: 'threads', runsOn: () => true, suits: profile => !profile.software },
  { name: 'rows', runsOn: () => true, suits: profile => profile.software },
];

export interface LayernormShape {
  /** Row length, divisible by 4. */
  H: number;
  eps: number;
  hasBias: boolean;
  /** Rows: every token, the rows of this pass through the head, or a vector a sequence. */
  rows: 'tokens' | 'rows' | 'sequences';
  /** Row r reads x[row_index[r]]. */
  gather: boolean;
  storage: StorageType;
  variant: LayernormVariant;
}

const layouts = { threads: { threads: 64, rowsEach: 1 }, rows: { threads: 16, rowsEach: 16 } } as const;

/** Bindings: x, weight, bias (any buffer without bias), row_index (any buffer without gather), y, run. */
export function layernorm({ H, eps, hasBias, rows, gather, storage, variant }: LayernormShape): Kernel {
  const { threads, rowsEach } = layouts[variant];
  const code = compose('layernorm', {
    constants: {
      H,
      EPS: eps,
      HAS_BIAS: hasBias,
      HALF: storage === 'f16',
      GATHER: gather,
      ROWS: rowsEach,
      THREADS: threads,
    },
    aliases: elemAliases(storage),
  });
  return defineKernel({
    label: `layernorm.${variant} ${H}${gather ? ' gather' : ''}`,
    code,
    bindings: ['read', 'read', 'read', 'read', 'write', 'uniform'],
    numbers: { rows: 'u32' },
    from: { rows },
    grid: run => grid1d(ceilDiv(run.rows, rowsEach)),
    cost: run => ({ flops: 8 * run.rows * H, bytes: run.rows * H * (4 + elemBytes(storage)) }),
  });
}
