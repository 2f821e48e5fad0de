/** What a sentence-transformers folder may say, and what a damaged or hostile one gets. No GPU. */
import { describe, expect, test } from 'vitest';
import { ConfigError, ModelFileError, TensorError } from '../../errors.ts';
import { readModelConfig } from '../../model/config-file.ts';
import { Notes } from '../../notes.ts';
import { modelFiles } from '../../quantize/copy.ts';
import { quantizedSource } from '../../quantize/quantized-source.ts';
import { inFolder, readLayout } from '../../source/modules.ts';
import { f32, safetensorsFile } from '../../testing/safetensors-file.ts';
import { type SentenceName, sentenceSource } from '../../testing/sentence-fixture.ts';
import { readSentence, type Sentence } from './sentence.ts';
import { sentenceReport } from './sentence-report.ts';
import { readStep } from './vectors.ts';

async function read(name: SentenceName, changed: Record<string, unknown> = {}, notes = new Notes()): Promise<Sentence> {
  const source = sentenceSource(name, changed);
  const layout = await readLayout(source);
  const sentence = await readSentence(source, layout, await readModelConfig(inFolder(source, layout.folder)), notes);
  for (const step of sentence.steps) if (step.kind !== 'normalize') await readStep(source, step);
  return sentence;
}

const module = (path: string, type: string) => ({ path, type: `sentence_transformers.models.${type}` });
const transformer = module('', 'Transformer');

describe('what a folder says', () => {
  test('is what a report shows', async () => {
    expect(sentenceReport(await read('dense-chain'), 64)).toMatchObject({
      from: 'modules.json',
      dim: 7,
      pooling: ['cls', 'max'],
      layers: ['Dense 128→33 gelu', 'Normalize', 'Dense 33→32 identity', 'LayerNorm 32', 'Dense 32→7 sigmoid'],
      refused: null,
    });
    expect(sentenceReport(await read('truncate'), 64)).toMatchObject({ dim: 10, truncated: true, similarity: 'cosine' });
    const notes = new Notes();
    expect(await read('prompt', {}, notes)).toMatchObject({ defaultPrompt: 'query', prompts: { query: 'query: ' } });
    expect(notes.list).toEqual([expect.stringMatching(/begin with the prompt "query": "query: "/)]);
  });

  test('the length: the file’s, else the tokenizer’s, never over the context', async () => {
    const length = (value: unknown, tokenizer: unknown = {}) =>
      read('mean', { 'sentence_bert_config.json': { max_seq_length: value }, 'tokenizer_config.json': tokenizer });
    expect((await length(32)).maxTokens).toBe(32);
    expect((await length(4096)).maxTokens).toBe(128);
    expect((await length(null, { model_max_length: 64 })).maxTokens).toBe(64);
    // As sentence-transformers cuts at the context too, where a length is stated.
    for (const stated of [128, 8192]) expect((await length(null, { model_max_length: stated })).maxTokens).toBe(128);
    expect((await length(null, { model_max_length: 1e30 })).maxTokens).toBeNull();
    expect(
      (await read('mean', { 'sentence_bert_config.json': null, 'sentence_camembert_config.json': { max_seq_length: 9 } })).maxTokens,
    ).toBe(9);
  });

  test('a copy holds every file of it, weights of modules as they are', async () => {
    const paths = await modelFiles(sentenceSource('dense-chain'));
    expect(paths).toEqual(
      expect.arrayContaining([
        'modules.json',
        '1_Pooling/config.json',
        '2_Dense/model.safetensors',
        '5_LayerNorm/model.safetensors',
        'config_sentence_transformers.json',
      ]),
    );
    expect(paths.at(-1)).toBe('config.json');
    const inside = await modelFiles(sentenceSource('folder'));
    expect(inside).toEqual(
      expect.arrayContaining([
        'modules.json',
        '0_Transformer/model.safetensors',
        '0_Transformer/tokenizer.json',
        '0_Transformer/config.json',
      ]),
    );
    const converted = await quantizedSource(sentenceSource('folder'), { dtype: 'q8' });
    expect([await converted.has('0_Transformer/model.safetensors'), await converted.has('model.safetensors')]).toEqual([true, false]);
    const dense = await quantizedSource(sentenceSource('dense-tanh'), { dtype: 'q8' });
    expect((await dense.open('2_Dense/model.safetensors')).sizeBytes).toBe(
      (await sentenceSource('dense-tanh').open('2_Dense/model.safetensors')).sizeBytes,
    );
  });
});

describe('what is not computed is named, and the model loads', () => {
  const refused: [string, Record<string, unknown>, RegExp][] = [
    [
      'a module of another library',
      { 'modules.json': [transformer, { path: '1_X', type: 'custom_st.Pooling' }] },
      /"custom_st.Pooling", which is not computed/,
    ],
    ['word weights', { 'modules.json': [transformer, module('1_WordWeights', 'WordWeights')] }, /WordWeights/],
    ['no pooling', { 'modules.json': [transformer] }, /no Pooling/],
    [
      'a Dense on tokens',
      {
        'modules.json': [transformer, module('1_Pooling', 'Pooling'), module('2_Dense', 'Dense')],
        '2_Dense/config.json': { in_features: 64, out_features: 8, module_input_name: 'token_embeddings' },
      },
      /works on "token_embeddings"/,
    ],
    [
      'an activation of somebody else',
      {
        'modules.json': [transformer, module('1_Pooling', 'Pooling'), module('2_Dense', 'Dense')],
        '2_Dense/config.json': { in_features: 64, out_features: 8, activation_function: 'evil.Run' },
      },
      /pytorch_model.bin|"evil.Run"/,
    ],
    ['a cross-encoder', { 'sentence_bert_config.json': { transformer_task: 'sequence-classification' } }, /"sequence-classification"/],
    ['many vectors a text', { 'config_sentence_transformers.json': { model_type: 'MultiVectorEncoder' } }, /"MultiVectorEncoder"/],
  ];
  test.each(refused)('%s', async (_, changed, message) => {
    const notes = new Notes();
    expect((await read('mean', changed, notes)).refusal).toMatch(message);
    expect(notes.list.join()).toMatch(message);
  });
});

describe('damaged and hostile folders get a typed error', () => {
  const pooled = (config: unknown) => ({ '1_Pooling/config.json': config });
  const dense = (config: Record<string, unknown>, tensors?: Parameters<typeof safetensorsFile>[0]) => ({
    'modules.json': [transformer, module('1_Pooling', 'Pooling'), module('2_Dense', 'Dense')],
    '2_Dense/config.json': { in_features: 64, out_features: 2, bias: false, ...config },
    '2_Dense/model.safetensors': safetensorsFile(tensors ?? { 'linear.weight': f32([2, 64], new Float32Array(128)) }),
  });
  const wrong: [string, Record<string, unknown>, new (...args: never[]) => Error, RegExp][] = [
    ['a path above', { 'modules.json': [transformer, module('../../etc', 'Pooling')] }, ModelFileError, /Do not trust/],
    ['an absolute path', { 'modules.json': [module('/etc', 'Transformer')] }, ModelFileError, /Do not trust/],
    ['no JSON', { 'modules.json': 'x' }, ConfigError, /not valid JSON/],
    ['nested without end', { 'modules.json': '['.repeat(100_000) }, ConfigError, /not valid JSON/],
    ['no list', { 'modules.json': {} }, ConfigError, /list of 1 to 64/],
    ['too many', { 'modules.json': Array(65).fill(transformer) }, ConfigError, /list of 1 to 64/],
    ['an entry without type', { 'modules.json': [{ path: '' }] }, ConfigError, /entry 0/],
    ['another first module', { 'modules.json': [module('', 'StaticEmbedding')] }, ConfigError, /StaticEmbedding/],
    ['a router', { 'modules.json': [module('', 'Router')] }, ConfigError, /Router/],
    ['a list for settings', { 'config_sentence_transformers.json': [] }, ConfigError, /must hold a JSON object/],
    ['prompts that are numbers', { 'config_sentence_transformers.json': { prompts: { a: 1 } } }, ConfigError, /"prompts"/],
    [
      'a default prompt that is not there',
      { 'config_sentence_transformers.json': { default_prompt_name: 'x' } },
      ConfigError,
      /"default_prompt_name"/,
    ],
    ['a length of 0', { 'sentence_bert_config.json': { max_seq_length: 0 } }, ConfigError, /"max_seq_length" is 0/],
    ['a truncate_dim of text', { 'config_sentence_transformers.json': { truncate_dim: '8' } }, ConfigError, /"truncate_dim"/],
    ['an unknown pooling', pooled({ pooling_mode: 'median' }), ConfigError, /"median"; accepted: one or several of mean, cls, max/],
    ['a flag that is a word', pooled({ pooling_mode_cls_token: 'yes' }), ConfigError, /"pooling_mode_cls_token"/],
    ['another width', pooled({ word_embedding_dimension: 768 }), ConfigError, /gives 64 numbers a token/],
    ['a Dense for another width', dense({ in_features: 32 }), ConfigError, /part before it gives 64/],
    ['a Dense beyond all bounds', dense({ out_features: 2 ** 40 }), ConfigError, /"out_features"/],
    [
      'weights of another shape',
      dense({}, { 'linear.weight': f32([2, 32], new Float32Array(64)) }),
      TensorError,
      /is F32 \[2, 32\].*\[2, 64\]/,
    ],
    [
      'weights with more in them',
      dense({}, { 'linear.weight': f32([2, 64], new Float32Array(128)), x: f32([1], [1]) }),
      TensorError,
      /"x" is not part/,
    ],
    [
      'weights that are not numbers',
      dense({}, { 'linear.weight': f32([2, 64], new Float32Array(128).fill(Number.NaN)) }),
      ModelFileError,
      /NaN or infinity/,
    ],
  ];
  test.each(wrong)('%s', async (_, changed, type, message) => {
    const error: unknown = await read('mean', changed).catch((reason: unknown) => reason);
    expect(error).toBeInstanceOf(type);
    expect((error as Error).message).toMatch(message);
  });
});
