import { caseInstance, caseSet, type KernelCase, quick } from './checking/cases.ts';
import { foldGrid } from './checking/fold-grid.ts';
import { dropoutRef } from './dropout.ref.ts';
import { dropout } from './dropout.ts';
import { plainVariants } from './variants.ts';

function dropoutCase(
  tokens: number,
  width: number,
  { rate = 0.1, seed = 3, stream = 0, add = false, fold = false, bench = false } = {},
): KernelCase<'plain'> {
  return {
    name: `${tokens}×${width} by ${rate}${add ? ' added' : ''}${fold ? ' in two grid rows' : ''}`,
    bench,
    make({ storage, random }) {
      // Forward, elem is added to f32; backward, f32 gives elem.
      const types = { x: add ? storage : 'f32', y: add ? 'f32' : storage } as const;
      const kernel = dropout({ width, rate, stream, ...types, add });
      return caseInstance({
        kernel: fold ? foldGrid(kernel) : kernel,
        run: { tokens, dropoutSeed: seed },
        buffers: [
          { name: 'x', type: add ? 'elem' : 'f32', kind: 'read', data: random(tokens * width) },
          { name: 'y', type: add ? 'f32' : 'elem', kind: 'write', data: random(tokens * width) },
        ],
        reference: ({ x, y }) => ({ y: dropoutRef(x, rate, seed, stream, add ? y : undefined) }),
      });
    },
  };
}

export const dropoutCases = caseSet({
  kernel: 'dropout',
  variants: plainVariants,
  training: true,
  cases: [
    dropoutCase(1, 1, { rate: 0 }),
    quick(dropoutCase(17, 36)),
    dropoutCase(33, 70, { rate: 0.5, seed: 4_000_000_000, stream: 27, add: true }),
    dropoutCase(9, 132, { add: true, fold: true }),
    dropoutCase(128, 768, { add: true, bench: true }),
  ],
});
