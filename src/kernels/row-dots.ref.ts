/** Dot products in f64, row by row. `rows` [rows, dim] are the stored halves as numbers; returns [rows, queries]. */
export function rowDotsRef(rows: Float64Array, queries: Float64Array, dim: number): Float64Array {
  const count = queries.length / dim;
  const scores = new Float64Array((rows.length / dim) * count);
  for (let r = 0; r < rows.length / dim; r++) {
    for (let q = 0; q < count; q++) {
      let sum = 0;
      for (let d = 0; d < dim; d++) sum += rows[r * dim + d]! * queries[q * dim + d]!;
      scores[r * count + q] = sum;
    }
  }
  return scores;
}
