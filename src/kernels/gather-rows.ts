/** Wrapper of shaders/gather-rows.wgsl. */
import { compose } from '../gpu/shader.ts';
import { ceilDiv, defineKernel, grid1d, type Kernel } from '../gpu/step.ts';

export interface GatherRowsShape {
  /** Row length, a multiple of 4. */
  H: number;
  /** The bound table holds these rows of the vocabulary; tokens with other ids are left untouched. */
  firstRow: number;
  rowCount: number;
}

const threads = 64;

/** Bindings: ids u32 [tokens], table f32 [rowCount, H], x f32 [tokens, H], run. */
export function gatherRows({ H, firstRow, rowCount }: GatherRowsShape): Kernel {
  return defineKernel({
    label: `gather-rows ${H}`,
    code: compose('gather-rows', { constants: { H, FIRST_ROW: firstRow, ROW_COUNT: rowCount, THREADS: threads } }),
    bindings: ['read', 'read', 'write', 'uniform'],
    numbers: { tokens: 'u32' },
    grid: run => grid1d(ceilDiv((run.tokens * H) / 4, threads)),
    cost: run => ({ flops: 0, bytes: run.tokens * (8 * H + 4) }),
  });
}
