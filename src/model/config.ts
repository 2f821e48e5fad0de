/**
 * config.json → `ModelConfig`: every key that changes the mathematics of a ModernBERT, checked; anything else that would
 * change results is refused by name. The reference for meaning and defaults is transformers 5.18 (`configuration_modernbert.py`,
 * `modeling_modernbert.py`); the older dialect (≤ 4.x) means the same with other keys.
 *
 * A key that is absent takes transformers' default, because `save_pretrained` may leave defaults out.
 */
import { ConfigError } from '../errors.ts';
import { Notes } from '../notes.ts';
import { parseJsonText } from '../source/json-text.ts';
import type { LayerKind } from './config-keys.ts';
import { type JsonObject, layerKindsOf, noteDefaults, refuseForeignMath, ropeThetaOf, show } from './config-keys.ts';
import { countParameters } from './parameters.ts';

/** `gelu` is x·Φ(x) with the exact erf; `gelu_tanh` its tanh approximation; `silu` x·σ(x); `relu` max(x, 0). */
export type Activation = 'gelu' | 'gelu_tanh' | 'silu' | 'relu';

/** A ModernBERT whose every number has been checked. Counts are positive integers within the bounds below. */
export interface ModelConfig {
  vocabSize: number;
  hiddenSize: number;
  layers: number;
  heads: number;
  /** hiddenSize / heads: 32, 64 or 128. */
  headDim: 32 | 64 | 128;
  /** Width of one half of the gated MLP: `mlp.Wi` has twice as many rows. */
  intermediateSize: number;
  /** Context: the longest sequence, special tokens included. */
  maxPositions: number;
  /** One entry a layer. */
  layerKinds: readonly LayerKind[];
  /** Local layers: key j is visible to query i iff |i − j| ≤ window, so 2·window + 1 keys. At most maxPositions. */
  window: number;
  ropeTheta: { global: number; local: number };
  /** Added to the variance in every LayerNorm (`norm_eps`; `layer_norm_eps` is not read, as in transformers). */
  normEps: number;
  /** In the MLP of every layer, on the first half of `Wi`. */
  hiddenActivation: Activation;
  /** In the prediction head only. */
  classifierActivation: Activation;
  /** Which groups of parameters have biases; `classifier` is the dense layer of the prediction head. */
  biases: { norm: boolean; attention: boolean; mlp: boolean; decoder: boolean; classifier: boolean };
  /** The decoder's matrix is the embedding table. */
  tieWordEmbeddings: boolean;
  classifierPooling: 'cls' | 'mean';
  /** The classes in transformers that wrote the file, as it names them; empty where it does not. */
  architectures: readonly string[];
  /** Trained numbers of the masked-language model, a tied decoder counted once. */
  parameters: number;
}

/**
 * Upper bounds far over any published ModernBERT (largest: 28 layers, 1 024 wide). They stop a hostile file from causing
 * endless work before the first tensor is looked at.
 */
const bounds = { vocab: 4_194_304, hidden: 16_384, layers: 512, heads: 512, intermediate: 131_072, positions: 1_048_576 } as const;

/** The smallest normal number of f32. */
const leastNormal = 2 ** -126;

/** Names in transformers' ACT2FN. `gelu_fast` and `gelu_accurate` are the same tanh formula with √(2/π) to 10 and 16 digits. */
const activations: Readonly<Record<string, Activation>> = {
  gelu: 'gelu',
  gelu_python: 'gelu',
  gelu_new: 'gelu_tanh',
  gelu_pytorch_tanh: 'gelu_tanh',
  gelu_python_tanh: 'gelu_tanh',
  gelu_accurate: 'gelu_tanh',
  gelu_fast: 'gelu_tanh',
  silu: 'silu',
  swish: 'silu',
  relu: 'relu',
};

/**
 * Reads config.json. `where` names the file in errors. Errors: ConfigError, also for what is no JSON at all
 * (a web page, a NaN as Python writes it).
 */
export function readConfig(bytes: Uint8Array, where = 'config.json', notes = new Notes()): ModelConfig {
  let json: unknown;
  try {
    json = parseJsonText(bytes);
  } catch (cause) {
    const html = /^\s*</.test(new TextDecoder().decode(bytes.subarray(0, 256)));
    const reason = html
      ? 'it is a web page, not JSON: check the address of the model'
      : `it is not valid JSON (${cause instanceof Error ? cause.message : cause}; NaN and Infinity are not JSON numbers)`;
    throw new ConfigError(`${where} cannot be read: ${reason}.`, { where }, { cause });
  }
  return parseConfig(json, where, notes);
}

/** Checks a parsed config.json of either dialect. Errors: ConfigError naming the key, the value and what is accepted. */
export function parseConfig(json: unknown, where = 'config.json', notes = new Notes()): ModelConfig {
  if (typeof json !== 'object' || json === null || Array.isArray(json)) {
    throw new ConfigError(`${where} must hold a JSON object, found ${show(json)}.`, { where });
  }
  const config = json as JsonObject;
  const get = (key: string): unknown => (Object.hasOwn(config, key) ? config[key] : undefined);
  const refuse = (key: string, accepted: string): ConfigError =>
    new ConfigError(`${where}: "${key}" is ${show(get(key))}; ${accepted}.`, { where, key, value: show(get(key)) });

  const integer = (key: string, fallback: number, min: number, max: number): number => {
    const value = get(key) === undefined ? fallback : get(key);
    if (typeof value === 'number' && Number.isSafeInteger(value) && value >= min && value <= max) return value;
    throw refuse(key, `accepted: a whole number from ${min} to ${max}`);
  };
  const flag = (key: string, fallback: boolean): boolean => {
    const value = get(key) === undefined ? fallback : get(key);
    if (typeof value === 'boolean') return value;
    throw refuse(key, 'accepted: true or false');
  };
  const activation = (key: string): Activation => {
    const value = get(key) === undefined ? 'gelu' : get(key);
    const known = typeof value === 'string' && Object.hasOwn(activations, value) ? activations[value] : undefined;
    if (known !== undefined) return known;
    throw refuse(key, `accepted: ${Object.keys(activations).join(', ')}`);
  };

  if (get('model_type') !== 'modernbert') throw refuse('model_type', 'accepted: "modernbert", the one architecture this engine computes');

  const vocabSize = integer('vocab_size', 50_368, 1, bounds.vocab);
  const hiddenSize = integer('hidden_size', 768, 32, bounds.hidden);
  const layers = integer('num_hidden_layers', 22, 1, bounds.layers);
  const heads = integer('num_attention_heads', 12, 1, bounds.heads);
  const headDim = hiddenSize / heads;
  if (headDim !== 32 && headDim !== 64 && headDim !== 128) {
    throw refuse('num_attention_heads', `accepted: a count that makes hidden_size ${hiddenSize} / heads equal to 32, 64 or 128`);
  }
  const intermediateSize = integer('intermediate_size', 1152, 1, bounds.intermediate);
  const maxPositions = integer('max_position_embeddings', 8192, 1, bounds.positions);
  const localAttention = integer('local_attention', 128, 0, 2 ** 31 - 1);
  const normEps = get('norm_eps') === undefined ? 1e-5 : get('norm_eps');
  // Below the normal numbers of f32 a GPU may take it for 0, and a row of equal numbers would be 0 / 0.
  if (typeof normEps !== 'number' || !(normEps >= leastNormal && normEps <= 1)) {
    throw refuse('norm_eps', 'accepted: a number from 1.2e-38, the smallest that f32 holds in full, to 1');
  }
  const classifierPooling = get('classifier_pooling') === undefined ? 'cls' : get('classifier_pooling');
  if (classifierPooling !== 'cls' && classifierPooling !== 'mean') throw refuse('classifier_pooling', 'accepted: "cls" or "mean"');
  const layerKinds = layerKindsOf(config, layers, where);
  const ropeTheta = ropeThetaOf(config, where);
  noteDefaults(config, layerKinds, where, notes);
  // transformers divides the whole window by two and rounds down, so 7 and 6 mean the same: 3 keys on each side.
  const halfWindow = Math.floor(localAttention / 2);
  refuseForeignMath(config, { heads, headDim, halfWindow, globalTheta: ropeTheta.global }, where);

  const checked = {
    vocabSize,
    hiddenSize,
    layers,
    heads,
    headDim,
    intermediateSize,
    maxPositions,
    layerKinds,
    window: Math.min(halfWindow, maxPositions),
    ropeTheta,
    normEps,
    hiddenActivation: activation('hidden_activation'),
    classifierActivation: activation('classifier_activation'),
    biases: {
      norm: flag('norm_bias', false),
      attention: flag('attention_bias', false),
      mlp: flag('mlp_bias', false),
      decoder: flag('decoder_bias', true),
      classifier: flag('classifier_bias', false),
    },
    tieWordEmbeddings: flag('tie_word_embeddings', true),
    classifierPooling,
    architectures: namesOf(get('architectures')),
  } as const;
  return { ...checked, parameters: countParameters(checked) };
}

/** Only a hint at what the checkpoint holds, so a value that is no list of names is not an error. */
function namesOf(value: unknown): string[] {
  return Array.isArray(value) ? value.filter(name => typeof name === 'string').slice(0, 20) : [];
}
