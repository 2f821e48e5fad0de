/** Wrapper of shaders/column-sum.wgsl. */
import { compose } from '../gpu/shader.ts';
import { ceilDiv, defineKernel, grid1d, type Kernel } from '../gpu/step.ts';
import type { StorageType } from '../types.ts';
import { elemAliases, elemBytes, rowVariants } from './variants.ts';

/** `shared`: 8 threads share a column (GPUs). `columns`: one thread a column, no workgroup memory (software adapters). */
export const columnSumVariants = rowVariants('shared', 'columns');
export type ColumnSumVariant = (typeof columnSumVariants)[number]['name'];

export interface ColumnSumShape {
  /** Columns that are summed: `firstColumn` … `firstColumn` + N − 1 of rows of `stride` values. */
  N: number;
  stride: number;
  firstColumn: number;
  rows: 'tokens' | 'rows';
  /** x has a row for so many of them: 1, or the block of a kernel that gives partial sums (`layernormBackwardBlock`). */
  block: number;
  /** Of x. */
  storage: StorageType;
  variant: ColumnSumVariant;
}

const layouts = { shared: { threads: 256, columns: 32 }, columns: { threads: 16, columns: 16 } } as const;

/** Bindings: x elem [ceil(rows / block), stride], y f32 [N], which the sums are added to, run. */
export function columnSum({ N, stride, firstColumn, rows, block, storage, variant }: ColumnSumShape): Kernel {
  const { threads, columns } = layouts[variant];
  return defineKernel({
    label: `column-sum.${variant} ${N}`,
    code: compose('column-sum', {
      constants: { N, STRIDE: stride, FIRST_COLUMN: firstColumn, BLOCK: block, COLUMNS: columns, THREADS: threads },
      aliases: elemAliases(storage, ['elem']),
    }),
    bindings: ['read', 'write', 'uniform'],
    numbers: { rows: 'u32' },
    from: { rows },
    grid: run => (run.rows === 0 ? [0, 0, 0] : grid1d(ceilDiv(N, columns))),
    cost: run => ({ flops: ceilDiv(run.rows, block) * N, bytes: ceilDiv(run.rows, block) * N * elemBytes(storage) + 8 * N }),
  });
}
