import { caseInstance, caseSet, type KernelCase, quick } from './checking/cases.ts';
import { foldGrid } from './checking/fold-grid.ts';
import { crossEntropyBackwardRef, crossEntropyStatsRef } from './cross-entropy.ref.ts';
import { crossEntropyBackward } from './cross-entropy-backward.ts';
import { plainVariants } from './variants.ts';

function backwardCase(
  rows: number,
  C: number,
  { firstColumn = 0, scale = 1, stride = C, broken = false, fold = false, bench = false } = {},
): KernelCase<'plain'> {
  return {
    name: `${rows}×${C}${stride > C ? ` in ${stride}` : ''}${firstColumn ? ` from column ${firstColumn}` : ''}${broken ? ' with rows that are not finite' : ''}${fold ? ' in two grid rows' : ''}`,
    bench,
    nonFinite: broken,
    make({ storage: asked, random, randomInts }) {
      const storage = broken ? 'f32' : asked; // bits are compared, and those of a NaN in f16 are another matter
      const kernel = crossEntropyBackward({ C, firstColumn, stride, storage });
      const logits = random(rows * C, 3);
      const labels = randomInts(rows, C).map((c, r) => (r % 3 === 1 ? c : c + firstColumn));
      labels[0] = firstColumn + C - 1;
      if (rows > 1) labels[1] = firstColumn + C; // of the next chunk
      const stats = Float32Array.from(crossEntropyStatsRef(logits, labels, C));
      // As if the rest of the vocabulary held as much again; a row that is not finite says so.
      for (let r = 0; r < rows; r++) {
        if (firstColumn) stats[4 * r + 1]! *= 2;
        if (broken) stats[4 * r + 3] = 1;
      }
      return caseInstance({
        kernel: fold ? foldGrid(kernel) : kernel,
        run: { rows, lossScale: scale },
        buffers: [
          { name: 'logits', type: 'f32', kind: 'read', data: logits },
          { name: 'labels', type: 'u32', kind: 'read', data: labels },
          { name: 'stats', type: 'f32', kind: 'read', data: stats },
          { name: 'dlogits', type: broken ? 'f32' : 'elem', kind: 'write', data: new Float32Array(rows * stride).fill(7) },
        ],
        ...(broken && { exact: ['dlogits'] as const }),
        reference: inputs => ({
          dlogits: crossEntropyBackwardRef(inputs.logits, inputs.labels, inputs.stats, C, { firstColumn, scale, stride }),
        }),
      });
    },
  };
}

export const crossEntropyBackwardCases = caseSet({
  kernel: 'cross-entropy-backward',
  variants: plainVariants,
  training: true,
  cases: [
    backwardCase(1, 1),
    quick(backwardCase(17, 509, { scale: 0.5 })),
    backwardCase(9, 70, { firstColumn: 640, scale: 0.125, stride: 96 }),
    backwardCase(4, 33, { broken: true }),
    backwardCase(9, 130, { fold: true }),
    backwardCase(16, 8192, { bench: true }),
  ],
});
