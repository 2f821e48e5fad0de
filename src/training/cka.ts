/**
 * Linear CKA (Kornblith and others 2019), biased, in f64: with the columns of X and Y centred, K = XXᵀ and L = YYᵀ,
 * CKA = tr(KL) / √(tr(K²) tr(L²)). It is 1 for representations that differ by a rotation and a scale. Its difference from 1 is a divergence.
 */
import { InputError } from '../errors.ts';

/** n texts × width, row by row. */
export interface Representation {
  values: Float64Array;
  width: number;
}

/** Errors: InputError where the two have not the same texts, or fewer than two. */
export function linearCka(x: Representation, y: Representation): number {
  const n = x.values.length / x.width;
  if (n !== y.values.length / y.width) throw new InputError('CKA compares representations of the same texts.');
  if (n < 2) throw new InputError('CKA needs at least two texts.');
  const [K, L] = [centredGram(x, n), centredGram(y, n)];
  const denominator = Math.sqrt(inner(K, K) * inner(L, L));
  return denominator === 0 ? 0 : inner(K, L) / denominator;
}

/** XXᵀ [n, n] with the mean of each column taken off. */
function centredGram({ values, width }: Representation, n: number): Float64Array {
  const centred = Float64Array.from(values);
  for (let c = 0; c < width; c++) {
    let mean = 0;
    for (let r = 0; r < n; r++) mean += values[r * width + c]! / n;
    for (let r = 0; r < n; r++) centred[r * width + c]! -= mean;
  }
  const gram = new Float64Array(n * n);
  for (let a = 0; a < n; a++) {
    const row = centred.subarray(a * width, (a + 1) * width);
    for (let b = 0; b <= a; b++) {
      let sum = 0;
      for (let c = 0, at = b * width; c < width; c++, at++) sum += row[c]! * centred[at]!;
      gram[a * n + b] = sum;
      gram[b * n + a] = sum;
    }
  }
  return gram;
}

function inner(a: Float64Array, b: Float64Array): number {
  let sum = 0;
  for (let i = 0; i < a.length; i++) sum += a[i]! * b[i]!;
  return sum;
}
