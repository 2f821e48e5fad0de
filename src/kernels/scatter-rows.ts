/** Wrapper of shaders/scatter-rows.wgsl, and the lists that it reads. */
import { compose } from '../gpu/shader.ts';
import { defineKernel, grid1d, type Kernel } from '../gpu/step.ts';
import type { GatherRowsShape } from './gather-rows.ts';

const threads = 64;

/** Bindings: order u32 [tokens], groups u32 [groups, 3], gradient of x f32 [tokens, H], gradient of the table f32 [rowCount, H] (added to), run. */
export function scatterRows({ H, firstRow, rowCount }: GatherRowsShape): Kernel {
  return defineKernel({
    label: `scatter-rows ${H}`,
    code: compose('scatter-rows', { constants: { H, FIRST_ROW: firstRow, ROW_COUNT: rowCount, THREADS: threads } }),
    bindings: ['read', 'read', 'read', 'write', 'uniform'],
    numbers: { groups: 'u32', tokens: 'count' },
    grid: run => grid1d(run.groups),
    cost: run => ({ flops: run.tokens * H, bytes: 4 * H * (run.tokens + 2 * run.groups) }),
  });
}

/** The tokens sorted by their ids, each id's in their order, and for each id that occurs (id, begin, end) of its tokens in that list. */
export function groupById(ids: ArrayLike<number>): { order: Uint32Array<ArrayBuffer>; groups: Uint32Array<ArrayBuffer> } {
  const order = Uint32Array.from(ids, (_, t) => t).sort((a, b) => ids[a]! - ids[b]! || a - b);
  const groups: number[] = [];
  for (let begin = 0; begin < order.length; ) {
    const id = ids[order[begin]!]!;
    let end = begin + 1;
    while (end < order.length && ids[order[end]!] === id) end++;
    groups.push(id, begin, end);
    begin = end;
  }
  return { order, groups: Uint32Array.from(groups) };
}
