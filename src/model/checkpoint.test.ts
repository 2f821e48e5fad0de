import { describe, expect, test } from 'vitest';
import { ModelFileError, TensorError } from '../errors.ts';
import { Notes } from '../notes.ts';
import { fixtureNames, fixtureSource, memorySource } from '../testing/fixtures.ts';
import { f32, safetensorsFile, type TensorData, zeros } from '../testing/safetensors-file.ts';
import { editDistance, nearest } from '../weights/edit-distance.ts';
import { planWeights } from './checkpoint.ts';
import { listParameters, type ParameterConfig } from './parameters.ts';
import { openWeights } from './reader.ts';

const none = { norm: false, attention: false, mlp: false, decoder: false, classifier: false };
const all = { norm: true, attention: true, mlp: true, decoder: true, classifier: true };
const small: ParameterConfig = {
  vocabSize: 7,
  hiddenSize: 32,
  headDim: 32,
  layers: 2,
  intermediateSize: 5,
  biases: { ...none, decoder: true },
  tieWordEmbeddings: true,
};

type Files = Record<string, TensorData>;

/** A whole checkpoint of `config` with every number 0.5. */
function checkpointOf(config: ParameterConfig, prefix = 'model.'): Files {
  return Object.fromEntries(
    listParameters(config).map(({ slot, shape, part }) => {
      const count = shape.reduce((a, b) => a * b, 1);
      return [part === 'base' ? prefix + slot : slot, f32([...shape], new Float32Array(count).fill(0.5))];
    }),
  );
}

const sourceOf = (files: Files, metadata?: Record<string, string>) =>
  memorySource('test', async path => (path === 'model.safetensors' ? safetensorsFile(files, metadata) : undefined));
const open = (config: ParameterConfig, files: Files, metadata?: Record<string, string>) => openWeights(sourceOf(files, metadata), config);

async function errorOf(config: ParameterConfig, files: Files, metadata?: Record<string, string>): Promise<Error> {
  try {
    await open(config, files, metadata);
  } catch (error) {
    return error as Error;
  }
  throw new Error('no error');
}

describe('the parameters of a config', () => {
  test('every bias has its name and shape', () => {
    const shapes = Object.fromEntries(
      listParameters({ ...small, biases: all, tieWordEmbeddings: false }).map(spec => [spec.slot, spec.shape]),
    );
    expect(shapes).toMatchObject({
      'embeddings.tok_embeddings.weight': [7, 32],
      'embeddings.norm.bias': [32],
      'layers.0.attn.Wqkv.weight': [96, 32],
      'layers.0.attn.Wqkv.bias': [96],
      'layers.1.attn_norm.bias': [32],
      'layers.1.attn.Wo.bias': [32],
      'layers.1.mlp.Wi.weight': [10, 32],
      'layers.1.mlp.Wi.bias': [10],
      'layers.1.mlp.Wo.weight': [32, 5],
      'layers.1.mlp.Wo.bias': [32],
      'final_norm.bias': [32],
      'head.dense.bias': [32],
      'head.norm.bias': [32],
      'decoder.weight': [7, 32],
      'decoder.bias': [7],
    });
    expect(shapes).not.toHaveProperty('layers.0.attn_norm.weight');
  });

  test('173 tensors for 28 layers, as published', () => {
    expect(listParameters({ ...small, layers: 28 }).length).toBe(173);
  });
});

describe('a checkpoint that fits', () => {
  test('with the prefix, without it, and the base model alone', async () => {
    for (const prefix of ['model.', '']) {
      const reader = await open(small, checkpointOf(small, prefix));
      expect(reader.hasHead).toBe(true);
      expect(reader.stored).toBe('f32');
      expect(await reader.vector('decoder.bias')).toEqual(new Float32Array(7).fill(0.5));
    }
    const base = Object.fromEntries(Object.entries(checkpointOf(small, '')).filter(([name]) => !/^(head|decoder)/.test(name)));
    const reader = await open(small, base);
    expect(reader.hasHead).toBe(false);
    expect(reader.has('head.dense.weight')).toBe(false);
    expect(() => reader.matrix('head.dense.weight')).toThrow(/no prediction head/);
    await expect(reader.vector('layers.0.attn_norm.weight')).rejects.toThrow(TensorError);
    expect(() => reader.matrix('layers.0.mlp_norm.weight')).toThrow(TensorError);
    expect(reader.isMatrix('layers.0.mlp.Wi.weight')).toBe(true);
    expect(reader.isMatrix('final_norm.weight')).toBe(false);
  });

  test('rows by range, in any order', async () => {
    const files = checkpointOf(small);
    files['model.embeddings.tok_embeddings.weight'] = f32(
      [7, 32],
      Array.from({ length: 224 }, (_, i) => i),
    );
    const reader = await open(small, files);
    const matrix = reader.matrix('embeddings.tok_embeddings.weight');
    expect([matrix.N, matrix.K, matrix.storedK, matrix.rowBytes]).toEqual([7, 32, 32, 128]);
    const block = await matrix.rows(5, 2);
    expect(block.kind === 'float' && Array.from(block.values)).toEqual(Array.from({ length: 64 }, (_, i) => 160 + i));
    await expect(matrix.rows(6, 2)).rejects.toThrow(RangeError);
    expect(reader.totalBytes).toBe(Object.values(files).reduce((sum, { bytes }) => sum + bytes.length, 0));
  });

  test('a stored copy of tied embeddings is accepted when it is equal and refused when it is not', async () => {
    const files = checkpointOf(small);
    const table = files['model.embeddings.tok_embeddings.weight'] as TensorData;
    const reader = await open(small, { ...files, 'decoder.weight': table });
    expect(reader.has('decoder.weight')).toBe(false);
    const other = { ...table, bytes: table.bytes.slice() };
    other.bytes[other.bytes.length - 1] = 1;
    const error = await errorOf(small, { ...files, 'decoder.weight': other });
    expect(error).toBeInstanceOf(TensorError);
    expect(error.message).toMatch(/"decoder.weight" differs from "model.embeddings.tok_embeddings.weight".*tie_word_embeddings/);
  });

  test('NaN and infinity in the weights are found when they are read', async () => {
    for (const poison of [Number.NaN, Number.NEGATIVE_INFINITY]) {
      const files = checkpointOf(small);
      files['model.final_norm.weight'] = f32([32], new Float32Array(32).fill(1).with(31, poison));
      files['model.layers.1.mlp.Wo.weight'] = f32([32, 5], new Float32Array(160).with(159, poison));
      const reader = await open(small, files);
      await expect(reader.vector('final_norm.weight')).rejects.toThrow(/holds NaN or infinity/);
      const matrix = reader.matrix('layers.1.mlp.Wo.weight');
      await matrix.rows(0, 31);
      await expect(matrix.rows(31, 1)).rejects.toThrow(ModelFileError);
    }
  });
});

describe('a checkpoint that does not fit', () => {
  const rename = (files: Files, from: string, to: string): Files =>
    Object.fromEntries(Object.entries(files).map(([name, data]) => [name === from ? to : name, data]));

  test('missing and renamed: the error names it, its shape and its relatives', async () => {
    const error = await errorOf(small, rename(checkpointOf(small), 'model.layers.1.attn.Wqkv.weight', 'model.layers.1.attn.Wqvk.weight'));
    expect(error).toBeInstanceOf(TensorError);
    expect(error.message).toContain('1 missing, 1 extra, 0 misshapen');
    expect(error.message).toContain(
      '"model.layers.1.attn.Wqkv.weight" [96, 32] is missing; nearest in the file: "model.layers.1.attn.Wqvk.weight" [96, 32]',
    );
    expect(error.message).toContain(
      '"model.layers.1.attn.Wqvk.weight" [96, 32] is not part of this config; nearest that is: "model.layers.1.attn.Wqkv.weight"',
    );
    expect((error as TensorError).details).toMatchObject({
      missing: ['model.layers.1.attn.Wqkv.weight'],
      extra: ['model.layers.1.attn.Wqvk.weight'],
    });
  });

  test('missing with nothing in its place: its neighbours are shown', async () => {
    const { 'model.layers.1.mlp.Wo.weight': _, ...files } = checkpointOf(small);
    const error = await errorOf(small, files);
    expect(error.message).toContain('1 missing, 0 extra');
    expect(error.message).toMatch(
      /"model.layers.1.mlp.Wo.weight" \[32, 5\] is missing; nearest in the file: "model.layers.(1.mlp.Wi|0.mlp.Wo).weight"/,
    );
  });

  test('misshapen: both shapes', async () => {
    const files = { ...checkpointOf(small), 'model.layers.0.mlp.Wi.weight': zeros('F32', [32, 10], 4) };
    const error = await errorOf(small, files);
    expect(error.message).toContain('"model.layers.0.mlp.Wi.weight" is F32 [32, 10], the config asks for [10, 32]');
    expect(error.message).toContain('0 missing, 0 extra, 1 misshapen');
  });

  test('another dtype', async () => {
    const files = { ...checkpointOf(small), 'model.final_norm.weight': zeros('F64', [32], 8) };
    expect((await errorOf(small, files)).message).toContain(
      '"model.final_norm.weight" is F64 [32], the config asks for dtype F32 or F16 or BF16',
    );
  });

  test('a bias the config does not have, an extra layer, half a head', async () => {
    const bias = await errorOf(small, { ...checkpointOf(small), 'model.layers.1.mlp.Wi.bias': f32([10], new Float32Array(10)) });
    expect(bias.message).toMatch(
      /"model.layers.1.mlp.Wi.bias" \[10\] is not part of this config; nearest that is: "model.layers.1.mlp.W[io].weight"/,
    );
    const layers = await errorOf(small, checkpointOf({ ...small, layers: 30 }));
    expect(layers.message).toMatch(/168 extra.* and 164 more/);
    expect(layers.message.length).toBeLessThan(1500);
    const { 'head.norm.weight': _, ...half } = checkpointOf(small);
    expect((await errorOf(small, half)).message).toContain('"head.norm.weight" [32] is missing');
    const untied = await errorOf({ ...small, tieWordEmbeddings: false }, checkpointOf(small));
    expect(untied.message).toContain('"decoder.weight" [7, 32] is missing');
  });

  test('both with and without the prefix', async () => {
    const error = await errorOf(small, { ...checkpointOf(small), 'final_norm.weight': f32([32], new Float32Array(32)) });
    expect(error.message).toMatch(/"final_norm.weight" \[32\] is not part of this config; nearest that is: .*"model.final_norm.weight"/);
  });

  test('a model that generates', async () => {
    const error = await errorOf(small, { ...checkpointOf(small), 'lm_head.weight': zeros('F32', [7, 32], 4) });
    expect(error.message).toMatch(/"lm_head.weight" \[7, 32\].*generates text/);
  });

  test('a checkpoint of another model, with ten thousand tensors, is refused quickly', async () => {
    const tensors = new Map(
      Array.from({ length: 10_000 }, (_, i) => {
        const name = `transformer.h.${i}.attention.self.query.weight`;
        return [name, { name, dtype: 'F32', shape: [1], file: 'f', start: 0, end: 4 }] as const;
      }),
    );
    const start = performance.now();
    expect(() => planWeights({ ...small, layers: 28 }, { tensors, metadata: {} })).toThrow(/170 missing, 10000 extra/);
    expect(performance.now() - start).toBeLessThan(3000);
  });
});

describe('what stands beside the parameters', () => {
  const withNotes = async (config: ParameterConfig, files: Files) => {
    const notes = new Notes();
    return { reader: await openWeights(sourceOf(files), config, undefined, notes), notes: notes.list };
  };
  const classifier = (files: Files, name = 'classifier'): Files => ({
    ...Object.fromEntries(Object.entries(files).filter(([tensor]) => !tensor.startsWith('decoder.'))),
    [`${name}.weight`]: zeros('F32', [3, 32], 4),
    [`${name}.bias`]: zeros('F32', [3], 4),
  });

  test('a classifier embeds: its head and last layer are left aside by name, with the prefix and without', async () => {
    for (const prefix of ['model.', '']) {
      for (const name of ['classifier', 'qa_outputs', 'score']) {
        const { reader, notes } = await withNotes(small, classifier(checkpointOf(small, prefix), name));
        expect([reader.hasHead, reader.has('head.dense.weight'), reader.taskHead]).toEqual([false, false, `${name}.weight`]);
        expect(notes).toEqual([expect.stringMatching(new RegExp(`"${name}.weight" and 3 more.*left aside: the model embeds`))]);
      }
    }
    // Without its last layer, config.json still tells what the head is for.
    const { 'decoder.bias': _, ...headOnly } = checkpointOf(small);
    const told = await withNotes({ ...small, architectures: ['ModernBertForSequenceClassification'] }, headOnly);
    expect(told.reader.hasHead).toBe(false);
  });

  test('a last layer for classes beside a whole prediction head leaves that head in use', async () => {
    const { reader, notes } = await withNotes(small, { ...checkpointOf(small), 'classifier.weight': zeros('F32', [3, 32], 4) });
    expect(reader.hasHead).toBe(true);
    expect(notes).toEqual([expect.stringMatching(/"classifier.weight", the head of another task/)]);
  });

  test('decoder.bias that is absent is zeros, and said', async () => {
    const { 'decoder.bias': _, ...files } = checkpointOf(small);
    const { reader, notes } = await withNotes(small, files);
    expect([reader.hasHead, reader.has('decoder.bias')]).toEqual([true, false]);
    expect(notes).toEqual([expect.stringMatching(/no "decoder.bias".*Zeros/)]);
  });

  test('buffers that libraries save are not used, under any prefix', async () => {
    for (const name of [
      'model.layers.1.attn.rotary_emb.inv_freq',
      'layers.0.attn.rotary_emb.inv_freq',
      'model.rotary_emb.sliding_attention_original_inv_freq',
      'model.embeddings.position_ids',
      'position_ids',
      'pooler.dense.weight',
      'model.pooler.dense.bias',
    ]) {
      const { reader, notes } = await withNotes(small, { ...checkpointOf(small), [name]: zeros('F32', [16], 4) });
      expect(reader.slots.size).toBe(listParameters(small).length);
      expect(notes).toEqual([expect.stringContaining(`"${name}"`)]);
    }
    for (const name of ['model.layers.0.attn.inv_freq_scale', 'model.layers.0.pooler.weight', 'adapter.weight']) {
      const error = await errorOf(small, { ...checkpointOf(small), [name]: zeros('F32', [16], 4) });
      expect(error.message).toContain(`"${name}" [16] is not part of this config`);
    }
  });

  test('the wrappers of torch.compile and DistributedDataParallel are left out of names', async () => {
    const wrap = (rename: (name: string) => string, prefix = 'model.') =>
      Object.fromEntries(Object.entries(checkpointOf(small, prefix)).map(([name, data]) => [rename(name), data]));
    for (const files of [
      wrap(name => `_orig_mod.${name}`),
      wrap(name => `module._orig_mod.${name}`, ''),
      wrap(name => `_orig_mod.module.${name}`),
      wrap(name => name.replace('layers.1.', 'layers.1._orig_mod.')),
    ]) {
      const { reader, notes } = await withNotes(small, files);
      expect(await reader.vector('decoder.bias')).toEqual(new Float32Array(7).fill(0.5));
      expect(reader.describe('layers.1.attn.Wo.weight').name).toMatch(/^(model\.)?layers\.1\.attn\.Wo\.weight$/);
      expect(notes).toEqual([expect.stringMatching(/wrapper of torch.compile/)]);
    }
    const twice = await errorOf(small, { ...checkpointOf(small), 'module.decoder.bias': zeros('F32', [7], 4) });
    expect(twice.message).toMatch(/"decoder.bias" and "module.decoder.bias" are the same parameter/);
  });
});

describe('quantized checkpoints', () => {
  const metadata = { format: 'affinage', affinage_version: '1', dtype: 'q8', group_size: '32' };
  const wi = 'model.layers.0.mlp.Wi.weight';
  const wo = 'model.layers.0.mlp.Wo.weight';
  /** Wi as q8 and the Wo of 5 columns as q4, padded to 32. */
  function quantized(): Files {
    const { [wi]: _, [wo]: __, ...files } = checkpointOf(small);
    return {
      ...files,
      [`${wi}.q8`]: { ...zeros('I8', [10, 32], 1), bytes: new Uint8Array(320).fill(0xfe) },
      [`${wi}.scale`]: { ...zeros('F16', [10, 1], 2), bytes: new Uint8Array(new Uint16Array(10).fill(0x3c00).buffer) },
      [`${wo}.q4`]: zeros('U8', [32, 16], 1),
      [`${wo}.scale`]: zeros('F16', [32, 1], 2),
    };
  }

  test('codes and scales are one matrix; formats may be mixed', async () => {
    const reader = await open(small, quantized(), metadata);
    const matrix = reader.matrix('layers.0.mlp.Wi.weight');
    expect([matrix.stored, matrix.N, matrix.K, matrix.storedK, matrix.rowBytes]).toEqual(['q8', 10, 32, 32, 34]);
    const block = await matrix.rows(3, 2);
    expect(block).toEqual({ kind: 'q8', q: new Int8Array(64).fill(-2), scale: new Uint16Array(2).fill(0x3c00) });
    const narrow = reader.matrix('layers.0.mlp.Wo.weight');
    expect([narrow.stored, narrow.N, narrow.K, narrow.storedK, narrow.rowBytes]).toEqual(['q4', 32, 5, 32, 18]);
    expect(reader.matrix('layers.1.mlp.Wi.weight').stored).toBe('f32');
  });

  test('unknown versions and group sizes are refused by name', async () => {
    for (const [key, value] of [
      ['affinage_version', '2'],
      ['group_size', '128'],
    ] as const) {
      const error = await errorOf(small, quantized(), { ...metadata, [key]: value });
      expect(error).toBeInstanceOf(ModelFileError);
      expect(error.message).toMatch(new RegExp(`${key} is "${value}".*reads ${key} "`));
    }
    const { group_size: _, ...without } = metadata;
    expect((await errorOf(small, quantized(), without)).message).toMatch(/group_size is absent/);
    expect((await errorOf(small, quantized())).message).toMatch(/quantized, but the file's metadata does not say/);
  });

  test('a matrix without scales, scales without a matrix, scales of another shape or NaN', async () => {
    const { [`${wi}.scale`]: scale, ...without } = quantized();
    expect((await errorOf(small, without, metadata)).message).toContain(`"${wi}.q8" has no "${wi}.scale" beside it`);
    const { [`${wi}.q8`]: _, ...orphan } = quantized();
    expect((await errorOf(small, orphan, metadata)).message).toMatch(
      /"model.layers.0.mlp.Wi.weight" \[10, 32\] is missing; nearest in the file: "model.layers.0.mlp.Wi.weight.scale"/,
    );
    const wide = await errorOf(small, { ...quantized(), [`${wi}.scale`]: zeros('F16', [10, 2], 2) }, metadata);
    expect(wide.message).toContain(`"${wi}.scale" is F16 [10, 2], the config asks for [10, 1]`);
    const unpadded = await errorOf(small, { ...quantized(), [`${wo}.q4`]: zeros('U8', [32, 3], 1) }, metadata);
    expect(unpadded.message).toContain('[32, 3], the config asks for [32, 16]');
    (scale as TensorData).bytes.set([0x00, 0x7e], 0);
    const reader = await open(small, { ...quantized(), [`${wi}.scale`]: scale as TensorData }, metadata);
    await expect(reader.matrix('layers.0.mlp.Wi.weight').rows(0, 1)).rejects.toThrow(/scale" holds NaN/);
  });
});

test('every fixture’s names are known', async () => {
  for (const name of fixtureNames) {
    const source = fixtureSource(name);
    const file = await source.open('config.json');
    const { readConfig } = await import('./config.ts');
    const reader = await openWeights(source, readConfig(await file.read(0, file.sizeBytes)));
    expect(reader.slots.size, name).toBeGreaterThan(10);
  }
});

test('edit distance and nearest names', () => {
  expect(editDistance('kitten', 'sitting', 9)).toBe(3);
  expect(editDistance('', 'abc', 9)).toBe(3);
  expect(editDistance('same', 'same', 0)).toBe(0);
  expect(editDistance('aaaa', 'bbbb', 2)).toBe(3);
  expect(nearest('Wqkv', ['Wo', 'Wqvk', 'Wqkv.bias', 'zzzzzzzzzz'], 2)).toEqual(['Wqvk', 'Wo']);
  expect(nearest('x'.repeat(1000), ['x'], 2)).toEqual([]);
});
