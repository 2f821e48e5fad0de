/**
 * The table of a ModernBERT's parameters: name, shape, role, how its rows lie on the GPU, and which of them lose little by quantizing.
 * Loader, upload, made weights for tests, quantization and calibration read it.
 * At the end are the lists of what a file may hold beside the parameters, and what is done with it.
 *
 * A parameter is known by its slot: its name in transformers 5.18 without the `model.` prefix, such as
 * `embeddings.tok_embeddings.weight`, `layers.3.attn.Wqkv.weight`, `head.dense.weight`, `decoder.bias`.
 */
import { padded, type WeightFormat } from '../weights/formats.ts';

/** What of a config decides the parameters. `ModelConfig` fits. */
export interface ParameterConfig {
  vocabSize: number;
  hiddenSize: number;
  headDim: number;
  layers: number;
  intermediateSize: number;
  biases: { norm: boolean; attention: boolean; mlp: boolean; decoder: boolean; classifier: boolean };
  tieWordEmbeddings: boolean;
  /** The classes in transformers that config.json names, such as `ModernBertForMaskedLM`; absent or empty: unknown. */
  architectures?: readonly string[];
}

/** How the rows (outputs) of a matrix, or the numbers of its bias, lie on the GPU. */
export interface RowOrder {
  /** Rows there; at least those of the file. */
  rows: number;
  /** Row of the file that is put into row `n`; −1: a row of zeros. */
  sourceRow(n: number): number;
  /** The row on the GPU in which row `row` of the file is: the inverse, for saving. */
  deviceRow(row: number): number;
}

export type Role = 'table' | 'projection' | 'dense' | 'decoder' | 'norm' | 'bias';

/** One parameter: [N, K] for a matrix (N outputs, K inputs), [N] for a vector. */
export interface Parameter {
  slot: string;
  shape: readonly [number] | readonly [number, number];
  /** `head` parameters (prediction head and decoder) are absent from a checkpoint of the base model. */
  part: 'base' | 'head';
  role: Role;
  order: RowOrder;
}

export const wordTable = 'embeddings.tok_embeddings.weight';

/** Slot of layer `layer` (from 0): `layerSlot(3, 'attn.Wqkv.weight')`. */
export function layerSlot(layer: number, rest: string): string {
  return `layers.${layer}.${rest}`;
}

/**
 * Every parameter of ModernBertForMaskedLM with this config, in the order of the forward pass (transformers'
 * modeling_modernbert.py). The first layer has no `attn_norm`: its input is normed by the embeddings.
 */
export function listParameters(config: ParameterConfig): Parameter[] {
  const { vocabSize: V, hiddenSize: H, intermediateSize: I, headDim, biases } = config;
  const list: Parameter[] = [];
  const norm = (slot: string, part: Parameter['part'] = 'base') => {
    list.push({ slot: `${slot}.weight`, shape: [H], part, role: 'norm', order: inOrder(H) });
    if (biases.norm) list.push({ slot: `${slot}.bias`, shape: [H], part, role: 'bias', order: inOrder(H) });
  };
  const linear = (
    slot: string,
    shape: readonly [number, number],
    hasBias: boolean,
    { order = inOrder(shape[0]), part = 'base' as Parameter['part'], role = 'projection' as Role } = {},
  ) => {
    list.push({ slot: `${slot}.weight`, shape, part, role, order });
    if (hasBias) list.push({ slot: `${slot}.bias`, shape: [shape[0]], part, role: 'bias', order });
  };
  list.push({ slot: wordTable, shape: [V, H], part: 'base', role: 'table', order: inOrder(V) });
  norm('embeddings.norm');
  for (let layer = 0; layer < config.layers; layer++) {
    const at = (rest: string) => layerSlot(layer, rest);
    if (layer > 0) norm(at('attn_norm'));
    linear(at('attn.Wqkv'), [3 * H, H], biases.attention, { order: rotaryPairs(H, headDim) });
    linear(at('attn.Wo'), [H, H], biases.attention);
    norm(at('mlp_norm'));
    linear(at('mlp.Wi'), [2 * I, H], biases.mlp, { order: gatedPairs(I) });
    linear(at('mlp.Wo'), [H, I], biases.mlp);
  }
  norm('final_norm');
  linear('head.dense', [H, H], biases.classifier, { part: 'head', role: 'dense' });
  norm('head.norm', 'head');
  if (!config.tieWordEmbeddings) list.push({ slot: 'decoder.weight', shape: [V, H], part: 'head', role: 'decoder', order: inOrder(V) });
  if (biases.decoder) list.push({ slot: 'decoder.bias', shape: [V], part: 'head', role: 'bias', order: inOrder(V) });
  return list;
}

/** Trained numbers of the masked-language model; a tied decoder counts once. */
export function countParameters(config: ParameterConfig): number {
  return listParameters(config).reduce((sum, { shape: [N, K = 1] }) => sum + N * K, 0);
}

/** Rows as the file has them. */
export function inOrder(rows: number): RowOrder {
  return { rows, sourceRow: n => n, deviceRow: row => row };
}

/**
 * Rows of Wqkv: inside each head of q and k, row j and row j + headDim/2 (the pair that RoPE rotates) become neighbours,
 * so that one thread holds both. q·k does not change, as q and k are permuted in the same way; v is not permuted.
 */
function rotaryPairs(hiddenSize: number, headDim: number): RowOrder {
  const half = headDim / 2;
  return {
    rows: 3 * hiddenSize,
    sourceRow: n => {
      if (n >= 2 * hiddenSize) return n;
      const inHead = n % headDim;
      return n - inHead + (inHead >> 1) + (inHead & 1) * half;
    },
    deviceRow: row => {
      if (row >= 2 * hiddenSize) return row;
      const inHead = row % headDim;
      return row - inHead + (inHead < half ? 2 * inHead : 2 * (inHead - half) + 1);
    },
  };
}

/**
 * Rows of Wi: u_i and g_i become neighbours 2i and 2i + 1 for the fused GeGLU. The width is padded to whole groups of 32 with rows of
 * zeros, which change nothing: act(0) · 0 = 0.
 */
function gatedPairs(intermediateSize: number): RowOrder {
  return {
    rows: 2 * padded(intermediateSize),
    sourceRow: n => {
      const i = n >> 1;
      if (i >= intermediateSize) return -1;
      return n & 1 ? intermediateSize + i : i;
    },
    deviceRow: row => (row < intermediateSize ? 2 * row : 2 * (row - intermediateSize) + 1),
  };
}

/** The embedding table and the decoder: the one matrix when tied, or two of the same shape. */
export function isTable({ role }: Pick<Parameter, 'role'>): boolean {
  return role === 'table' || role === 'decoder';
}

/**
 * Format of a matrix for a dtype. With q4 the embedding table is q8, and so is the head's dense matrix: every prediction passes through it, it
 * alone would cause a third of q4's error (docs/QUANTIZATION.md), and it is only 0.3 % of the weights.
 */
export function formatOf(parameter: Pick<Parameter, 'role'>, dtype: WeightFormat): WeightFormat {
  return dtype === 'q4' && keepsDetail(parameter) ? 'q8' : dtype;
}

/** The matrices that q4 would harm most. */
export function keepsDetail(parameter: Pick<Parameter, 'role'>): boolean {
  return isTable(parameter) || parameter.role === 'dense';
}

/** torch.compile puts `_orig_mod.` before a compiled module, at the front or inside; DistributedDataParallel puts `module.` at the front. */
export const wrapperNames = /^(module\.|_orig_mod\.)+|(?<=\.)_orig_mod\./g;

/** Buffers and layers that ModernBertModel does not have or computes by itself. transformers skips them too. */
export const ignorable: readonly { pattern: RegExp; what: string }[] = [
  { pattern: /(^|\.)rotary_emb\.\w*(inv_freq|cos_cached|sin_cached)$/, what: 'rotary angles, which are computed from config.json' },
  { pattern: /(^|\.)embeddings\.(position_ids|token_type_ids)$|^(model\.)?position_ids$/, what: 'positions, which are counted' },
  { pattern: /^(model\.)?pooler\.(\w+\.)*\w+$/, what: 'a pooler, which ModernBERT does not have' },
];

/** Last layers of models fine-tuned for classes, questions or scores. */
export const taskHeadNames = /^(classifier|qa_outputs|score)\.(\w+\.)*(weight|bias)$/;
