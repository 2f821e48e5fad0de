import { caseInstance, caseSet, type KernelCase, quick } from './checking/cases.ts';
import { foldGrid } from './checking/fold-grid.ts';
import { isNonFinite, type LogitKind, logSumExpOf, makeLogits } from './checking/logits.ts';
import { topkRef } from './topk.ref.ts';
import { type TopkVariant, topk, topkVariants } from './topk.ts';

function topkCase(rows: number, V: number, k: number, { kind = 'random' as LogitKind, firstRow = 0, fold = false, bench = false } = {}) {
  const kernelCase: KernelCase<TopkVariant> = {
    name: `${k} of ${rows}×${V} ${kind}${firstRow ? ` from row ${firstRow}` : ''}${fold ? ' in two grid rows' : ''}`,
    bench,
    nonFinite: isNonFinite(kind),
    make(context) {
      const logits = makeLogits(kind, rows, V, context);
      const stats = context.random((firstRow + rows) * 4, 5);
      const cells = (firstRow + rows) * k;
      return caseInstance({
        kernel: fold ? foldGrid(topk({ V, variant: context.variant })) : topk({ V, variant: context.variant }),
        run: { rows, firstRow, topK: k },
        buffers: [
          { name: 'logits', type: 'f32', kind: 'read', data: logits },
          { name: 'stats', type: 'f32', kind: 'read', data: stats },
          { name: 'ids', type: 'u32', kind: 'write', data: new Uint32Array(cells).fill(77) },
          { name: 'log_probs', type: 'f32', kind: 'write', data: new Float32Array(cells).fill(77) },
        ],
        reference: inputs => {
          const places = Math.min(k, V);
          const best = topkRef(inputs.logits, V, places, logSumExpOf(inputs.stats, rows, firstRow));
          const ids = Uint32Array.from(inputs.ids);
          const logProbs = Float64Array.from(inputs.log_probs);
          for (let row = 0; row < rows; row++) {
            ids.set(best.ids.subarray(row * places, (row + 1) * places), (firstRow + row) * k);
            logProbs.set(best.logProbs.subarray(row * places, (row + 1) * places), (firstRow + row) * k);
          }
          return { ids, log_probs: logProbs };
        },
        exact: ['log_probs'], // for infinities and NaN; one subtraction is exact on every adapter
      });
    },
  };
  return kernelCase;
}

// Few sizes of V: each is a pipeline of its own, and SwiftShader takes seconds to compile one.
const cases = [
  topkCase(1, 1, 1),
  topkCase(3, 5, 5, { firstRow: 2 }),
  topkCase(3, 5, 9), // more places than logits: the other places stay as they were
  topkCase(8, 5, 2, { fold: true }),
  topkCase(17, 509, 1, { firstRow: 3 }),
  quick(topkCase(17, 509, 50, { firstRow: 40 })),
  topkCase(3, 509, 509),
  quick(topkCase(3, 509, 50, { kind: 'ties', firstRow: 1 })),
  topkCase(3, 509, 509, { kind: 'ties' }),
  topkCase(2, 509, 20, { kind: 'equal' }),
  topkCase(3, 509, 509, { kind: 'holes' }),
  topkCase(3, 509, 40, { kind: 'nothing' }),
  topkCase(1, 32_768, 5, { bench: true }),
  topkCase(3, 32_768, 50, { bench: true }),
  topkCase(1, 32_768, 1000, { kind: 'ascending' }),
  topkCase(1, 32_768, 7, { kind: 'descending' }),
  topkCase(2, 50_368, 1000, { kind: 'ties' }),
  topkCase(1, 66_000, 200, { kind: 'equal' }), // ids of three bytes
];

const benchCases = [topkCase(16, 32_768, 5)];

/** One set a shader file. */
export const topkCases = topkVariants.map(variant =>
  caseSet({ kernel: `topk-${variant.name}`, variants: [variant], storages: ['f32'], cases, benchCases }),
);
