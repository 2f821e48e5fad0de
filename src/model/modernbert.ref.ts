/**
 * The whole of ModernBERT in plain TypeScript: the page to read when one wants to know what the kernels compute.
 * Arrays are f32 as on the GPU; every sum is taken in f64. It is meant to be plain, not fast. Tests compare it with PyTorch,
 * and the GPU with it.
 *
 * Sequences are packed without padding: `ids` holds them one after the other, sequence s is rows
 * cuSeqlens[s] … cuSeqlens[s + 1] − 1. Positions start at 0 in each; attention never crosses.
 */
import { activationRef } from '../kernels/math.ref.ts';
import { dequantize } from '../weights/quantize.ts';
import type { Activation, ModelConfig } from './config.ts';
import type { LayerKind } from './config-keys.ts';
import type { Projection } from './modernbert.ts';
import { layerSlot, wordTable } from './parameters.ts';
import type { WeightReader } from './reader.ts';
import { ropeTable } from './rope.ts';

type F32 = Float32Array<ArrayBuffer>;

/** Every parameter by slot, as f32; quantized ones as the numbers that their codes stand for. */
export type ReferenceWeights = ReadonlyMap<string, F32>;

/** Reads a whole model into memory. A tied decoder becomes the embedding table. */
export async function loadReferenceWeights(reader: WeightReader): Promise<ReferenceWeights> {
  const weights = new Map<string, F32>();
  for (const slot of reader.slots) {
    if (!reader.isMatrix(slot)) {
      weights.set(slot, await reader.vector(slot));
      continue;
    }
    const matrix = reader.matrix(slot);
    const block = await matrix.rows(0, matrix.N);
    weights.set(slot, block.kind === 'float' ? block.values : dequantize(block, matrix.N, matrix.K));
  }
  const table = weights.get(wordTable);
  if (reader.hasHead && !weights.has('decoder.weight') && table) weights.set('decoder.weight', table);
  return weights;
}

export interface ReferenceOutput {
  /** layers + 1 arrays [tokens, hidden]: the normed embeddings, then the output of each layer, before the final norm. */
  hidden: F32[];
  /** [tokens, hidden] after the final norm: transformers' `last_hidden_state`. */
  final: F32;
}

/** Token ids → hidden states. `cuSeqlens` begins with 0 and ends with the number of tokens. */
export function forward(
  config: ModelConfig,
  weights: ReferenceWeights,
  ids: ArrayLike<number>,
  cuSeqlens: ArrayLike<number>,
  hooks?: ReferenceHooks,
): ReferenceOutput {
  const m = new ReferenceWords(config, weights, cuSeqlens);
  const hidden = [m.embed(ids)];
  for (let l = 0; l < config.layers; l++) hidden.push(layer(m, hidden[l]!, l, hooks));
  return { hidden, final: m.norm(hidden[config.layers]!, 'final_norm') };
}

/** What a caller may give to see more of a layer than its result; the same as LayerHooks of modernbert.ts. */
export interface ReferenceHooks {
  /** Before a matrix is multiplied: its slot, and its input [T, K]. */
  input?(slot: string, input: F32): void;
}

/** One layer: x and what it adds. */
export function layer(m: ReferenceWords, x: F32, l: number, { input }: ReferenceHooks = {}): F32 {
  const at = (name: string) => layerSlot(l, name);
  const times = (name: Projection, from: F32): F32 => {
    input?.(at(`${name}.weight`), from);
    return m.linear(from, at(name));
  };
  const a = l > 0 ? m.norm(x, at('attn_norm')) : x; // the first layer's input is normed by the embeddings
  const qkv = times('attn.Wqkv', a); // [T, 3, heads, headDim]
  const attended = m.attention(qkv, m.config.layerKinds[l]!);
  const y = add(x, times('attn.Wo', attended));
  const b = m.norm(y, at('mlp_norm'));
  const gated = m.gate(times('mlp.Wi', b)); // [T, I]
  return add(y, times('mlp.Wo', gated));
}

/** Logits [rows, vocab] of chosen rows of `final`. */
export function maskedLogits(config: ModelConfig, weights: ReferenceWeights, final: F32, rows: ArrayLike<number>): F32 {
  const H = config.hiddenSize;
  const m = new ReferenceWords(config, weights, [0, rows.length]);
  const y = new Float32Array(rows.length * H);
  for (let r = 0; r < rows.length; r++) y.set(final.subarray((rows[r] as number) * H, ((rows[r] as number) + 1) * H), r * H);
  const acted = m.linear(y, 'head.dense').map(activationRef[config.classifierActivation]);
  const normed = m.norm(acted, 'head.norm');
  return m.linear(normed, 'decoder');
}

/** One vector a sequence [sequences, hidden]: the mean over all its tokens or its first token, with L2 norm 1 if asked. */
export function pool(final: F32, hiddenSize: number, cuSeqlens: ArrayLike<number>, kind: 'mean' | 'cls', normalize: boolean): F32 {
  const count = cuSeqlens.length - 1;
  const out = new Float32Array(count * hiddenSize);
  for (let s = 0; s < count; s++) {
    const first = cuSeqlens[s] as number;
    const last = kind === 'cls' ? first + 1 : (cuSeqlens[s + 1] as number);
    const vector = Float64Array.from({ length: hiddenSize }, (_, i) => {
      let sum = 0;
      for (let t = first; t < last; t++) sum += final[t * hiddenSize + i] as number;
      return sum / (last - first);
    });
    // PyTorch's normalize divides by at least 1e-12.
    const length = normalize ? Math.max(Math.sqrt(vector.reduce((sum, v) => sum + v * v, 0)), 1e-12) : 1;
    for (let i = 0; i < hiddenSize; i++) out[s * hiddenSize + i] = (vector[i] as number) / length;
  }
  return out;
}

/** The operations used above: those of words.ts, in plain TypeScript. */
class ReferenceWords {
  constructor(
    readonly config: ModelConfig,
    readonly weights: ReferenceWeights,
    readonly cuSeqlens: ArrayLike<number>,
  ) {}

  /** LN(table[ids]). */
  embed(ids: ArrayLike<number>): F32 {
    const { hiddenSize: H } = this.config;
    const table = this.#parameter(wordTable);
    const gathered = new Float32Array(ids.length * H);
    for (let t = 0; t < ids.length; t++) gathered.set(table.subarray((ids[t] as number) * H, ((ids[t] as number) + 1) * H), t * H);
    return this.norm(gathered, 'embeddings.norm');
  }

  norm(x: F32, slot: string): F32 {
    const { hiddenSize, normEps } = this.config;
    return layerNorm(x, hiddenSize, this.#parameter(`${slot}.weight`), this.weights.get(`${slot}.bias`), normEps);
  }

  /** x · Wᵀ + bias. */
  linear(x: F32, slot: string): F32 {
    const weight = this.#parameter(`${slot}.weight`);
    const { hiddenSize: H, intermediateSize: I } = this.config;
    const K = slot.endsWith('mlp.Wo') ? I : H;
    return matmul(x, weight, weight.length / K, K, this.weights.get(`${slot}.bias`));
  }

  attention(qkv: F32, kind: LayerKind): F32 {
    return attention(this.config, qkv, this.cuSeqlens, kind === 'local');
  }

  gate(ug: F32): F32 {
    return gate(ug, this.config.intermediateSize, this.config.hiddenActivation);
  }

  #parameter(slot: string): F32 {
    const found = this.weights.get(slot);
    if (!found) throw new Error(`no parameter ${slot}`);
    return found;
  }
}

/** y = (x − mean) / √(variance + eps) · weight + bias, over rows of H; the variance divides by H. */
function layerNorm(x: F32, H: number, weight: F32, bias: F32 | undefined, eps: number): F32 {
  const y = new Float32Array(x.length);
  for (let row = 0; row < x.length; row += H) {
    let mean = 0;
    for (let i = 0; i < H; i++) mean += (x[row + i] as number) / H;
    let variance = 0;
    for (let i = 0; i < H; i++) variance += ((x[row + i] as number) - mean) ** 2 / H;
    const scale = 1 / Math.sqrt(variance + eps);
    for (let i = 0; i < H; i++) y[row + i] = ((x[row + i] as number) - mean) * scale * (weight[i] as number) + (bias?.[i] ?? 0);
  }
  return y;
}

/** y [rows, N] = x [rows, K] · wᵀ + bias, w [N, K] as PyTorch's Linear stores it. */
function matmul(x: F32, w: F32, N: number, K: number, bias?: F32): F32 {
  const rows = x.length / K;
  const y = new Float32Array(rows * N);
  for (let row = 0; row < rows; row++) {
    for (let n = 0; n < N; n++) {
      let sum = bias?.[n] ?? 0;
      for (let k = 0; k < K; k++) sum += (x[row * K + k] as number) * (w[n * K + k] as number);
      y[row * N + n] = sum;
    }
  }
  return y;
}

function add(x: F32, y: F32): F32 {
  return x.map((value, i) => value + (y[i] as number));
}

/** The gated unit: u and g are the first and second half of each row of 2·I; act(u) · g. */
function gate(ug: F32, I: number, activation: Activation): F32 {
  const act = activationRef[activation];
  const out = new Float32Array(ug.length / 2);
  for (let i = 0; i < out.length; i++) {
    const row = Math.floor(i / I) * 2 * I;
    out[i] = act(ug[row + (i % I)] as number) * (ug[row + I + (i % I)] as number);
  }
  return out;
}

/**
 * softmax(q kᵀ / √headDim) v for each head and sequence; qkv [tokens, 3, heads, headDim], q and k turned by their position.
 * A local layer sees the keys at most `window` away on either side.
 */
function attention(config: ModelConfig, qkv: F32, cuSeqlens: ArrayLike<number>, local: boolean): F32 {
  const { hiddenSize: H, heads, headDim: D, window } = config;
  const out = new Float32Array(qkv.length / 3);
  for (let s = 0; s + 1 < cuSeqlens.length; s++) {
    const start = cuSeqlens[s] as number;
    const length = (cuSeqlens[s + 1] as number) - start;
    const table = ropeTable(local ? config.ropeTheta.local : config.ropeTheta.global, D, length);
    for (let head = 0; head < heads; head++) {
      const part = (which: 0 | 1 | 2, t: number) => (start + t) * 3 * H + which * H + head * D;
      const q = rotate(qkv, t => part(0, t), length, D, table);
      const k = rotate(qkv, t => part(1, t), length, D, table);
      for (let i = 0; i < length; i++) {
        const from = local ? Math.max(0, i - window) : 0;
        const to = local ? Math.min(length - 1, i + window) : length - 1;
        const scores = new Float64Array(to - from + 1);
        for (let j = from; j <= to; j++) {
          for (let d = 0; d < D; d++) scores[j - from] = (scores[j - from] as number) + (q[i * D + d] as number) * (k[j * D + d] as number);
        }
        const largest = scores.reduce((a, b) => Math.max(a, b)) / Math.sqrt(D);
        const weights = scores.map(score => Math.exp(score / Math.sqrt(D) - largest));
        const total = weights.reduce((a, b) => a + b);
        for (let d = 0; d < D; d++) {
          let sum = 0;
          for (let j = from; j <= to; j++) sum += (weights[j - from] as number) * (qkv[part(2, j) + d] as number);
          out[(start + i) * H + head * D + d] = sum / total;
        }
      }
    }
  }
  return out;
}

/** Rows of one head turned by their angle: pair (i, i + D/2) → (a cos − b sin, b cos + a sin). */
function rotate(source: F32, offset: (t: number) => number, length: number, D: number, table: F32): F32 {
  const out = new Float32Array(length * D);
  for (let t = 0; t < length; t++) {
    for (let i = 0; i < D / 2; i++) {
      const a = source[offset(t) + i] as number;
      const b = source[offset(t) + i + D / 2] as number;
      const cos = table[t * D + 2 * i] as number;
      const sin = table[t * D + 2 * i + 1] as number;
      out[t * D + i] = a * cos - b * sin;
      out[t * D + i + D / 2] = b * cos + a * sin;
    }
  }
  return out;
}
