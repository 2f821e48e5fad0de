import { caseInstance, caseSet, type KernelCase, quick } from './checking/cases.ts';
import { foldGrid } from './checking/fold-grid.ts';
import { squareSum, squareSums } from './square-sum.ts';
import { plainVariants } from './variants.ts';

function squareSumCase(n: number, { first = 0, squared = true, fold = false, bench = false } = {}): KernelCase<'plain'> {
  const block = 64 * 256;
  return {
    name: `${squared ? 'squares' : 'sums'} of ${n}${first ? ` to place ${first}` : ''}${fold ? ' in two grid rows' : ''}`,
    bench,
    make({ random }) {
      const kernel = squareSum({ n, first, squared });
      return caseInstance({
        kernel: fold ? foldGrid(kernel) : kernel,
        run: {},
        buffers: [
          { name: 'x', type: 'f32', kind: 'read', data: random(n + 3).map(v => v + 0.25) },
          { name: 'y', type: 'f32', kind: 'write', data: new Float32Array(first + squareSums(n) + 2).fill(7) },
        ],
        reference: ({ x, y }) => ({
          y: y.map((before, i) => {
            const start = (i - first) * block;
            if (start < 0 || start >= n) return before;
            let sum = 0;
            for (let j = start; j < Math.min(n, start + block); j++) sum += squared ? x[j]! ** 2 : x[j]!;
            return sum;
          }),
        }),
      });
    },
  };
}

export const squareSumCases = caseSet({
  kernel: 'square-sum',
  variants: plainVariants,
  storages: ['f32'],
  training: true,
  cases: [
    squareSumCase(1),
    quick(squareSumCase(300, { first: 5 })),
    squareSumCase(16_385, { squared: false, first: 1 }),
    squareSumCase(70_001),
    squareSumCase(3 * 16_384, { fold: true }),
    squareSumCase(1_000_000, { bench: true }),
  ],
});
