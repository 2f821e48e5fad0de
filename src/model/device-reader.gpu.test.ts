/** Uploaded and read back: every parameter of the random models, in the file's own order. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { TensorError } from '../errors.ts';
import type { Gpu } from '../gpu/device.ts';
import { fixtureSource } from '../testing/fixtures.ts';
import { testGpu } from '../testing/gpu.ts';
import type { Dtype } from '../types.ts';
import { dequantize } from '../weights/quantize.ts';
import { readModelConfig } from './config-file.ts';
import { DeviceReader } from './device-reader.ts';
import { uploadWeights } from './device-weights.ts';
import { openWeights, type RowBlock } from './reader.ts';

let gpu: Gpu;
beforeAll(async () => {
  gpu = await testGpu();
});
afterAll(() => gpu.destroy());

async function open(name: string, dtype: Dtype, maxShardBytes?: number) {
  const source = fixtureSource(name);
  const config = await readModelConfig(source);
  const file = await openWeights(source, config);
  const weights = await uploadWeights(gpu, config, file, { dtype, maxShardBytes });
  return { file, onGpu: new DeviceReader(gpu, config, weights) };
}

/** The numbers of a block. */
const numbersOf = (block: RowBlock, rows: number, K: number) => (block.kind === 'float' ? block.values : dequantize(block, rows, K));

describe.each([
  ['biases-untied-f16', 'f32'], // biases, a decoder of its own, an MLP that is padded
  ['biases-untied-f16', 'f16'],
  ['published-bf16', 'f32'], // tied
  ['base-only-f32', 'f32'], // without a head
  ['quantized-q8', 'q8'],
  ['quantized-q4', 'q4'],
] as const)('%s as %s', (name, dtype) => {
  test('every parameter has its name, shape and numbers again', async () => {
    const { file, onGpu } = await open(name, dtype);
    expect([...onGpu.slots]).toEqual([...file.slots]);
    expect(onGpu.hasHead).toBe(file.hasHead);
    expect(onGpu.stored).toBe(dtype);
    for (const slot of file.slots) {
      expect(onGpu.describe(slot).parameter.shape).toEqual(file.describe(slot).parameter.shape);
      if (!file.isMatrix(slot)) {
        expect(await onGpu.vector(slot), slot).toEqual(await file.vector(slot));
        continue;
      }
      const from = file.matrix(slot);
      const block = await from.rows(0, from.N);
      const expected = numbersOf(block, from.N, from.K);
      const to = onGpu.matrix(slot);
      // In two parts that do not divide the heads.
      const half = Math.floor(from.N / 2) + 1;
      const parts = await Promise.all([to.rows(0, half), to.rows(half, from.N - half)]);
      expect(
        [half, from.N - half].flatMap((rows, i) => Array.from(numbersOf(parts[i]!, rows, from.K))),
        slot,
      ).toEqual(Array.from(expected));
    }
    onGpu.dispose();
  });
});

test('a table in several bindings, any rows of it', async () => {
  const { file, onGpu } = await open('quantized-q8', 'q8', 8192);
  const slot = 'embeddings.tok_embeddings.weight';
  const { K } = file.matrix(slot);
  for (const [first, count] of [
    [0, 1],
    [63, 3],
    [127, 130],
  ] as const) {
    const block = await file.matrix(slot).rows(first, count);
    const expected = numbersOf(block, count, K);
    expect(numbersOf(await onGpu.matrix(slot).rows(first, count), count, K)).toEqual(expected);
  }
  await expect(onGpu.matrix(slot).rows(0, 1e6)).rejects.toThrow(RangeError);
  expect(numbersOf(await onGpu.matrix(slot).rows(5, 0), 0, K)).toHaveLength(0);
  expect(() => onGpu.matrix('layers.99.mlp.Wo.weight')).toThrow(TensorError);
  await expect(onGpu.vector(slot)).rejects.toThrow(/is a matrix/);
  onGpu.dispose();
});
