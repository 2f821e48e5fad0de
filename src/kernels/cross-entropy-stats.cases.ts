import { caseInstance, caseSet, type KernelCase, quick } from './checking/cases.ts';
import { foldGrid } from './checking/fold-grid.ts';
import { isNonFinite, type LogitKind, makeLogits } from './checking/logits.ts';
import { crossEntropyStatsRef } from './cross-entropy.ref.ts';
import { type CrossEntropyVariant, crossEntropyStats, crossEntropyVariants } from './cross-entropy-stats.ts';

function statsCase(
  rows: number,
  C: number,
  { kind = 'random' as LogitKind, firstColumn = 0, fold = false, bench = false } = {},
): KernelCase<CrossEntropyVariant> {
  return {
    name: `${rows}×${C} ${kind}${firstColumn ? ` from column ${firstColumn}` : ''}${fold ? ' in two grid rows' : ''}`,
    bench,
    nonFinite: isNonFinite(kind),
    make(context) {
      const kernel = crossEntropyStats({ C, firstColumn, variant: context.variant });
      const labels = context.randomInts(rows, C).map((c, r) => (r % 3 === 1 ? c : c + firstColumn)); // some in an earlier chunk
      labels[0] = firstColumn + C - 1;
      if (rows > 2) labels[2] = firstColumn + C; // in a later one
      const before = context.random(4 * rows).map((v, i) => (i % 4 === 1 ? 1 + Math.abs(v) : i % 4 === 3 ? 0 : 3 * v));
      return caseInstance({
        kernel: fold ? foldGrid(kernel) : kernel,
        run: { rows },
        buffers: [
          { name: 'logits', type: 'f32', kind: 'read', data: makeLogits(kind, rows, C, context) },
          { name: 'labels', type: 'u32', kind: 'read', data: labels },
          { name: 'stats', type: 'f32', kind: 'write', data: before },
        ],
        reference: inputs => ({
          stats: crossEntropyStatsRef(inputs.logits, inputs.labels, C, { firstColumn, before: inputs.stats }),
        }),
      });
    },
  };
}

export const crossEntropyStatsCases = caseSet({
  kernel: 'cross-entropy-stats',
  variants: crossEntropyVariants,
  storages: ['f32'],
  training: true,
  cases: [
    statsCase(1, 1),
    quick(statsCase(17, 509)),
    statsCase(9, 70, { firstColumn: 640 }),
    statsCase(4, 600, { kind: 'wide', firstColumn: 1200 }),
    statsCase(3, 509, { kind: 'holes', firstColumn: 509 }),
    statsCase(5, 5, { fold: true }),
    statsCase(16, 8192, { kind: 'peaked', bench: true }),
  ],
});
