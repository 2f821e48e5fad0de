/** The index on a GPU against plain search in f64 over the same rounded vectors. */
import { afterAll, beforeAll, expect, test } from 'vitest';
import * as errors from '../errors.ts';
import { randomNormal, seededRandom } from '../kernels/checking/random.ts';
import { fixtureWithTokenizer, testEnvironment } from '../testing/environment.ts';
import type { Model, Neighbours } from '../types.ts';
import { f16ToFloat32, float32ToF16 } from '../weights/dtype.ts';
import { createLoader } from './load.ts';

const env = testEnvironment();
let model: Model;
beforeAll(async () => {
  model = await createLoader(env)(fixtureWithTokenizer('published-bf16'), { dtype: 'f32' });
});
afterAll(() => model?.dispose());

const numbers = (count: number, seed: number) => {
  const next = seededRandom(`${seed}`);
  return Float32Array.from({ length: count }, () => randomNormal(next));
};

/** As the index does it, plainly: dot products of rounded rows, the best k, of equal ones the lower row first. */
function plain(vectors: Float32Array, queries: Float32Array, dim: number, k: number): { row: number; score: number }[][] {
  const rows = f16ToFloat32(float32ToF16(vectors));
  return Array.from({ length: queries.length / dim }, (_, q) =>
    Array.from({ length: rows.length / dim }, (__, row) => {
      let score = 0;
      for (let d = 0; d < dim; d++) score += rows[row * dim + d]! * queries[q * dim + d]!;
      return { row, score };
    })
      .sort((a, b) => b.score - a.score || a.row - b.row)
      .slice(0, k),
  );
}

function expectNear({ rows, scores, k }: Neighbours, expected: { row: number; score: number }[][]): void {
  expected.forEach((list, q) => {
    list.forEach(({ score }, i) => {
      expect(scores[q * k + i]).toBeCloseTo(score, 3);
    });
    // Scores that f32 cannot tell apart may change places.
    const far = (i: number) => [list[i - 1], list[i + 1]].every(other => !other || Math.abs(other.score - list[i]!.score) > 1e-3);
    expect(list.flatMap(({ row }, i) => (i < list.length - 1 && far(i) ? [[i, row]] : []))).toEqual(
      list.flatMap((_, i) => (i < list.length - 1 && far(i) ? [[i, rows[q * k + i]]] : [])),
    );
  });
}

test.each([
  [1, 2, 1],
  [63, 7, 5],
  [64, 64, 64],
  [65, 384, 9],
  [1000, 100, 10],
])('%i vectors of %i numbers, added in portions; several queries', async (rows, dim, k) => {
  const vectors = numbers(rows * dim, rows);
  const queries = numbers(6 * dim, 7);
  const index = await model.index({ dim });
  for (let at = 0; at < rows; at += 37) await index.add(vectors.slice(at * dim, Math.min(rows, at + 37) * dim));
  expect(index.rows).toBe(rows);
  const found = await index.search(queries, k);
  expectNear(found, plain(vectors, queries, dim, k));
  await index.dispose();
});

test('several buffers; fewer rows than asked for; equal scores by row; an empty index', async () => {
  const dim = 1024;
  const index = await model.index({ dim });
  const none = await index.search(numbers(dim, 1), 2);
  expect([...none.rows, ...none.scores]).toEqual([0xffff_ffff, 0xffff_ffff, -Infinity, -Infinity]);
  const one = numbers(dim, 3);
  const vectors = new Float32Array(2500 * dim);
  for (let row = 0; row < 2500; row++) vectors.set(row % 1000 === 0 ? one : numbers(dim, 100 + row), row * dim);
  await index.add(vectors); // 5 MB: the first buffer has 4
  const found = await index.search(one, 3);
  expect([...found.rows]).toEqual([0, 1000, 2000]);
  expect(found.scores[0]).toBe(found.scores[2]);
  const few = await model.index({ dim: 3 });
  await few.add(Float32Array.of(1, 0, 0, 0, 1, 0));
  expect([...(await few.search(Float32Array.of(0, 1, 0), 4)).rows]).toEqual([1, 0, 0xffff_ffff, 0xffff_ffff]);
  await few.dispose();
  await index.dispose();
});

test('many queries at once are those asked one by one, and a running search can be stopped', async () => {
  const dim = 8;
  const vectors = numbers(300 * dim, 5);
  const index = await model.index({ dim });
  await index.add(vectors);
  const all = await index.search(vectors.slice(), 2);
  expect([...all.rows].filter((_, i) => i % 2 === 0)).toEqual(plain(vectors, vectors, dim, 1).map(([best]) => best!.row));
  for (const q of [0, 3, 4, 299]) {
    const alone = await index.search(vectors.slice(q * dim, (q + 1) * dim), 2);
    expect([...alone.rows]).toEqual([...all.rows.subarray(2 * q, 2 * q + 2)]);
  }
  const stop = new AbortController();
  stop.abort();
  await expect(index.search(vectors.slice(), 2, { signal: stop.signal })).rejects.toThrow(/abort/i);
  // It does not disturb the model's own requests, nor they it.
  const [embedded, again] = await Promise.all([
    model.embed(['Le patient.']),
    index.search(vectors.slice(0, dim), 1),
    model.fillMask('Le [MASK].'),
  ]);
  expect(embedded.rows).toBe(1);
  expect(again.rows[0]).toBe(all.rows[0]);
  await index.dispose();
});

test('bad input is refused with what is wrong, and the index stays as it was', async () => {
  const index = await model.index({ dim: 4 });
  await index.add(Float32Array.of(1, 2, 3, 4));
  await expect(index.add(new Float32Array(5))).rejects.toThrow(/no multiple of the 4/);
  await expect(index.add(Float32Array.of(1, Number.NaN, 0, 0))).rejects.toThrow(/Number 1 of vector 0.*NaN/);
  await expect(index.add(Float32Array.of(1, 1e6, 0, 0))).rejects.toThrow(/up to 65504/);
  await expect(index.add([1, 2, 3, 4] as never)).rejects.toThrow(errors.InputError);
  await expect(index.search(new Float32Array(4), 0)).rejects.toThrow(/from 1 to 1000/);
  await expect(model.index({} as never)).rejects.toThrow(/dim: 1024/);
  await expect(model.index({ dim: 0 })).rejects.toThrow(errors.InputError);
  expect(index.rows).toBe(1);
  await index.dispose();
  await index.dispose();
  await expect(index.search(new Float32Array(4), 1)).rejects.toThrow(errors.DisposedError);
});

test('a lost device takes the index with it; the model loads again', async () => {
  const index = await model.index({ dim: 4 });
  await index.add(Float32Array.of(1, 2, 3, 4));
  env.devices.at(-1)!.destroy();
  await env.devices.at(-1)!.lost;
  await model.embed(['Le patient.']);
  await expect(index.search(new Float32Array(4), 1)).rejects.toThrow(/Make the index anew/);
  const anew = await model.index({ dim: 4 });
  await anew.add(Float32Array.of(1, 2, 3, 4));
  expect((await anew.search(Float32Array.of(1, 0, 0, 0), 1)).scores[0]).toBe(1);
});
