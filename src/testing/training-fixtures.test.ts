/** The fixtures of training say what they claim: the same weights as in Python, and gradients of the very loss that the reference computes. */
import { describe, expect, test } from 'vitest';
import type { ModelConfig } from '../model/config.ts';
import { forward, maskedLogits, type ReferenceWeights } from '../model/modernbert.ref.ts';
import { listParameters, wordTable } from '../model/parameters.ts';
import { float32ToF16 } from '../weights/dtype.ts';
import { type BySlot, loadTrainingFixture, loadTrainingSteps, type TrainingBatch, trainingFixtureNames } from './training-fixtures.ts';

/** As `checksum` in oracle/full_size.py, over all parameters. */
function checksum(weights: BySlot): number {
  let sum = 0;
  for (const values of weights.values()) {
    float32ToF16(values).forEach((half, i) => {
      sum = (sum + Math.imul(half, 2 * i + 1)) | 0;
    });
  }
  return sum >>> 0;
}

const norm = (values: Iterable<number>) => Math.sqrt([...values].reduce((sum, v) => sum + v * v, 0));

/** Mean cross-entropy over the labelled tokens, by the reference: symmetric attention. */
function referenceLoss(config: ModelConfig, weights: BySlot, { ids, cuSeqlens, labels }: TrainingBatch): number {
  const whole: ReferenceWeights = config.tieWordEmbeddings ? new Map(weights).set('decoder.weight', weights.get(wordTable)!) : weights;
  const rows = labels.flatMap((label, row) => (label >= 0 ? [row] : []));
  const logits = maskedLogits(config, whole, forward(config, whole, ids, cuSeqlens).final, rows);
  let loss = 0;
  rows.forEach((row, r) => {
    const scores = logits.subarray(r * config.vocabSize, (r + 1) * config.vocabSize);
    const total = scores.reduce((sum, score) => sum + Math.exp(score), 0);
    loss += (Math.log(total) - scores[labels[row]!]!) / rows.length;
  });
  return loss;
}

describe.each(trainingFixtureNames)('%s', name => {
  test('a gradient for every parameter, in its shape; the weights are those of Python; labels are what the task says', async () => {
    const { config, weights, weightsChecksum, gradients, gradientNorm, batch, task } = await loadTrainingFixture(name);
    const sizes = listParameters(config).map(({ slot, shape: [N, K = 1] }) => [slot, N * K]);
    expect(Object.fromEntries([...gradients].map(([slot, g]) => [slot, g.length]))).toEqual(Object.fromEntries(sizes));
    expect([...weights].map(([slot, w]) => [slot, w.length])).toEqual(sizes);
    expect(checksum(weights)).toBe(weightsChecksum);
    expect(norm([...gradients.values()].map(norm)) / gradientNorm).toBeCloseTo(1, 5);
    const { ids, labels, cuSeqlens } = batch;
    expect([labels.length, cuSeqlens.at(-1)]).toEqual([ids.length, ids.length]);
    expect(Math.max(...cuSeqlens.slice(1).map((end, i) => end - cuSeqlens[i]!))).toBeGreaterThan(2 * config.window);
    const next = ids.map((_, i) => (cuSeqlens.includes(i + 1) ? -100 : ids[i + 1]!));
    if (task === 'clm') expect(labels).toEqual(next);
    else expect(labels.filter((label, i) => label >= 0 && ids[i] === 4).length).toBeGreaterThan(10);
  });
});

// The reference sees in both directions, so it can speak of these two.
describe.each(['mlm-tied', 'mlm-small'] as const)('%s against the reference', name => {
  test('loss, and along each gradient the slope that its length says', async () => {
    const { config, weights, batch, loss, gradients } = await loadTrainingFixture(name);
    expect(Math.abs(referenceLoss(config, weights, batch) - loss)).toBeLessThan(1e-6);
    for (const [slot, gradient] of gradients) {
      const length = norm(gradient);
      const step = 2e-4 / length; // the loss changes by about 2e-4 each way: more would cross the corners of relu
      const moved = (by: number) => {
        const there = weights.get(slot)!.map((w, i) => w + (by * gradient[i]!) / length);
        return referenceLoss(config, new Map(weights).set(slot, there), batch);
      };
      const slope = (moved(step) - moved(-step)) / (2 * step);
      expect(slope / length, slot).toBeCloseTo(1, 2);
    }
  });
});

test.each(['clm', 'mlm'] as const)('steps of %s: batches, rates, and changes as long as the last step says', async task => {
  const { config, weights, weightsChecksum, batches, steps, kept, changes, optimizer } = await loadTrainingSteps(task);
  expect(checksum(weights)).toBe(weightsChecksum);
  expect(steps.length).toBe(20);
  expect(new Set(steps.map(step => step.batch))).toEqual(new Set(batches.keys()));
  expect(Math.max(...steps.map(step => step.lr))).toBe(optimizer.lr);
  expect(steps.at(-1)!.loss).toBeLessThan(steps[0]!.loss - 1);
  const clipped = steps.filter(({ gradientNorm }) => gradientNorm > optimizer.clipNorm).length;
  expect(clipped).toBeGreaterThan(2);
  expect(clipped).toBeLessThan(18);
  expect([...changes.keys()].toSorted()).toEqual(kept.toSorted());
  kept.forEach((slot, i) => {
    expect(changes.get(slot)!.length, slot).toBe(weights.get(slot)!.length);
    expect(norm(changes.get(slot)!) / steps.at(-1)!.moved[i]!, slot).toBeCloseTo(1, 5);
  });
  if (task === 'mlm') expect(referenceLoss(config, weights, batches[steps[0]!.batch]!)).toBeCloseTo(steps[0]!.loss, 5);
});
