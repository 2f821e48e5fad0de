import type { AttentionMask } from './attention.ts';

export interface AttentionRefShape extends AttentionMask {
  heads: number;
  headDim: number;
  /** Sequence s holds tokens cuSeqlens[s] … cuSeqlens[s + 1] - 1. */
  cuSeqlens: ArrayLike<number>;
}

/** Whether query i sees key j of its sequence. */
export function sees(i: number, j: number, { window, causal = false }: AttentionMask): boolean {
  return (window === null || Math.abs(i - j) <= window) && !(causal && j > i);
}

/**
 * Plain reference of the attention kernels, in f64: softmax(q kᵀ / √headDim) v over the visible keys.
 * qkv [3][heads][tokens][headDim]; result [tokens][heads * headDim].
 */
export function attentionRef(qkv: ArrayLike<number>, shape: AttentionRefShape): Float64Array<ArrayBuffer> {
  return attentionLseRef(qkv, shape).out;
}

/** As `attentionRef`, and the log-sum-exp of each row's scaled scores, [heads][tokens]. */
export function attentionLseRef(
  qkv: ArrayLike<number>,
  { heads, headDim, cuSeqlens, ...mask }: AttentionRefShape,
): Record<'out' | 'lse', Float64Array<ArrayBuffer>> {
  const tokens = cuSeqlens[cuSeqlens.length - 1]!;
  const out = new Float64Array(tokens * heads * headDim);
  const lse = new Float64Array(heads * tokens);
  const at = (part: number, head: number, token: number) => ((part * heads + head) * tokens + token) * headDim;
  for (let sequence = 0; sequence + 1 < cuSeqlens.length; sequence++) {
    for (let i = cuSeqlens[sequence]!; i < cuSeqlens[sequence + 1]!; i++) {
      for (let head = 0; head < heads; head++) {
        const query = at(0, head, i);
        const visible: { j: number; score: number }[] = [];
        for (let j = cuSeqlens[sequence]!; j < cuSeqlens[sequence + 1]!; j++) {
          if (!sees(i, j, mask)) continue;
          const key = at(1, head, j);
          let dot = 0;
          for (let d = 0; d < headDim; d++) dot += qkv[query + d]! * qkv[key + d]!;
          visible.push({ j, score: dot / Math.sqrt(headDim) });
        }
        const highest = visible.reduce((most, { score }) => Math.max(most, score), Number.NEGATIVE_INFINITY);
        const weights = visible.map(({ score }) => Math.exp(score - highest));
        const total = weights.reduce((sum, weight) => sum + weight, 0);
        lse[head * tokens + i] = highest + Math.log(total);
        // The inner loop goes over the numbers of one key, which are side by side in memory: twice as fast as the other order.
        const row = (i * heads + head) * headDim;
        for (const [n, { j }] of visible.entries()) {
          const value = at(2, head, j);
          const weight = weights[n]!;
          for (let d = 0; d < headDim; d++) out[row + d] = out[row + d]! + weight * qkv[value + d]!;
        }
        for (let d = 0; d < headDim; d++) out[row + d] = out[row + d]! / total;
      }
    }
  }
  return { out, lse };
}
