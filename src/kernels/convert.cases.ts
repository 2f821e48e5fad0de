import { caseInstance, caseSet, type KernelCase, quick } from './checking/cases.ts';
import { foldGrid } from './checking/fold-grid.ts';
import { convert } from './convert.ts';
import { plainVariants } from './variants.ts';

function convertCase(
  tokens: number,
  width: number,
  direction: 'to elem' | 'from elem',
  { bench = false, fold = false } = {},
): KernelCase<'plain'> {
  const toElem = direction === 'to elem';
  return {
    name: `${direction} ${tokens}×${width}${fold ? ' in two grid rows' : ''}`,
    bench,
    make({ storage, random }) {
      const data = toElem ? random(tokens * width, 3).map(v => v * 1.0001) : random(tokens * width, 3);
      return caseInstance({
        kernel: fold
          ? foldGrid(convert({ from: toElem ? 'f32' : storage, to: toElem ? storage : 'f32', width }))
          : convert({ from: toElem ? 'f32' : storage, to: toElem ? storage : 'f32', width }),
        run: { tokens },
        buffers: [
          { name: 'source', type: toElem ? 'f32' : 'elem', kind: 'read', data },
          { name: 'result', type: toElem ? 'elem' : 'f32', kind: 'write', data: new Float32Array(data.length).fill(7) },
        ],
        reference: ({ source }) => ({ result: source }),
        maxNmse: toElem && storage === 'f16' ? 1e-6 : 0, // the hardware may choose the direction of rounding to f16; all else is exact
      });
    },
  };
}

export const convertCases = caseSet({
  kernel: 'convert',
  variants: plainVariants,
  cases: (['to elem', 'from elem'] as const).flatMap(direction => [
    convertCase(1, 4, direction),
    convertCase(3, 36, direction),
    quick(convertCase(17, 1028, direction)),
    convertCase(128, 1024, direction, { bench: true }),
    convertCase(170, 100, direction, { fold: true }),
  ]),
});
