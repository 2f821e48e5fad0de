/** Wrapper of shaders/normalize.wgsl. */
import { compose } from '../gpu/shader.ts';
import { ceilDiv, grid1d, type Kernel } from '../gpu/step.ts';
import { rowVariants } from './variants.ts';

export type NormalizeVariant = 'threads' | 'rows';

/** `threads`: 64 threads share a row (GPUs). `rows`: one thread a row, no workgroup memory (software adapters). */
export const normalizeVariants = rowVariants<NormalizeVariant>('threads', 'rows');

export interface NormalizeShape {
  /** Row length, divisible by 4. */
  H: number;
  variant: NormalizeVariant;
}

const layouts = { threads: { threads: 64, rows: 1 }, rows: { threads: 16, rows: 16 } } as const;

/** Bindings: x (f32, in place), run. */
export function normalize({ H, variant }: NormalizeShape): Kernel {
  const { threads, rows } = layouts[variant];
  return {
    label: `normalize.${variant} ${H}`,
    code: compose('normalize', { constants: { H, ROWS: rows, THREADS: threads } }),
    bindings: ['write', 'uniform'],
    grid: run => grid1d(ceilDiv(run.tokens, rows)),
    cost: run => ({ flops: 3 * run.tokens * H, bytes: 8 * run.tokens * H }),
  };
}
