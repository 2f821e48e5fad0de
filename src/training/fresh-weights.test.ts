import { expect, test } from 'vitest';
import { loadTrainingFixture } from '../testing/training-fixtures.ts';
import { freshWeights } from './fresh-weights.ts';

test('matrices are normal numbers of the right size, norms 1; the same for the same seed', async () => {
  const { config } = await loadTrainingFixture('mlm-tied');
  const values = async (seed: number, slot: string) => {
    const matrix = freshWeights(config, seed).matrix(slot);
    return (await matrix.rows(0, matrix.N)) as { values: Float32Array };
  };
  const deviation = (list: Float32Array) => Math.sqrt(list.reduce((sum, v) => sum + v * v, 0) / list.length);
  const table = (await values(1, 'embeddings.tok_embeddings.weight')).values;
  const Wo = (await values(1, 'layers.0.mlp.Wo.weight')).values;
  // Cut off at three deviations, normal numbers have 0.987 of their deviation; the matrices are small.
  const near = (share: number) => expect(Math.abs(share - 0.987)).toBeLessThan(0.06);
  near(deviation(table) / 0.02);
  near((deviation(Wo) * Math.sqrt(2 * config.layers)) / 0.02);
  expect(Math.max(...table.map(Math.abs))).toBeLessThanOrEqual(0.06);
  expect((await values(1, 'layers.0.mlp.Wo.weight')).values).toEqual(Wo);
  expect((await values(2, 'layers.0.mlp.Wo.weight')).values).not.toEqual(Wo);
  expect(new Set(await freshWeights(config, 1).vector('final_norm.weight'))).toEqual(new Set([1]));
});
