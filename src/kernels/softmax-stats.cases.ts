import { caseInstance, caseSet, type KernelCase, quick } from './checking/cases.ts';
import { foldGrid } from './checking/fold-grid.ts';
import { isNonFinite, type LogitKind, makeLogits } from './checking/logits.ts';
import { softmaxStatsRef } from './softmax-stats.ref.ts';
import { type SoftmaxStatsVariant, softmaxStats, softmaxStatsVariants } from './softmax-stats.ts';

function statsCase(rows: number, V: number, { kind = 'random' as LogitKind, firstRow = 0, shift = 0, fold = false, bench = false } = {}) {
  const kernelCase: KernelCase<SoftmaxStatsVariant> = {
    name: `${rows}×${V} ${kind}${firstRow ? ` from row ${firstRow}` : ''}${shift ? ` shifted ${shift}` : ''}${fold ? ' in two grid rows' : ''}`,
    bench,
    nonFinite: isNonFinite(kind),
    make(context) {
      const logits = makeLogits(kind, rows, V, context).map(v => v + shift);
      const before = context.random((firstRow + rows) * 4);
      return caseInstance({
        kernel: fold ? foldGrid(softmaxStats({ V, variant: context.variant })) : softmaxStats({ V, variant: context.variant }),
        run: { rows, firstRow },
        buffers: [
          { name: 'logits', type: 'f32', kind: 'read', data: logits },
          { name: 'stats', type: 'f32', kind: 'write', data: before },
        ],
        reference: inputs => {
          const stats = Float64Array.from(inputs.stats);
          stats.set(softmaxStatsRef(inputs.logits, V), firstRow * 4);
          return { stats };
        },
      });
    },
  };
  return kernelCase;
}

export const softmaxStatsCases = caseSet({
  kernel: 'softmax-stats',
  variants: softmaxStatsVariants,
  storages: ['f32'],
  cases: [
    statsCase(1, 1),
    statsCase(3, 5, { firstRow: 2 }),
    quick(statsCase(17, 509, { firstRow: 40 })),
    statsCase(3, 509, { kind: 'equal' }),
    statsCase(3, 509, { kind: 'peaked' }), // small entropy
    quick(statsCase(2, 509, { kind: 'wide', shift: 200 })), // e^x overflows unless the largest logit is subtracted
    statsCase(2, 509, { kind: 'random', shift: -300 }), // and underflows
    statsCase(3, 509, { kind: 'holes' }),
    statsCase(3, 509, { kind: 'nothing', firstRow: 1 }),
    statsCase(1, 32_768, { bench: true }),
    statsCase(3, 50_368, { kind: 'wide' }),
    statsCase(1, 50_368, { kind: 'equal' }),
    statsCase(8, 5, { fold: true }),
  ],
  benchCases: [statsCase(16, 32_768)],
});
