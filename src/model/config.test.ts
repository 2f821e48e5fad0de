import { describe, expect, test } from 'vitest';
import { ConfigError } from '../errors.ts';
import { Notes } from '../notes.ts';
import { parseConfig, readConfig } from './config.ts';

/** The published large model in the old dialect. */
const large = {
  model_type: 'modernbert',
  architectures: ['ModernBertForMaskedLM'],
  torch_dtype: 'bfloat16',
  vocab_size: 32768,
  hidden_size: 1024,
  num_hidden_layers: 28,
  num_attention_heads: 16,
  intermediate_size: 2624,
  global_attn_every_n_layers: 3,
  local_attention: 128,
  global_rope_theta: 160000.0,
  local_rope_theta: 10000.0,
  max_position_embeddings: 8192,
  norm_eps: 1e-5,
  layer_norm_eps: 1e-12,
  norm_bias: false,
  attention_bias: false,
  mlp_bias: false,
  decoder_bias: true,
  classifier_bias: false,
  hidden_activation: 'gelu',
  classifier_activation: 'silu',
  classifier_pooling: 'mean',
  tie_word_embeddings: true,
};

describe('both dialects', () => {
  test('the published shapes and parameter counts', () => {
    const config = parseConfig(large);
    expect(config).toMatchObject({
      headDim: 64,
      window: 64,
      ropeTheta: { global: 160_000, local: 10_000 },
      normEps: 1e-5,
      classifierActivation: 'silu',
    });
    expect(config.layerKinds.map((kind, layer) => (kind === 'global' ? layer : -1)).filter(layer => layer >= 0)).toEqual([
      0, 3, 6, 9, 12, 15, 18, 21, 24, 27,
    ]);
    expect(config.parameters).toBe(377_841_664);
    expect(
      parseConfig({ ...large, hidden_size: 768, num_hidden_layers: 22, num_attention_heads: 12, intermediate_size: 1152 }).parameters,
    ).toBe(136_120_832);
  });

  test('the new dialect means the same', () => {
    const { global_attn_every_n_layers: _, global_rope_theta: __, local_rope_theta: ___, torch_dtype: ____, ...rest } = large;
    const config = parseConfig({
      ...rest,
      dtype: 'bfloat16',
      layer_types: Array.from({ length: 28 }, (_, layer) => (layer % 3 ? 'sliding_attention' : 'full_attention')),
      rope_parameters: {
        full_attention: { rope_type: 'default', rope_theta: 160000.0 },
        sliding_attention: { rope_type: 'default', rope_theta: 10000.0 },
      },
    });
    expect(config).toEqual(parseConfig(large));
  });

  test('where both stand, the new keys win, as in transformers 5', () => {
    const config = parseConfig({
      ...large,
      num_hidden_layers: 2,
      layer_types: ['sliding_attention', 'full_attention'],
      rope_parameters: { full_attention: { rope_theta: 7 } },
    });
    expect(config.layerKinds).toEqual(['local', 'global']);
    expect(config.ropeTheta).toEqual({ global: 7, local: 10_000 });
  });

  test('absent keys take transformers’ defaults', () => {
    expect(parseConfig({ model_type: 'modernbert' })).toMatchObject({
      vocabSize: 50_368,
      hiddenSize: 768,
      layers: 22,
      heads: 12,
      intermediateSize: 1152,
      maxPositions: 8192,
      window: 64,
      ropeTheta: { global: 160_000, local: 10_000 },
      normEps: 1e-5,
      hiddenActivation: 'gelu',
      classifierActivation: 'gelu',
      classifierPooling: 'cls',
      tieWordEmbeddings: true,
      biases: { norm: false, attention: false, mlp: false, decoder: true, classifier: false },
    });
    expect(parseConfig({ ...large, rope_parameters: null, layer_types: null })).toEqual(parseConfig(large));
  });

  test('a null local theta is the global one', () => {
    expect(parseConfig({ ...large, local_rope_theta: null }).ropeTheta).toEqual({ global: 160_000, local: 160_000 });
  });

  test.each([
    [128, 64],
    [7, 3],
    [6, 3],
    [3, 1],
    [1, 0],
    [0, 0],
    [2 ** 31 - 1, 8192],
  ])('local_attention %i: %i keys on each side', (local_attention, window) => {
    expect(parseConfig({ ...large, local_attention }).window).toBe(window);
  });

  test('activations by their names in transformers', () => {
    const kinds = ['gelu', 'gelu_python', 'gelu_new', 'gelu_pytorch_tanh', 'gelu_fast', 'silu', 'swish', 'relu'].map(
      name => parseConfig({ ...large, hidden_activation: name }).hiddenActivation,
    );
    expect(kinds).toEqual(['gelu', 'gelu', 'gelu_tanh', 'gelu_tanh', 'gelu_tanh', 'silu', 'silu', 'relu']);
  });

  test('notes that change nothing are passed over', () => {
    const notes = {
      _name_or_path: 'x',
      id2label: { 0: 'a' },
      reference_compile: true,
      position_embedding_type: 'absolute',
      transformers_version: '9',
      layer_norm_eps: 5,
      attention_dropout: 0.3,
      deterministic_flash_attn: true,
      sparse_prediction: true,
      gradient_checkpointing: true,
      pad_token_id: 50283,
    };
    expect(parseConfig({ ...large, ...notes })).toEqual(parseConfig(large));
    const neutral = {
      rope_scaling: null,
      sliding_window: 64,
      head_dim: 64,
      num_key_value_heads: 16,
      is_decoder: false,
      rope_theta: 160000,
      per_layer_config: {},
      quantization_config: null,
    };
    expect(parseConfig({ ...large, ...neutral })).toEqual(parseConfig(large));
  });
});

describe('refused by name', () => {
  const wrong: [string, Record<string, unknown>, RegExp][] = [
    ['another architecture', { model_type: 'bert' }, /"model_type" is "bert"; accepted: "modernbert"/],
    ['no architecture', { model_type: undefined }, /"model_type" is absent/],
    ['a decoder', { model_type: 'modernbert-decoder' }, /"model_type"/],
    ['a million layers', { num_hidden_layers: 1_000_000 }, /"num_hidden_layers" is 1000000; accepted: a whole number from 1 to 512/],
    ['no layers', { num_hidden_layers: 0 }, /"num_hidden_layers" is 0/],
    ['negative sizes', { vocab_size: -5 }, /"vocab_size" is -5/],
    ['halves', { intermediate_size: 10.5 }, /"intermediate_size" is 10.5/],
    ['words', { hidden_size: '1024' }, /"hidden_size" is "1024"/],
    ['null', { num_attention_heads: null }, /"num_attention_heads" is null/],
    ['NaN', { norm_eps: Number.NaN }, /"norm_eps" is NaN/],
    ['infinity', { max_position_embeddings: Number.POSITIVE_INFINITY }, /"max_position_embeddings" is Infinity/],
    ['a negative epsilon', { norm_eps: -1e-5 }, /"norm_eps" is -0.00001/],
    ['an epsilon of zero', { norm_eps: 0 }, /"norm_eps" is 0/],
    ['heads that do not divide', { num_attention_heads: 15 }, /"num_attention_heads" is 15; accepted: .*32, 64 or 128/],
    ['heads of 48', { hidden_size: 768, num_attention_heads: 16 }, /"num_attention_heads" is 16/],
    ['heads of 256', { num_attention_heads: 4 }, /"num_attention_heads" is 4/],
    ['an unlimited window', { local_attention: -1 }, /"local_attention" is -1/],
    ['a period of zero', { global_attn_every_n_layers: 0 }, /"global_attn_every_n_layers" is 0/],
    [
      'too few layer types',
      { layer_types: ['full_attention'] },
      /"layer_types" is a list of 1; accepted: a list with one entry for each of the 28 layers/,
    ],
    ['an unknown layer type', { num_hidden_layers: 1, layer_types: ['chunked_attention'] }, /"layer_types" entry 0 is "chunked_attention"/],
    ['layer types that are no list', { layer_types: { length: 28 } }, /"layer_types" is an object/],
    ['an epsilon that f32 rounds to zero', { norm_eps: 1e-46 }, /"norm_eps" is 1e-46; accepted: a number from 1\.2e-38/],
    ['an epsilon that a GPU may take for zero', { norm_eps: 1e-39 }, /"norm_eps" is 1e-39/],
    ['a theta that f32 rounds to zero', { global_rope_theta: 1e-300 }, /"global_rope_theta" is 1e-300; accepted: a number from 1e-30 to/],
    ['a theta with infinite angles', { local_rope_theta: 1e-38 }, /"local_rope_theta" is 1e-38/],
    [
      'the same in the new dialect',
      { rope_parameters: { full_attention: { rope_theta: 1e-46 } } },
      /"rope_parameters.full_attention.rope_theta" is 1e-46/,
    ],
    ['a theta of zero', { global_rope_theta: 0 }, /"global_rope_theta" is 0/],
    ['a null global theta', { global_rope_theta: null }, /"global_rope_theta" is null/],
    [
      'a theta in words',
      { rope_parameters: { full_attention: { rope_theta: 'big' } } },
      /"rope_parameters.full_attention.rope_theta" is "big"/,
    ],
    [
      'scaled RoPE',
      { rope_parameters: { full_attention: { rope_type: 'yarn', factor: 4, rope_theta: 1e4 } } },
      /"rope_parameters.full_attention.rope_type" is "yarn"/,
    ],
    [
      'a factor',
      { rope_parameters: { sliding_attention: { rope_type: 'default', factor: 4 } } },
      /"rope_parameters.sliding_attention.factor" is 4/,
    ],
    ['flat RoPE parameters', { rope_parameters: { rope_theta: 1e4 } }, /"rope_parameters" holds "rope_theta"/],
    ['old RoPE scaling', { rope_scaling: { type: 'linear', factor: 2 } }, /"rope_scaling.type" is "linear"/],
    ['partial RoPE', { partial_rotary_factor: 0.5 }, /"partial_rotary_factor" is 0.5/],
    ['a general theta that differs', { rope_theta: 10000 }, /"rope_theta" is 10000/],
    ['a head width that differs', { head_dim: 128 }, /"head_dim" is 128/],
    ['a window that differs', { sliding_window: 128 }, /"sliding_window" is 128.*null or 64/],
    ['grouped heads', { num_key_value_heads: 4 }, /"num_key_value_heads" is 4/],
    ['a causal model', { is_decoder: true }, /"is_decoder" is true/],
    [
      'foreign quantization',
      { quantization_config: { quant_method: 'gptq' } },
      /"quantization_config" is an object with the keys "quant_method"/,
    ],
    ['layers of their own', { per_layer_config: { 3: { num_attention_heads: 8 } } }, /"per_layer_config"/],
    ['pruned heads', { pruned_heads: { 0: [1] } }, /"pruned_heads"/],
    ['an unknown activation', { hidden_activation: 'quick_gelu' }, /"hidden_activation" is "quick_gelu"; accepted: gelu, /],
    ['an activation from the prototype', { classifier_activation: 'constructor' }, /"classifier_activation" is "constructor"/],
    ['a flag in numbers', { norm_bias: 1 }, /"norm_bias" is 1; accepted: true or false/],
    ['an unknown pooling', { classifier_pooling: 'max' }, /"classifier_pooling" is "max"/],
  ];
  test.each(wrong)('%s', (_, change, message) => {
    expect(() => parseConfig({ ...large, ...change })).toThrow(ConfigError);
    expect(() => parseConfig({ ...large, ...change })).toThrow(message);
  });

  test('what is no object', () => {
    for (const json of [null, undefined, 5, 'modernbert', [large]]) expect(() => parseConfig(json)).toThrow(/must hold a JSON object/);
  });

  test('inherited keys are not read', () => {
    expect(() => parseConfig(Object.create(large))).toThrow(/"model_type" is absent/);
  });

  test('a long value makes a short error', () => {
    const thrown = (): string => {
      try {
        parseConfig({ ...large, hidden_activation: 'x'.repeat(1e6) });
      } catch (error) {
        return (error as Error).message;
      }
      return '';
    };
    expect(thrown().length).toBeGreaterThan(0);
    expect(thrown().length).toBeLessThan(400);
  });
});

describe('bytes', () => {
  const bytes = (text: string) => new TextEncoder().encode(text);
  test('a file', () => {
    expect(readConfig(bytes(JSON.stringify(large)))).toEqual(parseConfig(large));
  });
  const wrong: [string, Uint8Array, RegExp][] = [
    ['a web page', bytes('<!DOCTYPE html><html></html>'), /web page/],
    ['NaN as Python writes it', bytes('{"model_type": "modernbert", "norm_eps": NaN}'), /not valid JSON/],
    ['cut', bytes('{"model_type": "modernb'), /not valid JSON/],
    ['empty', bytes(''), /not valid JSON/],
    ['invalid UTF-8', Uint8Array.from([0x7b, 0xff, 0x7d]), /cannot be read/],
  ];
  test.each(wrong)('%s', (_, file, message) => {
    expect(() => readConfig(file)).toThrow(message);
    expect(() => readConfig(file)).toThrow(ConfigError);
  });
});

test('an absent key whose default changes the results is said, and only such a one', () => {
  const noted = (config: object) => {
    const notes = new Notes();
    parseConfig(config, 'config.json', notes);
    return notes.list;
  };
  expect(noted(large)).toEqual([]);
  const { norm_eps: _, hidden_activation: __, ...without } = large as Record<string, unknown>;
  expect(noted(without)).toEqual([expect.stringMatching(/does not say "norm_eps" \(1e-5\), "hidden_activation" \(gelu\)\. The defaults/)]);
  expect(noted({ model_type: 'modernbert' })[0]).toMatch(/"num_attention_heads" \(12\), "layer_types".*"max_position_embeddings" \(8192\)/);
});
