import { caseInstance, caseSet, type KernelCase, quick } from './checking/cases.ts';
import { foldGrid } from './checking/fold-grid.ts';
import { groupById, scatterRows } from './scatter-rows.ts';
import { plainVariants } from './variants.ts';

/** Groups of ids below `firstRow` and behind the shard add nothing. */
function scatterCase(tokens: number, H: number, { firstRow = 0, rowCount = 20, fold = false, bench = false } = {}): KernelCase<'plain'> {
  return {
    name: `${tokens}×${H} to rows ${firstRow} to ${firstRow + rowCount}${fold ? ' in two grid rows' : ''}`,
    bench,
    make({ random, randomInts }) {
      const kernel = scatterRows({ H, firstRow, rowCount });
      const { order, groups } = groupById(randomInts(tokens, firstRow ? 2 * firstRow + rowCount : rowCount));
      return caseInstance({
        kernel: fold ? foldGrid(kernel) : kernel,
        run: { groups: groups.length / 3, tokens },
        buffers: [
          { name: 'order', type: 'u32', kind: 'read', data: order },
          // One more that is not of this run, and a row behind the shard: both must be left alone.
          { name: 'groups', type: 'u32', kind: 'read', data: Uint32Array.of(...groups, firstRow, 0, 1) },
          { name: 'dx', type: 'f32', kind: 'read', data: random(tokens * H) },
          { name: 'dw', type: 'f32', kind: 'write', data: random((rowCount + 1) * H) },
        ],
        reference: inputs => {
          const dw = Float64Array.from(inputs.dw);
          for (let s = 0; s < groups.length; s += 3) {
            const [row, begin, end] = [inputs.groups[s]! - firstRow, inputs.groups[s + 1]!, inputs.groups[s + 2]!];
            if (row < 0 || row >= rowCount) continue;
            for (let t = begin; t < end; t++) for (let h = 0; h < H; h++) dw[row * H + h]! += inputs.dx[inputs.order[t]! * H + h]!;
          }
          return { dw };
        },
      });
    },
  };
}

export const scatterRowsCases = caseSet({
  kernel: 'scatter-rows',
  variants: plainVariants,
  storages: ['f32'],
  training: true,
  cases: [
    scatterCase(1, 4),
    quick(scatterCase(57, 36)),
    scatterCase(60, 268, { firstRow: 20, rowCount: 7 }),
    scatterCase(12, 132, { fold: true }),
    scatterCase(128, 768, { rowCount: 1000, bench: true }),
  ],
});
