import { caseInstance, caseSet, type KernelCase, quick } from './checking/cases.ts';
import { foldGrid } from './checking/fold-grid.ts';
import { isNonFinite, type LogitKind, logSumExpOf, makeLogits } from './checking/logits.ts';
import { targetScoresRef } from './target-scores.ref.ts';
import { type TargetScoresVariant, targetScores, targetScoresVariants } from './target-scores.ts';

function targetsCase(
  rows: number,
  V: number,
  pairs: number,
  { kind = 'random' as LogitKind, firstRow = 0, firstPair = 0, fold = false, bench = false } = {},
) {
  const kernelCase: KernelCase<TargetScoresVariant> = {
    name: `${pairs} pairs of ${rows}×${V} ${kind}${firstRow ? ` from row ${firstRow}` : ''}${firstPair ? ` from pair ${firstPair}` : ''}${fold ? ' in two grid rows' : ''}`,
    bench,
    nonFinite: isNonFinite(kind),
    make(context) {
      const logits = makeLogits(kind, rows, V, context);
      const stats = context.random((firstRow + rows) * 4, 5);
      const asked = new Uint32Array(2 * pairs);
      const someRows = context.randomInts(pairs, rows);
      const someTokens = context.randomInts(pairs, V);
      for (let p = 0; p < pairs; p++) asked.set([someRows[p]!, p === 0 ? V - 1 : someTokens[p]!], 2 * p);
      if (pairs > 5) asked.set([rows, 0, 0, V], 2); // outside: no such row, no such token
      return caseInstance({
        kernel: fold ? foldGrid(targetScores({ V, variant: context.variant })) : targetScores({ V, variant: context.variant }),
        run: { rows, firstRow, pairs, firstPair },
        buffers: [
          { name: 'pairs', type: 'u32', kind: 'read', data: asked },
          { name: 'logits', type: 'f32', kind: 'read', data: logits },
          { name: 'stats', type: 'f32', kind: 'read', data: stats },
          { name: 'scores', type: 'u32', kind: 'write', data: new Uint32Array(2 * (firstPair + pairs)).fill(77) },
        ],
        reference: inputs => {
          const scores = Uint32Array.from(inputs.scores);
          const logSumExp = logSumExpOf(inputs.stats, rows, firstRow);
          targetScoresRef(inputs.pairs, inputs.logits, V, logSumExp).forEach(({ logProb, rank }, p) => {
            scores.set([new Uint32Array(Float32Array.of(logProb).buffer)[0]!, rank], 2 * (firstPair + p)); // bits of the log-probability, rank
          });
          return { scores };
        },
      });
    },
  };
  return kernelCase;
}

export const targetScoresCases = caseSet({
  kernel: 'target-scores',
  variants: targetScoresVariants,
  storages: ['f32'],
  cases: [
    targetsCase(1, 1, 1),
    targetsCase(3, 5, 12, { firstRow: 2, firstPair: 9 }),
    quick(targetsCase(17, 509, 40, { firstRow: 40 })),
    targetsCase(3, 509, 40, { kind: 'ties', firstPair: 1 }),
    targetsCase(2, 509, 30, { kind: 'equal' }),
    targetsCase(3, 509, 60, { kind: 'holes' }),
    targetsCase(1, 32_768, 3, { bench: true }),
    targetsCase(3, 50_368, 7, { kind: 'ties' }),
    targetsCase(2, 5, 8, { fold: true }),
  ],
  benchCases: [targetsCase(16, 32_768, 48)],
});
