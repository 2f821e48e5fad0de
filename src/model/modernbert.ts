/**
 * ModernBERT's forward pass. Each line is one or two kernels; modernbert.ref.ts is the same page in plain TypeScript.
 *
 *   x = LN(table[ids])                          residual stream, f32 [T, H]
 *   per layer:  q, k, v = RoPE(Wqkv LN(x))      layer 0 has no norm here
 *               x += Wo attention(q, k, v)      all keys, or those at most `window` away
 *               u, g = Wi LN(x);  x += Wo (act(u) · g)
 *   y = LN(x)                                   the last hidden state
 *   logits = decoder LN(act(dense y))           on masked rows only
 */
import { watchFlags } from '../kernels/watch.ts';
import type { Tensor } from '../runtime/graph.ts';
import type { LayerKind } from './config-keys.ts';
import type { DeviceLayer, DeviceWeights } from './device-weights.ts';
import type { Words } from './words.ts';

/** The matrices of a layer, by their names in the checkpoint. */
export const projections = ['attn.Wqkv', 'attn.Wo', 'mlp.Wi', 'mlp.Wo'] as const;
export type Projection = (typeof projections)[number];

/** What a layer computes on its way, in this order; [T, H] where nothing is said. */
export type Activation = 'attention input' | 'q, k, v' | 'attended' | 'mlp input' | 'gated';

/** What a caller may give to get more from a layer than its result, or to change it. */
export interface LayerHooks {
  /** Called before a matrix is multiplied, with its input, [T, K] in the storage type. Calibration uses it. */
  input?(matrix: Projection, input: Tensor): void;
  /** What was just computed. Its buffer is not reused before the last kernel that reads it, so training saves an activation by adding one that reads it later. */
  made?(activation: Activation, tensor: Tensor): void;
  /** Called in the place of a product, so that an adapter (such as LoRA) can add to it. `plain` adds the layer's own kernels and returns what they fill. */
  project?(matrix: Projection, input: Tensor, plain: () => Tensor): Tensor;
}

/** ids → x, the residual stream after the last layer. */
export function trunk(m: Words, weights: DeviceWeights, hooks?: LayerHooks): Tensor {
  const x = m.embed(weights.embedding, weights.embeddingNorm);
  weights.layers.forEach((weightsOfLayer, l) => {
    layer(m, x, weightsOfLayer, m.config.layerKinds[l]!, hooks);
  });
  return x;
}

/** One layer: adds to x. */
export function layer(m: Words, x: Tensor, w: DeviceLayer, kind: LayerKind, { input, made, project }: LayerHooks = {}): void {
  const { heads, headDim, hiddenActivation: activation } = m.config;
  const times = (matrix: Projection, from: Tensor, plain: () => Tensor): Tensor => {
    input?.(matrix, from);
    return project ? project(matrix, from, plain) : plain();
  };
  const seen = (activation: Activation, tensor: Tensor): Tensor => {
    made?.(activation, tensor);
    return tensor;
  };
  const a = seen('attention input', w.attnNorm ? m.norm(x, w.attnNorm) : m.asElem(x));
  const qkv = seen(
    'q, k, v',
    times('attn.Wqkv', a, () => m.linear(a, w.Wqkv, { kind: 'rope', heads, headDim }, { kind })),
  ); // [3, heads, T, headDim]
  const attended = seen('attended', m.attention(qkv, kind));
  times('attn.Wo', attended, () => m.linear(attended, w.Wo, { kind: 'residual' }, { to: x }));
  const b = seen('mlp input', m.norm(x, w.mlpNorm));
  const gated = seen(
    'gated',
    times('mlp.Wi', b, () => m.linear(b, w.Wi, { kind: 'geglu', activation })),
  ); // [T, I]
  times('mlp.Wo', gated, () => m.linear(gated, w.mlpWo, { kind: 'residual' }, { to: x }));
}

/** x → the last hidden state, f32 [T, H], watched. */
export function lastHidden(m: Words, weights: DeviceWeights): Tensor {
  const y = m.norm(m.inputs.x, weights.finalNorm, { out: 'f32' });
  m.watch(y, 'text', watchFlags.hidden, m.inputs.flags);
  return y;
}

/** Rows of x → logits [R, V], f32, and their softmax's statistics at the request's rows; `flags` tells where a row is not finite before the head. */
export function maskedHead(m: Words, weights: DeviceWeights, stats: Tensor, flags: Tensor): Tensor {
  const { vocabSize, hiddenSize, classifierActivation: activation } = m.config;
  const { dense, norm, decoder } = weights.head!;
  const rows = 'rows';
  const store = { kind: 'store', out: 'f32', firstColumn: 0 } as const;
  const y = m.norm(m.inputs.x, weights.finalNorm, { rows, gather: true }); // [R, H]
  m.watch(y, 'headRow', watchFlags.hidden, flags); // before the head, as relu and softmax can hide a NaN
  const acted = m.linear(y, dense, { ...store, activation, rowStride: hiddenSize }, { rows });
  const normed = m.norm(acted, norm, { rows });
  const logits = m.linear(normed, decoder, { ...store, activation: 'none', rowStride: vocabSize }, { rows });
  m.softmaxStats(logits, stats);
  return logits;
}
