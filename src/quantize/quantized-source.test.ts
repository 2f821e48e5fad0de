import { describe, expect, test } from 'vitest';
import { InputError, ModelFileError, ModelSourceError, TensorError } from '../errors.ts';
import { seededRandom } from '../kernels/checking/random.ts';
import { readConfig } from '../model/config.ts';
import { openWeights, type RowBlock, type WeightReader } from '../model/reader.ts';
import type { ModelSource } from '../source/source.ts';
import { changedWeights } from '../testing/changed-weights.ts';
import { fixtureSource, memorySource } from '../testing/fixtures.ts';
import { f32, safetensorsFile, type TensorData } from '../testing/safetensors-file.ts';
import type { Dtype } from '../types.ts';
import { f16ToFloat32, float32ToF16 } from '../weights/dtype.ts';
import { dequantize, quantize } from '../weights/quantize.ts';
import { openSafetensors } from '../weights/safetensors.ts';
import { type ConvertOptions, type QuantizeRows, quantizedSource } from './quantized-source.ts';

async function configOf(source: ModelSource) {
  const file = await source.open('config.json');
  return readConfig(await file.read(0, file.sizeBytes));
}

async function open(source: ModelSource): Promise<WeightReader> {
  return openWeights(source, await configOf(source));
}

async function wholeFile(source: ModelSource): Promise<Uint8Array<ArrayBuffer>> {
  const file = await source.open('model.safetensors');
  return file.read(0, file.sizeBytes);
}

/** f32 values of a matrix, however it is stored. */
async function valuesOf(reader: WeightReader, slot: string): Promise<Float32Array<ArrayBuffer>> {
  const { N, K, rows } = reader.matrix(slot);
  const block = await rows(0, N);
  return block.kind === 'float' ? block.values : dequantize(block, N, K);
}

type Numbers = Float32Array | Uint8Array | Int8Array | Uint16Array;

/** The bytes of an answer in one piece: comparing element by element takes vitest seconds. */
function bytesOf(...arrays: Numbers[]): Buffer {
  return Buffer.concat(arrays.map(({ buffer, byteOffset, byteLength }) => new Uint8Array(buffer, byteOffset, byteLength)));
}

function bytesOfBlock(block: RowBlock): Buffer {
  return block.kind === 'float' ? bytesOf(block.values) : bytesOf(block.q, block.scale);
}

function expectSame(got: Buffer, expected: Buffer, what: string): void {
  expect(got.equals(expected), what).toBe(true);
}

const floatFixtures = ['published-bf16', 'biases-untied-f16', 'sharded-f32', 'base-only-f32'] as const;
const table = 'embeddings.tok_embeddings.weight';

describe('the converted file', () => {
  const cases: [string, ConvertOptions][] = floatFixtures.flatMap(name =>
    (['f32', 'f16', 'q8', 'q4'] as const).map((dtype): [string, ConvertOptions] => [name, { dtype }]),
  );
  cases.push(['published-bf16', { dtype: 'q4', embedding: 'q4' }], ['sharded-f32', { dtype: 'q4', embedding: 'f16' }]);

  test.each(cases)('%s as %o: read back, every parameter is what converting it whole gives', async (name, options) => {
    const original = await open(fixtureSource(name));
    const converted = await quantizedSource(fixtureSource(name), { ...options, blockBytes: 5000 });
    expect(await converted.has('model.safetensors.index.json')).toBe(converted.unchanged && name === 'sharded-f32');
    const reader = await open(converted);
    expect([...reader.slots]).toEqual([...original.slots]);
    expect(converted.bytes).toBe(reader.totalBytes);
    expect(converted.unchanged).toBe(options.dtype === original.stored);
    for (const slot of reader.slots) {
      expect(reader.describe(slot).name).toBe(original.describe(slot).name);
      if (!reader.isMatrix(slot)) {
        expectSame(bytesOf(await reader.vector(slot)), bytesOf(await original.vector(slot)), slot);
        continue;
      }
      const isTable = slot === table || slot === 'decoder.weight';
      let format: Dtype = isTable ? (options.embedding ?? (options.dtype === 'q4' ? 'q8' : options.dtype)) : options.dtype;
      if (slot === 'head.dense.weight' && format === 'q4') format = 'q8';
      const { N, K, rows, stored } = reader.matrix(slot);
      expect(stored).toBe(format);
      const values = await valuesOf(original, slot);
      const expected: RowBlock =
        format === 'f32'
          ? { kind: 'float', values }
          : format === 'f16'
            ? { kind: 'float', values: f16ToFloat32(float32ToF16(values)) }
            : quantize(values, N, K, format);
      expectSame(bytesOfBlock(await rows(0, N)), bytesOfBlock(expected), slot);
    }
  });

  test('every range of the file is the slice of the whole', async () => {
    const source = await quantizedSource(fixtureSource('published-bf16'), { dtype: 'q4', blockBytes: 3000 });
    const whole = await wholeFile(source);
    const file = await source.open('model.safetensors');
    expect(whole.length).toBe(file.sizeBytes);
    // In blocks of another size, and all at once.
    const inOne = await wholeFile(await quantizedSource(fixtureSource('published-bf16'), { dtype: 'q4' }));
    expectSame(bytesOf(inOne), bytesOf(whole), 'all at once');
    const { tensors } = await openSafetensors(source);
    const borders = [0, ...[...tensors.values()].map(({ end }) => end)];
    const next = seededRandom('ranges');
    const ranges = borders.flatMap(at => [
      [Math.max(0, at - 1), Math.min(whole.length, at + 1)],
      [at, Math.min(whole.length, at + Math.floor(next() * 400))],
    ]);
    for (let i = 0; i < 60; i++) {
      const start = Math.floor(next() * whole.length);
      ranges.push([start, start + Math.floor(next() ** 3 * (whole.length - start))]);
    }
    for (const [start, end] of ranges as [number, number][])
      expectSame(bytesOf(await file.read(start, end)), bytesOf(whole.subarray(start, end)), `${start} to ${end}`);
    const pieces = [];
    for (let at = 0; at < whole.length; at += 4099) pieces.push(await file.read(at, Math.min(whole.length, at + 4099)));
    expectSame(bytesOf(...pieces), bytesOf(whole), 'in pieces');
    await expect(file.read(1, whole.length + 1)).rejects.toBeInstanceOf(ModelSourceError);
  });

  test('reading in pieces computes no row twice, also when two pieces are asked for at once', async () => {
    let computed = 0;
    const quantizeRows: QuantizeRows = async (values, rows, K, format) => {
      computed += rows;
      return quantize(values, rows, K, format);
    };
    const source = await quantizedSource(fixtureSource('sharded-f32'), { dtype: 'q4', quantizeRows, blockBytes: 4000 });
    const reader = await open(source);
    let rows = 0;
    for (const slot of reader.slots) if (reader.isMatrix(slot)) rows += reader.matrix(slot).N;
    expect(computed).toBe(0);
    const file = await source.open('model.safetensors');
    const reads = [];
    for (let at = 0; at < file.sizeBytes; at += 1000) reads.push(file.read(at, Math.min(file.sizeBytes, at + 1000)));
    await Promise.all(reads);
    expect(computed).toBe(rows);
  });

  test('a quantizer gets the slot of its rows', async () => {
    const slots = new Set<string>();
    const quantizeRows: QuantizeRows = (values, rows, K, format, slot) => {
      slots.add(`${slot} ${K} ${format}`);
      return quantize(values, rows, K, format);
    };
    await wholeFile(await quantizedSource(fixtureSource('sharded-f32'), { dtype: 'q4', quantizeRows }));
    expect(slots).toContain(`${table} 64 q8`);
    expect(slots).toContain('layers.4.mlp.Wo.weight 52 q4');
  });

  test('an aborted read gives up; the next one answers', async () => {
    const source = await quantizedSource(fixtureSource('sharded-f32'), { dtype: 'q8' });
    const file = await source.open('model.safetensors');
    const stop = new AbortController();
    const first = file.read(0, file.sizeBytes, stop.signal);
    const second = file.read(8, 16);
    stop.abort();
    await expect(first).rejects.toMatchObject({ name: 'AbortError' });
    expect(new TextDecoder().decode(await second)).toBe('{"__meta');
  });
});

describe('what goes with it', () => {
  test('other files pass through; one file replaces the shards', async () => {
    const source = await quantizedSource(fixtureSource('sharded-f32'), { dtype: 'q4' });
    expect(await source.has('config.json')).toBe(true);
    expect(await source.has('README.md')).toBe(false);
    expect(await source.has('model-00001-of-00003.safetensors')).toBe(false);
    await expect(source.open('model-00001-of-00003.safetensors')).rejects.toThrow(/all its weights are in model\.safetensors/);
    const file = await source.open('config.json');
    expect(JSON.parse(new TextDecoder().decode(await file.read(0, file.sizeBytes)))).toMatchObject({ vocab_size: 211 });
  });

  test('metadata: ours for quantized files, transformers’ for floats', async () => {
    const metadata = async (dtype: Dtype) => ({
      ...(await openSafetensors(await quantizedSource(fixtureSource('sharded-f32'), { dtype }))).metadata,
    });
    expect(await metadata('q4')).toEqual({ format: 'affinage', affinage_version: '1', dtype: 'q4', group_size: '32' });
    expect(await metadata('f16')).toEqual({ format: 'pt' });
  });

  test('a copy of tied embeddings under the decoder’s name is dropped', async () => {
    const checkpoint = await openSafetensors(fixtureSource('base-only-f32'));
    const tensors: Record<string, TensorData> = {};
    const add = async (name: string, from: string) => {
      const { dtype, shape } = checkpoint.tensors.get(from)!;
      tensors[name] = { dtype, shape: [...shape], bytes: await checkpoint.read(from) };
    };
    for (const name of checkpoint.tensors.keys()) await add(name, name);
    const { hiddenSize, vocabSize } = await configOf(fixtureSource('base-only-f32'));
    await add('decoder.weight', table);
    tensors['head.dense.weight'] = f32([hiddenSize, hiddenSize], new Float32Array(hiddenSize ** 2));
    tensors['head.norm.weight'] = f32([hiddenSize], new Float32Array(hiddenSize));
    tensors['decoder.bias'] = f32([vocabSize], new Float32Array(vocabSize));
    const bytes = safetensorsFile(tensors);
    const tied = memorySource('tied', async path => {
      if (path === 'model.safetensors') return bytes;
      if (path !== 'config.json') return undefined;
      const config = await fixtureSource('base-only-f32').open(path);
      return config.read(0, config.sizeBytes);
    });
    expect([...(await openSafetensors(tied)).tensors.keys()]).toContain('decoder.weight');
    const names = [...(await openSafetensors(await quantizedSource(tied, { dtype: 'q8' }))).tensors.keys()];
    expect(names.filter(name => name.startsWith('decoder'))).toEqual(['decoder.bias']);
  });
});

describe('a quantized original', () => {
  test.each(['quantized-q8', 'quantized-q4', 'quantized-q4-local'] as const)(
    '%s in its own formats passes through as it is',
    async name => {
      const dtype = name === 'quantized-q8' ? 'q8' : 'q4';
      const source = await quantizedSource(fixtureSource(name), { dtype });
      expect(source.unchanged).toBe(true);
      expectSame(bytesOf(await wholeFile(source)), bytesOf(await wholeFile(fixtureSource(name))), name);
    },
  );

  test.each([
    ['quantized-q4', { dtype: 'q8' }],
    ['quantized-q4', { dtype: 'f16' }],
    ['quantized-q4', { dtype: 'q4', embedding: 'q8' }],
    ['quantized-q8', { dtype: 'f32' }],
    ['quantized-q8', { dtype: 'q4', embedding: 'f16' }],
  ] as [string, ConvertOptions][])('%s as %o is refused: the detail is gone', async (name, options) => {
    const refused = quantizedSource(fixtureSource(name), options);
    await expect(refused).rejects.toBeInstanceOf(InputError);
    await expect(refused).rejects.toThrow(/does not come back/);
  });

  test('q8 to q4 keeps the table’s codes and rounds the rest from what q8 stands for', async () => {
    const [original, reader] = [
      await open(fixtureSource('quantized-q8')),
      await open(await quantizedSource(fixtureSource('quantized-q8'), { dtype: 'q4' })),
    ];
    const [before, after] = [original.matrix(table), reader.matrix(table)];
    expectSame(bytesOfBlock(await after.rows(0, after.N)), bytesOfBlock(await before.rows(0, before.N)), table);
    const { N, K, rows } = reader.matrix('layers.1.mlp.Wo.weight');
    const expected = quantize(await valuesOf(original, 'layers.1.mlp.Wo.weight'), N, K, 'q4');
    expectSame(bytesOfBlock(await rows(0, N)), bytesOfBlock(expected), 'mlp.Wo');
  });
});

describe('refusals', () => {
  test('an embedding format of its own belongs to q8 and q4', async () => {
    await expect(quantizedSource(fixtureSource('sharded-f32'), { dtype: 'f16', embedding: 'q8' })).rejects.toThrow(/ask for q8 or q4/);
  });

  test('weights that f16 cannot hold, or that are no numbers', async () => {
    const poisoned = (value: number) =>
      memorySource('poisoned', async path => {
        const file = fixtureSource('base-only-f32');
        if (!(await file.has(path))) return undefined;
        const opened = await file.open(path);
        const bytes = await opened.read(0, opened.sizeBytes);
        if (path !== 'model.safetensors') return bytes;
        const [name] = [...(await openSafetensors(file)).tensors.values()].filter(tensor => tensor.name.endsWith('Wo.weight'));
        new DataView(bytes.buffer).setFloat32(name!.start + 40, value, true);
        return bytes;
      });
    await expect(wholeFile(await quantizedSource(poisoned(7e4), { dtype: 'f16' }))).rejects.toThrow(/Wo\.weight" holds weights beyond/);
    await expect(wholeFile(await quantizedSource(poisoned(Number.NaN), { dtype: 'q4' }))).rejects.toBeInstanceOf(ModelFileError);
    await wholeFile(await quantizedSource(poisoned(7e4), { dtype: 'q8' }));
    // Scales are f16 numbers as well: they would be cut at 65,504 in silence.
    for (const [dtype, value] of [
      ['q8', 1e7],
      ['q4', 6e5],
    ] as const) {
      const attempt = wholeFile(await quantizedSource(poisoned(value), { dtype }));
      await expect(attempt).rejects.toBeInstanceOf(TensorError);
      await expect(attempt).rejects.toThrow(
        new RegExp(`Wo\\.weight" holds weights beyond the largest that ${dtype} can store .*Convert to f32`),
      );
    }
    await wholeFile(await quantizedSource(poisoned(1e7), { dtype: 'f32' }));
  });

  test('a matrix too small for the format is refused, tiny rows among others are not', async () => {
    const scaled = (rows: number) =>
      changedWeights('published-bf16', (name, values) =>
        name.endsWith('layers.1.mlp.Wo.weight') ? values.map((v, i) => (i / 144 < rows ? v * 1e-6 : v)) : values,
      );
    const small = { dtype: 'q4', blockBytes: 4096 } as const; // blocks of a few rows: each alone says nothing of the matrix
    await wholeFile(await quantizedSource(await scaled(40), small));
    for (const dtype of ['f16', 'q8', 'q4'] as const) {
      const attempt = wholeFile(await quantizedSource(await scaled(1e9), { ...small, dtype }));
      await expect(attempt, dtype).rejects.toThrow(/layers\.1\.mlp\.Wo\.weight" holds weights below the smallest/);
    }
  });
});
