/** Wrapper of shaders/transpose.wgsl. */
import { compose } from '../gpu/shader.ts';
import { ceilDiv, defineKernel, grid1d, type Kernel } from '../gpu/step.ts';
import type { StorageType } from '../types.ts';
import { elemAliases, elemBytes } from './variants.ts';

export interface TransposeShape {
  /** Values a row. */
  K: number;
  /** Columns of the result: a multiple of 32, as a matmul's weights need, and at least the rows of any run. */
  columns: number;
  /** How many rows there are: those of the run, or always so many. */
  rows: 'tokens' | 'rows' | number;
  storage: StorageType;
}

const threads = 64;
const block = 16;
/** The result's columns come in multiples of this. */
export const transposeColumns = 32;

/** Bindings: x elem [rows, K], y elem [K, columns], run. Columns after the run's rows become zeros. Errors: RangeError for other column counts. */
export function transpose({ K, columns, rows, storage }: TransposeShape): Kernel {
  if (columns % transposeColumns !== 0)
    throw new RangeError(`transpose to ${columns} columns; a multiple of ${transposeColumns} is needed`);
  return defineKernel({
    label: `transpose ${K}×${columns}`,
    code: compose('transpose', {
      constants: { K, TOKENS: columns, BLOCK: block, THREADS: threads },
      aliases: elemAliases(storage, ['elem']),
    }),
    bindings: ['read', 'write', 'uniform'],
    numbers: { tokens: 'u32' },
    from: { tokens: rows },
    grid: run => (run.tokens === 0 ? [0, 0, 0] : grid1d(ceilDiv(K, block) * ceilDiv(columns, threads))),
    cost: run => ({ flops: 0, bytes: K * (run.tokens + columns) * elemBytes(storage) }),
  });
}
