/** Losses, gradients and steps of the tiny models are PyTorch's (oracle/training_fixtures.py). */
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Gpu } from '../gpu/device.ts';
import { testGpu } from '../testing/gpu.ts';
import { loadTrainingFixture, loadTrainingSteps, type TrainingBatch, trainingFixtureNames } from '../testing/training-fixtures.ts';
import { valuesOf, valuesReader } from '../testing/values-reader.ts';
import { type LabelledBatch, noLabel } from './masking.ts';
import type { OptimizerOptions } from './optimizer.ts';
import { Trainer } from './trainer.ts';

let gpu: Gpu;
beforeAll(async () => {
  gpu = await testGpu();
});
afterAll(() => gpu.destroy());

const optimizer: OptimizerOptions = { beta1: 0.9, beta2: 0.98, eps: 1e-6, weightDecay: 0.01, clipNorm: 1 };

function labelledBatch({ ids, cuSeqlens, labels }: TrainingBatch): LabelledBatch {
  const positions = ids.map((_, t) => t - cuSeqlens.findLast(start => start <= t)!);
  return {
    number: 0,
    ids: Uint32Array.from(ids),
    positions: Uint32Array.from(positions),
    cuSeqlens: Uint32Array.from(cuSeqlens),
    labels: Int32Array.from(labels),
    labelled: labels.filter(label => label !== noLabel).length,
  };
}

function nmse(got: ArrayLike<number>, expected: ArrayLike<number>): number {
  let error = 0;
  let size = 0;
  for (let i = 0; i < expected.length; i++) {
    error += (got[i]! - expected[i]!) ** 2;
    size += expected[i]! ** 2;
  }
  return size === 0 ? error : error / size;
}

describe.each(trainingFixtureNames)('%s', name => {
  test.each([undefined, 64])('loss and every gradient are PyTorch’s, chunks of the vocabulary %s', async chunkColumns => {
    const { task, config, weights, batch, loss, gradients } = await loadTrainingFixture(name);
    const labelled = labelledBatch(batch);
    // Capacity beyond the batch, and not a multiple of anything.
    const tokens = batch.ids.length + 13;
    const trainer = await Trainer.open(gpu, config, valuesReader(config, weights), { tokens, optimizer, chunkColumns });
    try {
      expect((await trainer.evaluate(task, [labelled])).loss).toBeCloseTo(loss, 5);
      const seen = await trainer.accumulate(task, [labelled]);
      expect(seen.labelled).toBe(labelled.labelled);
      expect(seen.loss).toBeCloseTo(loss, 5);
      const got = await valuesOf(trainer.gradients);
      expect([...got.keys()].sort()).toEqual([...gradients.keys()].sort());
      for (const [slot, expected] of gradients) expect(nmse(got.get(slot)!, expected), slot).toBeLessThan(1e-9);
    } finally {
      trainer.dispose();
    }
  });
});

test.each(['clm', 'mlm'] as const)('steps of %s are PyTorch’s', async task => {
  const { config, weights, batches, steps, changes, optimizer } = await loadTrainingSteps(task);
  const tokens = Math.max(...batches.map(({ ids }) => ids.length));
  const trainer = await Trainer.open(gpu, config, valuesReader(config, weights), { tokens, optimizer });
  try {
    for (const { batch, lr, loss, gradientNorm } of steps) {
      const result = await trainer.step(task, [labelledBatch(batches[batch]!)], { lr, peak: optimizer.lr });
      expect(Math.abs(result.loss - loss) / loss).toBeLessThan(1e-5);
      expect(Math.abs(result.gradientNorm - gradientNorm) / gradientNorm).toBeLessThan(1e-4);
    }
    expect(trainer.steps).toBe(steps.length);
    const after = await valuesOf(trainer.weights);
    for (const [slot, expected] of changes) {
      const before = weights.get(slot)!;
      const moved = after.get(slot)!.map((v, i) => v - before[i]!);
      expect(nmse(moved, expected), slot).toBeLessThan(1e-7);
    }
  } finally {
    trainer.dispose();
  }
});
