/** Vectors of sentence-transformers folders against sentence-transformers itself, f32, to 1e-5 in every number. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { ConfigError, InputError } from '../../errors.ts';
import type { Gpu } from '../../gpu/device.ts';
import { readModelConfig } from '../../model/config-file.ts';
import { type DeviceWeights, uploadWeights } from '../../model/device-weights.ts';
import { openWeights } from '../../model/reader.ts';
import { Notes } from '../../notes.ts';
import { makeChoices } from '../../runtime/choices.ts';
import { inFolder, readLayout } from '../../source/modules.ts';
import { testGpu } from '../../testing/gpu.ts';
import { type SentenceName, sentenceCases, sentenceNames, sentenceSource } from '../../testing/sentence-fixture.ts';
import type { EmbedOptions } from '../../types.ts';
import { embedTexts } from '../embed.ts';
import { type Loaded, readTokenizer } from '../open.ts';
import { Session } from '../session.ts';
import { lowerCasing } from './lower-casing.ts';
import { readSentence } from './sentence.ts';
import { uploadSteps } from './vectors.ts';

let gpu: Gpu;
let weights: DeviceWeights;
beforeAll(async () => {
  gpu = await testGpu();
  const source = sentenceSource('mean');
  const config = await readModelConfig(source);
  weights = await uploadWeights(gpu, config, await openWeights(source, config), { dtype: 'f32', onBytes: () => {} });
});
afterAll(() => gpu.destroy());

/** The folder as `openModel` makes it, over the one encoder that all share. */
async function open(name: SentenceName, changed: Record<string, unknown> = {}): Promise<Loaded> {
  const source = sentenceSource(name, changed);
  const layout = await readLayout(source);
  const files = inFolder(source, layout.folder);
  const config = await readModelConfig(files);
  const sentence = await readSentence(source, layout, config, new Notes());
  const steps = await uploadSteps(gpu, source, sentence.steps);
  const choices = makeChoices(gpu.profile, { matmul: new Map(), attention: null });
  const session = new Session(gpu, config, weights, 'f32', choices, undefined, { poolings: sentence.poolings, steps });
  const tokenizer = await readTokenizer(files);
  const embedTokenizer = sentence.lowerCase ? await readTokenizer(lowerCasing(files)) : tokenizer;
  return { gpu, config, session, sentence, steps, tokenizer, embedTokenizer, times: {} } as unknown as Loaded;
}

/** `encode`'s options in our words. */
function optionsOf(options: Record<string, unknown>): EmbedOptions {
  return {
    ...('prompt' in options && { prompt: options.prompt as string }),
    ...('prompt_name' in options && { promptName: options.prompt_name as string }),
    ...('normalize_embeddings' in options && { normalize: options.normalize_embeddings as boolean }),
  };
}

function largestDifference(data: Float32Array, expected: readonly (readonly number[])[]): number {
  const flat = expected.flat();
  expect(data.length).toBe(flat.length);
  return flat.reduce((most, value, i) => Math.max(most, Math.abs(value - data[i]!)), 0);
}

test.each(sentenceNames)('%s', async name => {
  const { texts, cases } = await sentenceCases(name);
  const loaded = await open(name);
  for (const { options, vectors } of cases) {
    const whole = options.truncate_dim === null ? { ...loaded, sentence: { ...loaded.sentence, truncateDim: null } } : loaded;
    const answer = await embedTexts(whole, texts, optionsOf(options));
    expect(answer.dim).toBe(vectors[0]!.length);
    expect(largestDifference(answer.data, vectors), JSON.stringify(options)).toBeLessThan(1e-5);
  }
});

describe('what a request says instead', () => {
  test('another pooling goes through the layers behind it; none gives tokens as they are', async () => {
    const dense = await open('dense-tanh');
    const cls = await embedTexts(dense, ['une'], { pooling: 'cls' });
    expect(cls.dim).toBe(50);
    const tokens = await embedTexts(dense, ['une'], { pooling: 'none' });
    expect([tokens.dim, tokens.rows]).toEqual([64, 3]);
    const { cases, texts } = await sentenceCases('cls');
    const plain = await embedTexts(await open('mean'), texts, { pooling: 'cls' });
    expect(largestDifference(plain.data, cases[0]!.vectors)).toBeLessThan(1e-5);
    const refused = embedTexts(await open('dense-chain'), ['une'], { pooling: 'cls' });
    await expect(refused).rejects.toThrow(/gives 64 numbers, and the layer after the pooling of this model takes 128/);
  });

  test('normalize true and false against what the folder says', async () => {
    const length = (data: Float32Array) => Math.hypot(...data);
    const own = await open('old-two');
    expect(length((await embedTexts(own, ['une'], {})).data)).toBeCloseTo(1, 5);
    expect(length((await embedTexts(own, ['une'], { normalize: false })).data)).toBeGreaterThan(2);
    const none = await open('mean');
    expect(length((await embedTexts(none, ['une'], {})).data)).toBeGreaterThan(2);
    expect(length((await embedTexts(none, ['une'], { normalize: true })).data)).toBeCloseTo(1, 5);
  });

  test('a cut to the folder’s own limit is said, one that was asked for is not', async () => {
    const { texts } = await sentenceCases('length');
    const loaded = await open('length');
    const own = await embedTexts(loaded, texts, {});
    expect(own.cut).toEqual({ texts: [3, 4], maxTokens: 9, limit: 'max_seq_length in sentence_bert_config.json' });
    expect(await embedTexts(loaded, texts, { maxTokens: 100 })).not.toHaveProperty('cut');
    expect(await embedTexts(loaded, ['une'], {})).not.toHaveProperty('cut');
  });

  test('prompts that are unknown or given twice', async () => {
    const loaded = await open('prompt');
    await expect(embedTexts(loaded, ['a'], { promptName: 'qery' })).rejects.toThrow(/no prompt named "qery".*"passage", "query"/);
    await expect(embedTexts(loaded, ['a'], { promptName: 'query', prompt: 'x' })).rejects.toThrow(InputError);
  });

  test('a module that is not computed: refused by name unless a pooling is given', async () => {
    const modules = [
      { idx: 0, name: '0', path: '', type: 'sentence_transformers.models.Transformer' },
      { idx: 1, name: '1', path: '1_WordWeights', type: 'sentence_transformers.models.WordWeights' },
      { idx: 2, name: '2', path: '1_Pooling', type: 'sentence_transformers.models.Pooling' },
    ];
    const loaded = await open('mean', { 'modules.json': modules });
    await expect(embedTexts(loaded, ['une'], {})).rejects.toThrow(ConfigError);
    await expect(embedTexts(loaded, ['une'], {})).rejects.toThrow(/WordWeights.*Give "pooling"/);
    expect((await embedTexts(loaded, ['une'], { pooling: 'mean' })).dim).toBe(64);
  });
});
