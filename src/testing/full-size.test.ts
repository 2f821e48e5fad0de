/** The full-size models are the very numbers that oracle/full_size.py makes, in every stored form and at any range. */
import { readFile } from 'node:fs/promises';
import { expect, test } from 'vitest';
import { parseConfig } from '../model/config.ts';
import { openWeights } from '../model/reader.ts';
import { Tokenizer } from '../text/tokenizer.ts';
import { float32ToF16 } from '../weights/dtype.ts';
import { dequantize, quantize } from '../weights/quantize.ts';
import { fixtureUrl } from './fixtures.ts';
import { type FullSizeName, fullSizeConfig, fullSizeSource, fullSizeText } from './full-size.ts';
import { fullSizeIds } from './full-size-weights.ts';

const tiny = { vocab_size: 512, hidden_size: 128, num_hidden_layers: 4, num_attention_heads: 2, intermediate_size: 96 };

interface Golden {
  weights: Record<string, { first: number[]; checksum: number }>;
  cases: { tokens: number; idsChecksum: number; masks: { position: number }[] }[];
}

const golden = async (shape: FullSizeName) => JSON.parse(await readFile(fixtureUrl(`full-size/${shape}.json`), 'utf8')) as Golden;

async function weightsOf(shape: FullSizeName | typeof tiny, stored: 'f16' | 'f32' | 'q4') {
  return openWeights(fullSizeSource(shape, { stored }), parseConfig(fullSizeConfig(shape)));
}

/** As `checksum` in oracle/full_size.py, of values read block by block. */
async function checksum(reader: Awaited<ReturnType<typeof weightsOf>>, slot: string): Promise<number> {
  let sum = 0;
  let place = 1;
  const add = (values: Float32Array) => {
    for (const half of float32ToF16(values)) {
      sum = (sum + Math.imul(half === 0x8000 ? 0 : half, place)) | 0; // zero times a negative scale is −0
      place = (place + 2) | 0;
    }
  };
  if (!reader.isMatrix(slot)) add(await reader.vector(slot));
  else {
    const matrix = reader.matrix(slot);
    for (let first = 0; first < matrix.N; first += 512) {
      const count = Math.min(512, matrix.N - first);
      const block = await matrix.rows(first, count);
      add(block.kind === 'float' ? block.values : dequantize(block, count, matrix.K));
    }
  }
  return sum >>> 0;
}

test.each(['base', 'large'] as const)('%s: the numbers of the oracle', async shape => {
  const { weights, cases } = await golden(shape);
  const reader = await weightsOf(shape, 'f16');
  expect(new Set(Object.keys(weights))).toEqual(reader.slots);
  // The last layer of its kind stands for the others: all have the same shapes, and their own seeds show in their first numbers.
  const whole = [
    'layers.1.attn.Wqkv.weight',
    'layers.13.attn.Wo.weight',
    'layers.21.mlp.Wi.weight',
    'layers.0.mlp.Wo.weight',
    'head.norm.weight',
  ];
  for (const slot of [...whole, 'decoder.bias', 'final_norm.weight'])
    expect(await checksum(reader, slot), slot).toBe(weights[slot]!.checksum);
  for (const [slot, { first }] of Object.entries(weights)) {
    const block = reader.isMatrix(slot) ? await reader.matrix(slot).rows(0, 1) : null;
    const values = block?.kind === 'float' ? block.values : await reader.vector(slot);
    expect([...values.subarray(0, 4)], slot).toEqual(first);
  }
  const { vocabSize } = parseConfig(fullSizeConfig(shape));
  expect(cases.map(c => c.tokens)).toEqual([16, 128, 513, 2048, 8192]);
  for (const { tokens, idsChecksum, masks } of cases) {
    const ids = fullSizeIds(vocabSize, tokens);
    expect(ids.reduce((sum, id, i) => (sum + id * (2 * i + 1)) % 2 ** 32, 0)).toBe(idsChecksum);
    expect(masks.map(m => ids[m.position])).toEqual(masks.map(() => 4));
  }
});

test('base: the whole table, the first and the last layer in q4', async () => {
  const { weights } = await golden('base');
  const reader = await weightsOf('base', 'q4');
  expect([reader.stored, reader.matrix('embeddings.tok_embeddings.weight').stored]).toEqual(['q4', 'q8']);
  for (const slot of reader.slots)
    if (/^(embeddings|layers\.0|layers\.21|head)\./.test(slot)) expect(await checksum(reader, slot), slot).toBe(weights[slot]!.checksum);
});

test('f16, f32 and q4 files hold the same numbers, and quantizing finds the codes again', async () => {
  const [half, float, quantized] = await Promise.all((['f16', 'f32', 'q4'] as const).map(stored => weightsOf(tiny, stored)));
  expect(half!.slots).toEqual(quantized!.slots);
  for (const slot of half!.slots) {
    const sums = await Promise.all([half!, float!, quantized!].map(reader => checksum(reader, slot)));
    expect(new Set(sums).size, slot).toBe(1);
    if (!half!.isMatrix(slot)) continue;
    const { N, K } = half!.matrix(slot);
    const [values, stored] = [await half!.matrix(slot).rows(0, N), await quantized!.matrix(slot).rows(0, N)];
    if (values.kind !== 'float' || stored.kind === 'float') throw new Error(slot);
    expect(quantize(values.values, N, K, stored.kind), slot).toEqual(stored);
  }
});

test('any range is a part of the whole', async () => {
  for (const stored of ['f16', 'f32', 'q4'] as const) {
    const file = await fullSizeSource(tiny, { stored }).open('model.safetensors');
    const whole = await file.read(0, file.sizeBytes);
    for (let i = 0; i < 200; i++) {
      const start = Math.floor((file.sizeBytes * ((i * 0.618034) % 1)) ** (i % 2 ? 1 : 0.7));
      const end = Math.min(file.sizeBytes, start + ((i * i * 37) % 5000));
      expect(Buffer.compare(await file.read(start, end), whole.subarray(start, end)), `${stored} ${start} … ${end}`).toBe(0);
    }
    await expect(file.read(10, file.sizeBytes + 1)).rejects.toThrow(/no bytes/);
  }
});

test('the tokenizer has as many tokens as the model, and a text as many as asked for', async () => {
  const source = fullSizeSource('base', { stored: 'q4' });
  const file = await source.open('tokenizer.json');
  const tokenizer = Tokenizer.fromFiles({
    tokenizerJson: JSON.parse(new TextDecoder().decode(await file.read(0, file.sizeBytes))) as unknown,
  });
  expect(tokenizer.idLimit).toBe(32768);
  for (const length of [16, 513]) {
    const { ids } = tokenizer.encode(fullSizeText(length));
    expect(ids.length).toBe(length);
    expect(ids.filter(id => id === 4)).toHaveLength(1);
    expect(ids).not.toContain(3);
  }
});
