/** GPU bytes beside the weights, before anything is allocated: the budgets that a page is promised. */
import { expect, test } from 'vitest';
import type { Gpu } from '../gpu/device.ts';
import { Slack } from '../gpu/slack.ts';
import { attentionVariants } from '../kernels/attention.ts';
import { type ModelConfig, parseConfig } from '../model/config.ts';
import type { DeviceWeights } from '../model/device-weights.ts';
import { makeChoices } from '../runtime/choices.ts';
import type { DeviceLinear, DeviceNorm } from '../runtime/matrix.ts';
import { fullSizeConfig } from '../testing/full-size.ts';
import { padded } from '../weights/formats.ts';
import { Plans } from './plans.ts';
import { bucketOf } from './sizes.ts';

const shapes = {
  base: fullSizeConfig('base'),
  large: fullSizeConfig('large'),
  'large, English': { ...fullSizeConfig('large'), vocab_size: 50368 },
};

/** Weights of which only the shapes are looked at. */
function shapesOf({ hiddenSize: H, intermediateSize: I, vocabSize: V, layers }: ModelConfig): DeviceWeights {
  const buffer = {} as GPUBuffer;
  const norm: DeviceNorm = { weight: buffer, bias: null };
  const linear = (N: number, K: number): DeviceLinear => ({
    matrix: { N, K, format: 'q4', shards: [{ firstRow: 0, rows: N, w: buffer, scale: buffer }] },
    bias: null,
  });
  const layer = {
    attnNorm: norm,
    Wqkv: linear(3 * H, H),
    Wo: linear(H, H),
    mlpNorm: norm,
    Wi: linear(2 * padded(I), H),
    mlpWo: linear(H, padded(I)),
  };
  return {
    embedding: linear(V, H).matrix,
    embeddingNorm: norm,
    layers: Array.from({ length: layers }, () => layer),
    finalNorm: norm,
    head: { dense: linear(H, H), norm, decoder: linear(V, H) },
  };
}

const profile = { software: true, f16: true, subgroups: true, subgroupSize: { min: 8, max: 8 }, limits: {} } as unknown as Gpu['profile'];

for (const [name, json] of Object.entries(shapes)) {
  for (const storage of ['f32', 'f16'] as const) {
    test(`${name}, activations ${storage}: at most 72 MB at 512 and at 513 tokens, 536 MB at 8192, every buffer in one binding`, () => {
      const config = parseConfig(json);
      for (const { name: attention } of attentionVariants) {
        const choices = makeChoices(profile, { matmul: new Map(), attention });
        const plans = new Plans({ profile } as Gpu, config, storage, choices, shapesOf(config));
        const total = (tokens: number) => plans.bytesFor(tokens).total;
        // The read-back of a request for every token's vector comes on top: 32 MB, or the one text's.
        expect(total(512)).toBeLessThanOrEqual(80e6 - 8e6);
        expect(total(513)).toBeLessThanOrEqual(80e6 - 8e6);
        expect(total(8192)).toBeLessThanOrEqual(600e6 - 64e6);
        expect(plans.bytesFor(8192).largest).toBeLessThanOrEqual(128 * 2 ** 20);
        expect(total(8192)).toBeGreaterThan(3 * total(1024));
        // By hand: the residual stream, [T, H] in f32; q, k and v or the last hidden state; and one more [T, H].
        const { hiddenSize: H, headDim } = config;
        const elem = storage === 'f16' ? 2 : 4;
        const activations = 8192 * (4 * H + Math.max(3 * elem * H, 4 * H) + elem * H);
        const tables = 8192 * (2 * 4 * headDim + 8);
        expect(total(8192)).toBeGreaterThanOrEqual(activations + tables);
        expect(total(8192)).toBeLessThanOrEqual((activations + tables) * 1.01);
      }
    });
  }
}

test('buckets: from 32 on in powers of two', () => {
  expect([1, 32, 33, 64, 513, 8192].map(bucketOf)).toEqual([32, 32, 64, 64, 1024, 8192]);
});
test('slack: large buffers go after nine requests in a row that needed a quarter at most', () => {
  const slack = new Slack(100);
  const note = (needed: number, held = 1000) => slack.note(held, needed, held);
  for (let i = 0; i < 8; i++) expect(note(250)).toBe(false);
  expect(slack.isTooLarge(1000, 250, 1000)).toBe(true);
  expect(note(251)).toBe(false); // a larger one: counting starts again
  for (let i = 0; i < 8; i++) expect(note(1)).toBe(false);
  expect(note(1)).toBe(true);
  expect(note(1)).toBe(false);
  for (let i = 0; i < 20; i++) expect(note(1, 100)).toBe(false); // small ones are kept
});

test('slack: of a thousand requests with a long one now and then, a handful find their buffers given back', () => {
  const slack = new Slack(100);
  let held = 0;
  let given = 0;
  for (let i = 0; i < 1000; i++) {
    const needed = i % 20 === 0 ? 1000 : 10;
    const isTooLarge = slack.note(held, needed, held);
    if (isTooLarge) given++;
    held = isTooLarge ? needed : Math.max(held, needed);
  }
  expect(given).toBeGreaterThan(0);
  expect(given).toBeLessThanOrEqual(Math.ceil(Math.log2(1000 / 8)));
});
