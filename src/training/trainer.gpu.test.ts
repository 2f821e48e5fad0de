/** Losses, gradients and steps of the tiny models are PyTorch's (oracle/training_fixtures.py). */
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Gpu } from '../gpu/device.ts';
import { testGpu } from '../testing/gpu.ts';
import {
  loadLongRun,
  loadTrainingFixture,
  loadTrainingSteps,
  type TrainingBatch,
  trainingFixtureNames,
} from '../testing/training-fixtures.ts';
import { valuesOf, valuesReader } from '../testing/values-reader.ts';
import { estimateTraining } from './estimate.ts';
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

test('the variants for hardware GPUs give the same gradients', async () => {
  const { task, config, weights, batch, loss, gradients } = await loadTrainingFixture('mlm-small');
  const trainer = await Trainer.open(gpu, config, valuesReader(config, weights), {
    tokens: batch.ids.length,
    optimizer,
    variants: { matmul: 'tile', attention: 'tile', layernorm: 'threads' },
    trainingVariants: {
      attentionBack: 'tile',
      attentionDots: 'threads',
      columnSum: 'shared',
      crossEntropy: 'wide',
      layernormBackward: 'threads',
    },
  });
  expect((await trainer.accumulate(task, [labelledBatch(batch)])).loss).toBeCloseTo(loss, 5);
  const got = await valuesOf(trainer.gradients);
  for (const [slot, expected] of gradients) expect(nmse(got.get(slot)!, expected), slot).toBeLessThan(1e-9);
  trainer.dispose();
});

test('the estimate of memory and operations is what a trainer takes', async () => {
  const { task, config, weights, batch } = await loadTrainingFixture('mlm-tied');
  const tokens = batch.ids.length;
  for (const recompute of [false, true]) {
    const before = gpu.memory.report;
    const trainer = await Trainer.open(gpu, config, valuesReader(config, weights), { tokens, optimizer, recompute });
    const { weightBytes, activationBytes, recomputedBytes } = estimateTraining(config, gpu.profile, tokens);
    const { weights: weightsNow, activations } = gpu.memory.report;
    // A read-back buffer and the sums of squares come on top.
    expect((weightsNow - before.weights) / weightBytes).toBeCloseTo(1, 2);
    expect((activations - before.activations) / (recompute ? recomputedBytes : activationBytes)).toBeCloseTo(1, 1);
    expect(recomputedBytes).toBeLessThan(activationBytes);
    await trainer.evaluate(task, [labelledBatch(batch)]);
    trainer.dispose();
  }
});

test.each([
  ['layers computed again', { recompute: true, dropout: 0.3 }],
  ['layers kept', { recompute: false, dropout: 0.3 }],
])('with dropout the gradients are the slopes of the loss: %s', async (_, options) => {
  const { task, config, weights, batch } = await loadTrainingFixture('mlm-tied');
  const labelled = labelledBatch(batch);
  const open = (values: typeof weights) =>
    Trainer.open(gpu, config, valuesReader(config, values), { tokens: batch.ids.length, optimizer, seed: 5, ...options });
  const trainer = await open(weights);
  const plain = (await trainer.evaluate(task, [labelled])).loss;
  const { loss } = await trainer.accumulate(task, [labelled]);
  const gradients = await valuesOf(trainer.gradients);
  trainer.dispose();
  expect(Math.abs(loss - plain)).toBeGreaterThan(1e-4);
  // Along the gradient itself, in both directions: f32 losses differ by far more than they are rounded.
  for (const slot of ['layers.1.attn.Wqkv.weight', 'layers.0.attn.Wo.weight', 'embeddings.tok_embeddings.weight']) {
    const gradient = gradients.get(slot)!;
    const square = gradient.reduce((sum, g) => sum + g * g, 0);
    const step = 0.005 / Math.sqrt(square);
    const losses: number[] = [];
    for (const sign of [1, -1]) {
      const moved = await open(
        new Map(weights).set(
          slot,
          weights.get(slot)!.map((w, i) => w + sign * step * gradient[i]!),
        ),
      );
      losses.push((await moved.accumulate(task, [labelled])).loss);
      moved.dispose();
    }
    expect((losses[0]! - losses[1]!) / (2 * step * square), slot).toBeCloseTo(1, 2);
  }
});

test('computed again, layers give the same bits; another batch drops other values', async () => {
  const { task, config, weights, batch } = await loadTrainingFixture('clm-tied');
  const labelled = labelledBatch(batch);
  const results: unknown[] = [];
  for (const recompute of [false, true]) {
    const options = { tokens: batch.ids.length, optimizer, dropout: 0.1, recompute };
    const trainer = await Trainer.open(gpu, config, valuesReader(config, weights), options);
    const { loss } = await trainer.accumulate(task, [labelled]);
    const gradients = await valuesOf(trainer.gradients);
    expect((await trainer.accumulate(task, [labelled])).loss).not.toBe(loss);
    results.push([loss, gradients]);
    trainer.dispose();
  }
  expect(results[1]).toEqual(results[0]);
});

test('with f16 the losses of 20 steps stay within 1 % of f32, and a gradient beyond f16 is skipped', async context => {
  if (!gpu.profile.f16) {
    const { config, weights } = await loadTrainingSteps('mlm');
    const opened = Trainer.open(gpu, config, valuesReader(config, weights), { tokens: 8, optimizer, storage: 'f16' });
    await expect(opened).rejects.toThrow(/has no f16/);
    return context.skip('no shader-f16 on this adapter');
  }
  const { config, weights, batches, steps, optimizer: own } = await loadTrainingSteps('mlm');
  const tokens = Math.max(...batches.map(({ ids }) => ids.length));
  const options = { tokens, optimizer: own, storage: 'f16' } as const;
  const trainer = await Trainer.open(gpu, config, valuesReader(config, weights), options);
  for (const { batch, lr, loss } of steps) {
    const result = await trainer.step('mlm', [labelledBatch(batches[batch]!)], { lr, peak: own.lr });
    expect(result.skipped).toBe(false);
    expect(Math.abs(result.loss - loss) / loss).toBeLessThan(0.01);
  }
  expect(trainer.steps).toBe(20);
  const before = await valuesOf(trainer.weights);
  trainer.scale = { value: 2 ** 40, steps: 0 };
  const skipped = await trainer.step('mlm', [labelledBatch(batches[0]!)], { lr: 1e-3, peak: own.lr });
  expect(skipped.skipped).toBe(true);
  expect([trainer.steps, trainer.scale]).toEqual([20, { value: 2 ** 39, steps: 0 }]);
  expect(await valuesOf(trainer.weights)).toEqual(before);
  trainer.dispose();
});

test.each(['clm', 'mlm'] as const)('50 steps of %s stay within a thousandth of PyTorch’s losses', async task => {
  const { config, weights, batches, optimizer } = await loadTrainingSteps(task);
  const steps = await loadLongRun(task);
  expect(steps.length).toBe(50);
  const tokens = Math.max(...batches.map(({ ids }) => ids.length));
  const trainer = await Trainer.open(gpu, config, valuesReader(config, weights), { tokens, optimizer });
  try {
    for (const { batch, lr, loss } of steps) {
      const result = await trainer.step(task, [labelledBatch(batches[batch]!)], { lr, peak: optimizer.lr });
      expect(Math.abs(result.loss - loss) / loss).toBeLessThan(1e-3);
    }
  } finally {
    trainer.dispose();
  }
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
