/** Wrapper of shaders/layernorm-backward.wgsl. */
import { compose } from '../gpu/shader.ts';
import { ceilDiv, defineKernel, type Kernel } from '../gpu/step.ts';
import type { LayernormShape } from './layernorm.ts';
import { elemAliases, elemBytes, rowVariants } from './variants.ts';

/** `threads`: 64 threads share a row (GPUs). `rows`: one thread a row, no workgroup memory (software adapters). */
export const layernormBackwardVariants = rowVariants('threads', 'rows');
export type LayernormBackwardVariant = (typeof layernormBackwardVariants)[number]['name'];

/** `storage` is that of dy; x and dx are f32. */
export interface LayernormBackwardShape extends Omit<LayernormShape, 'variant' | 'rows'> {
  rows: 'tokens' | 'rows';
  /** Adds to dx; without it the rows of dx are overwritten, and those that no row names are left as they are. */
  add: boolean;
  variant: LayernormBackwardVariant;
}

/** Rows whose parts of the weight's gradient are summed into one row of `partials`. */
export const layernormBackwardBlock = 16;

const layouts = { threads: { threads: 64, perRow: 64 }, rows: { threads: 8, perRow: 1 } } as const;

/**
 * Bindings: x f32 [.., H], dy elem [rows, H], weight f32 [H], row_index u32 [rows] (any buffer without gather; no row twice), dx f32 [.., H],
 * partials f32 [ceil(rows / layernormBackwardBlock), H], or 2 H with a bias: dweight, then dbias; run. `columnSum` adds the partials up.
 */
export function layernormBackward(shape: LayernormBackwardShape): Kernel {
  const { H, eps, hasBias, rows, gather, add, storage, variant } = shape;
  const { threads, perRow } = layouts[variant];
  return defineKernel({
    label: `layernorm-backward.${variant} ${H}${gather ? ' gather' : ''}`,
    code: compose('layernorm-backward', {
      constants: {
        H,
        EPS: eps,
        HAS_BIAS: hasBias,
        GATHER: gather,
        ADD: add,
        BLOCK: layernormBackwardBlock,
        PER_ROW: perRow,
        THREADS: threads,
      },
      aliases: elemAliases(storage, ['elem4']),
    }),
    bindings: ['read', 'read', 'read', 'read', 'write', 'write', 'uniform'],
    numbers: { rows: 'u32', firstGroup: 'u32' },
    from: { rows },
    grid: run => [ceilDiv(run.rows, (layernormBackwardBlock * threads) / perRow), 1, 1],
    rowAxis: 0,
    cost: run => ({ flops: 20 * run.rows * H, bytes: run.rows * H * (4 + elemBytes(storage) + (add ? 8 : 4)) }),
  });
}
