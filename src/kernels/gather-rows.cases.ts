import { caseInstance, caseSet, type KernelCase, quick } from './checking/cases.ts';
import { foldGrid } from './checking/fold-grid.ts';
import { gatherRows } from './gather-rows.ts';
import { plainVariants } from './variants.ts';

/** Ids below `firstRow` and behind the shard keep what stood in x. */
function gatherCase(tokens: number, H: number, { firstRow = 0, rowCount = 50, fold = false, bench = false } = {}): KernelCase<'plain'> {
  return {
    name: `${tokens}×${H} from rows ${firstRow} to ${firstRow + rowCount}${fold ? ' in two grid rows' : ''}`,
    bench,
    make({ random, randomInts }) {
      const kernel = gatherRows({ H, firstRow, rowCount });
      return caseInstance({
        kernel: fold ? foldGrid(kernel) : kernel,
        run: { tokens },
        buffers: [
          { name: 'ids', type: 'u32', kind: 'read', data: randomInts(tokens, firstRow ? 2 * firstRow + rowCount : rowCount) },
          { name: 'table', type: 'f32', kind: 'read', data: random(rowCount * H) },
          { name: 'x', type: 'f32', kind: 'write', data: random((tokens + 1) * H) },
        ],
        reference: ({ ids, table, x }) => ({
          x: x.map((before, i) => {
            const row = ids[Math.floor(i / H)]! - firstRow;
            return i < tokens * H && row >= 0 && row < rowCount ? table[row * H + (i % H)]! : before;
          }) as Float64Array,
        }),
        maxNmse: 0,
      });
    },
  };
}

export const gatherRowsCases = caseSet({
  kernel: 'gather-rows',
  variants: plainVariants,
  storages: ['f32'],
  training: true,
  cases: [
    gatherCase(1, 4),
    quick(gatherCase(37, 36)),
    gatherCase(40, 68, { firstRow: 20, rowCount: 7 }),
    gatherCase(9, 132, { fold: true }),
    gatherCase(128, 768, { rowCount: 1000, bench: true }),
  ],
});
