/** Wrapper of shaders/normalize.wgsl. */
import { compose } from '../gpu/shader.ts';
import { ceilDiv, defineKernel, grid1d, type Kernel } from '../gpu/step.ts';
import { rowVariants } from './variants.ts';

export type NormalizeVariant = 'threads' | 'rows';

/** `threads`: 64 threads share a row (GPUs). `rows`: one thread a row, no workgroup memory (software adapters). */
export const normalizeVariants = rowVariants<NormalizeVariant>('threads', 'rows');

export interface NormalizeShape {
  /** Row length, divisible by 4. */
  H: number;
  /** Rows: every token, or a vector a sequence. */
  rows: 'tokens' | 'sequences';
  variant: NormalizeVariant;
}

const layouts = { threads: { threads: 64, rowsEach: 1 }, rows: { threads: 16, rowsEach: 16 } } as const;

/** Bindings: x (f32, in place), run. */
export function normalize({ H, rows, variant }: NormalizeShape): Kernel {
  const { threads, rowsEach } = layouts[variant];
  return defineKernel({
    label: `normalize.${variant} ${H}`,
    code: compose('normalize', { constants: { H, ROWS: rowsEach, THREADS: threads } }),
    bindings: ['write', 'uniform'],
    numbers: { rows: 'u32' },
    from: { rows },
    grid: run => grid1d(ceilDiv(run.rows, rowsEach)),
    cost: run => ({ flops: 3 * run.rows * H, bytes: 8 * run.rows * H }),
  });
}
