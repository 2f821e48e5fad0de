/** Plain references of the kernels of attention's backward pass, in f64. */
import { type AttentionRefShape, sees } from './attention.ref.ts';

/** dots[head][row] = Σ_d grad · out; both [tokens][heads * headDim]. */
export function attentionDotsRef(
  out: ArrayLike<number>,
  grad: ArrayLike<number>,
  { heads, headDim }: { heads: number; headDim: number },
): Float64Array<ArrayBuffer> {
  const dots = new Float64Array(out.length / headDim);
  const tokens = dots.length / heads;
  for (let i = 0; i < out.length; i++) {
    const item = Math.floor(i / headDim);
    dots[(item % heads) * tokens + Math.floor(item / heads)]! += out[i]! * grad[i]!;
  }
  return dots;
}

export interface AttentionBackInputs {
  /** [3][heads][tokens][headDim]. */
  qkv: ArrayLike<number>;
  /** Of attention's output, [tokens][heads * headDim]. */
  grad: ArrayLike<number>;
  /** [heads][tokens], as `attentionLseRef` gives it. */
  lse: ArrayLike<number>;
  /** [heads][tokens], see `attentionDotsRef`. */
  dots: ArrayLike<number>;
}

/**
 * Gradients of q, k and v, [3][heads][tokens][headDim]: with p = exp(q · k / √headDim − lse) and ds = p (grad · v − dots) for each visible
 * pair, dq += ds k / √headDim, dk += ds q / √headDim and dv += p grad.
 */
export function attentionBackRef(
  { qkv, grad, lse, dots }: AttentionBackInputs,
  { heads, headDim, cuSeqlens, ...mask }: AttentionRefShape,
): Float64Array<ArrayBuffer> {
  const tokens = cuSeqlens[cuSeqlens.length - 1]!;
  const scale = 1 / Math.sqrt(headDim);
  const gradients = new Float64Array(3 * heads * tokens * headDim);
  const at = (part: number, head: number, token: number) => ((part * heads + head) * tokens + token) * headDim;
  for (let sequence = 0; sequence + 1 < cuSeqlens.length; sequence++) {
    const [begin, end] = [cuSeqlens[sequence]!, cuSeqlens[sequence + 1]!];
    for (let head = 0; head < heads; head++) {
      for (let i = begin; i < end; i++) {
        const [q, out] = [at(0, head, i), (i * heads + head) * headDim];
        for (let j = begin; j < end; j++) {
          if (!sees(i, j, mask)) continue;
          const [k, v] = [at(1, head, j), at(2, head, j)];
          let score = 0;
          let g = 0;
          for (let d = 0; d < headDim; d++) {
            score += qkv[q + d]! * qkv[k + d]!;
            g += grad[out + d]! * qkv[v + d]!;
          }
          const p = Math.exp(score * scale - lse[head * tokens + i]!);
          const ds = p * (g - dots[head * tokens + i]!) * scale;
          for (let d = 0; d < headDim; d++) {
            gradients[q + d]! += ds * qkv[k + d]!;
            gradients[k + d]! += ds * qkv[q + d]!;
            gradients[v + d]! += p * grad[out + d]!;
          }
        }
      }
    }
  }
  return gradients;
}
