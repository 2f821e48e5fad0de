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
import type { DeviceWeights } from './device-weights.ts';
import type { Ops } from './ops.ts';

/** ids → x, the residual stream after the last layer. */
export function trunk(ops: Ops, weights: DeviceWeights): void {
  const { heads, headDim, hiddenActivation, layerKinds } = ops.config;
  const { x, h, wide } = ops.buffers;
  ops.embed(weights.embedding, weights.embeddingNorm);
  weights.layers.forEach((layer, l) => {
    const kind = layerKinds[l]!;
    if (layer.attnNorm) ops.norm(x, layer.attnNorm, h);
    const attentionIn = layer.attnNorm ? h : ops.asElem(x, h);
    ops.linear(attentionIn, layer.Wqkv, { kind: 'rope', heads, headDim }, wide, { kind }); // [3, heads, T, headDim]
    ops.attention(wide, kind, h); // [T, H]
    ops.linear(h, layer.Wo, { kind: 'residual' }, x);
    ops.norm(x, layer.mlpNorm, h);
    ops.linear(h, layer.Wi, { kind: 'geglu', activation: hiddenActivation }, wide); // [T, I]
    ops.linear(wide, layer.mlpWo, { kind: 'residual' }, x);
  });
}

/** Rows of x → logits [R, V] and their softmax's statistics at the request's rows; `flags` tells where a row is not finite before the head. */
export function maskedHead(ops: Ops, weights: DeviceWeights, stats: GPUBuffer, flags: GPUBuffer): void {
  const { vocabSize, hiddenSize, classifierActivation: activation } = ops.config;
  const { x, headIn, headOut, logits } = ops.buffers;
  const head = weights.head!;
  const rows = 'rows';
  ops.norm(x, weights.finalNorm, headIn, { rows, gather: true }); // [R, H]
  ops.watch(headIn, 'headRow', watchFlags.hidden, flags, { storage: ops.storage }); // after the head it may be too late: relu and softmax can hide it
  ops.linear(headIn, head.dense, { kind: 'store', out: 'f32', activation, firstColumn: 0, rowStride: hiddenSize }, headOut, { rows });
  ops.norm(headOut, head.norm, headIn, { rows });
  ops.linear(headIn, head.decoder, { kind: 'store', out: 'f32', activation: 'none', firstColumn: 0, rowStride: vocabSize }, logits, {
    rows,
  });
  ops.softmaxStats(logits, stats);
}

/** x → the last hidden state in `wide`, f32 [T, H], watched. */
export function lastHidden(ops: Ops, weights: DeviceWeights): GPUBuffer {
  const { x, wide, flags } = ops.buffers;
  ops.norm(x, weights.finalNorm, wide, { out: 'f32' });
  ops.watch(wide, 'text', watchFlags.hidden, flags);
  return wide;
}
