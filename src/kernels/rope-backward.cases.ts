import { caseInstance, caseSet, type KernelCase, quick } from './checking/cases.ts';
import { foldGrid } from './checking/fold-grid.ts';
import { ropeBackwardRef } from './rope-backward.ref.ts';
import { ropeBackward } from './rope-backward.ts';
import { plainVariants } from './variants.ts';

function ropeBackwardCase(
  tokens: number,
  heads: number,
  headDim: number,
  { toF32 = false, fold = false, bench = false } = {},
): KernelCase<'plain'> {
  return {
    name: `${tokens} × ${heads} heads of ${headDim}${toF32 ? ' to f32' : ''}${fold ? ' in two grid rows' : ''}`,
    bench,
    make({ storage, random, randomInts }) {
      const kernel = ropeBackward({ heads, headDim, storage, out: toF32 ? 'f32' : storage });
      const reach = 11;
      const angles = Float32Array.from({ length: (reach * headDim) / 2 }, (_, i) => Math.floor(i / (headDim / 2)) / 10 ** (i % 5));
      return caseInstance({
        kernel: fold ? foldGrid(kernel) : kernel,
        run: { tokens },
        buffers: [
          { name: 'd', type: 'elem', kind: 'read', data: random(3 * heads * tokens * headDim) },
          {
            name: 'table',
            type: 'f32',
            kind: 'read',
            data: Float32Array.from({ length: 2 * angles.length }, (_, i) => (i % 2 ? Math.sin : Math.cos)(angles[i >> 1]!)),
          },
          { name: 'positions', type: 'u32', kind: 'read', data: randomInts(tokens, reach) },
          { name: 'result', type: toF32 ? 'f32' : 'elem', kind: 'write', data: new Float32Array(3 * heads * tokens * headDim).fill(7) },
        ],
        reference: ({ d, table, positions }) => ({ result: ropeBackwardRef(tokens, heads, headDim, { d, table, positions }) }),
      });
    },
  };
}

export const ropeBackwardCases = caseSet({
  kernel: 'rope-backward',
  variants: plainVariants,
  training: true,
  cases: [
    ropeBackwardCase(1, 1, 4),
    quick(ropeBackwardCase(17, 2, 32)),
    ropeBackwardCase(5, 3, 64, { toF32: true }),
    ropeBackwardCase(23, 1, 128, { fold: true }),
    ropeBackwardCase(128, 12, 64, { bench: true }),
  ],
});
