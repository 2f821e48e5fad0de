/** Cosine similarity of a few vectors; at most some dozen texts, so plain loops in the page are instant. */

/** Cosine of two vectors of the same length; 0 when one of them is zero. Sums in f64. */
export function cosine(a: Float32Array, b: Float32Array): number {
  let dot = 0;
  let aa = 0;
  let bb = 0;
  for (let i = 0; i < a.length; i++) {
    const x = a[i] ?? 0;
    const y = b[i] ?? 0;
    dot += x * y;
    aa += x * x;
    bb += y * y;
  }
  return aa === 0 || bb === 0 ? 0 : dot / Math.sqrt(aa * bb);
}

/** [n][n] cosines; the diagonal is 1 by definition. */
export function similarityMatrix(vectors: readonly Float32Array[]): number[][] {
  const matrix = vectors.map(() => new Array<number>(vectors.length).fill(1));
  for (let i = 0; i < vectors.length; i++) {
    for (let j = i + 1; j < vectors.length; j++) {
      const value = cosine(vectors[i] ?? new Float32Array(), vectors[j] ?? new Float32Array());
      (matrix[i] ?? [])[j] = value;
      (matrix[j] ?? [])[i] = value;
    }
  }
  return matrix;
}

/** How full a bar or a shade of this cosine is: 0 to 1 on one scale for all, so that near values look near. */
export const shade = (value: number): number => Math.min(1, Math.max(0, value));
