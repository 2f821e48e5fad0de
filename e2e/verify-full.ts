/**
 * The published sizes, base and large, against PyTorch at 16 to 8192 tokens on the adapter present (VK_ICD_FILENAMES chooses among
 * drivers), with weights in q4 and f16: errors, GPU memory, time, longest submit. Environment: AFFINAGE_SHAPES, AFFINAGE_DTYPES and
 * AFFINAGE_LENGTHS, comma-separated, take a part of it.
 */
import { expect, test } from 'vitest';
import { openModel } from '../src/inference/open.ts';
import { testEnvironment } from '../src/testing/environment.ts';
import { type FullSizeName, fullSizeSource } from '../src/testing/full-size.ts';
import { checkFullSize, fullSizeCases } from '../src/testing/full-size-check.ts';

function list<T extends string>(name: string, all: readonly T[]): readonly T[] {
  const wanted = process.env[name]?.split(',');
  return wanted ? all.filter(entry => wanted.includes(entry)) : all;
}

const megabytes = (bytes: number) => (bytes / 1e6).toFixed(0);
const lengths = list('AFFINAGE_LENGTHS', ['16', '128', '513', '2048', '8192']).map(Number);
/** GPU bytes beside the weights. */
const budgetOf = (tokens: number) => (tokens <= 1024 ? 80e6 : 600e6);

console.log(
  '| model | weights | tokens | hidden | last | mean | cls | log-prob. | best ten | GPU MB: weights + rest, peak | s | submits, longest ms |',
);
console.log('| --- | --- | --- | --- | --- | --- | --- | --- | --- | --- | --- | --- |');

for (const shape of list<FullSizeName>('AFFINAGE_SHAPES', ['base', 'large'])) {
  for (const dtype of list('AFFINAGE_DTYPES', ['q4', 'f16'] as const)) {
    test(`${shape} ${dtype}`, async () => {
      const cases = await fullSizeCases(shape);
      const { gpu, session } = await openModel(testEnvironment(), fullSizeSource(shape, { stored: dtype }), { dtype });
      for (const tokens of lengths) {
        const expected = cases.find(c => c.tokens === tokens)!;
        const before = { ...session.counters };
        session.counters.longestSubmitMs = 0;
        const found = await checkFullSize(session, expected);
        const { weights, activations, peak } = gpu.memory.report;
        const { submits, longestSubmitMs } = session.counters;
        const errors = [found.hidden, found.last, found.mean, found.cls, found.logProb].map(e => e.toExponential(1));
        const sizes = `${megabytes(weights)} + ${megabytes(activations)}, ${megabytes(peak)}`;
        const times = `${(found.ms / 1000).toFixed(1)} | ${submits - before.submits}, ${longestSubmitMs.toFixed(0)}`;
        console.log(`| ${shape} | ${dtype} | ${tokens} | ${errors.join(' | ')} | ${found.agreeing}/${found.masks} | ${sizes} | ${times} |`);
        const isExact = session.plans.storage === 'f32';
        for (const name of ['hidden', 'last', 'mean', 'cls'] as const)
          expect.soft(found[name], `${name} at ${tokens}`).toBeLessThanOrEqual(isExact ? 1e-10 : 1e-4);
        if (isExact) {
          expect.soft(found.logProb, `log-probabilities at ${tokens}`).toBeLessThanOrEqual(2e-4);
          expect.soft(found.agreeing, `best ten at ${tokens}`).toBe(found.masks);
        }
        expect.soft(peak - weights, `GPU bytes at ${tokens}`).toBeLessThanOrEqual(budgetOf(tokens));
      }
      gpu.memory.freeAll();
      gpu.destroy();
    });
  }
}
