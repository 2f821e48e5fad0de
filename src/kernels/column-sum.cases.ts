import { caseInstance, caseSet, type KernelCase, quick } from './checking/cases.ts';
import { foldGrid } from './checking/fold-grid.ts';
import { type ColumnSumVariant, columnSum, columnSumVariants } from './column-sum.ts';

interface Shape {
  rows: number;
  N: number;
  stride?: number;
  firstColumn?: number;
  block?: number;
  fold?: boolean;
  bench?: boolean;
}

function columnSumCase({ rows, N, stride = N, firstColumn = 0, block = 1, fold, bench }: Shape): KernelCase<ColumnSumVariant> {
  const lines = Math.ceil(rows / block);
  return {
    name: `${rows} rows${block > 1 ? ` in blocks of ${block}` : ''}, ${N} columns from ${firstColumn} of ${stride}${fold ? ' in two grid rows' : ''}`,
    bench,
    make({ variant, storage, random }) {
      const kernel = columnSum({ N, stride, firstColumn, rows: block > 1 ? 'rows' : 'tokens', block, storage, variant });
      return caseInstance({
        kernel: fold ? foldGrid(kernel) : kernel,
        run: block > 1 ? { rows } : { tokens: rows },
        buffers: [
          { name: 'x', type: 'elem', kind: 'read', data: random(lines * stride).map(v => v + 0.25) },
          { name: 'y', type: 'f32', kind: 'write', data: random(N) },
        ],
        reference: ({ x, y }) => ({
          y: Float64Array.from(y, (before, n) => {
            let sum = before;
            for (let r = 0; r < lines; r++) sum += x[r * stride + firstColumn + n]!;
            return sum;
          }),
        }),
      });
    },
  };
}

export const columnSumCases = caseSet({
  kernel: 'column-sum',
  variants: columnSumVariants,
  training: true,
  cases: [
    columnSumCase({ rows: 1, N: 1 }),
    quick(columnSumCase({ rows: 37, N: 68, stride: 200, firstColumn: 100 })),
    columnSumCase({ rows: 161, N: 36, block: 16 }),
    columnSumCase({ rows: 5, N: 132, fold: true }),
    columnSumCase({ rows: 1000, N: 768, bench: true }),
  ],
});
