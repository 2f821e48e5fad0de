import { expect, test } from 'vitest';
import { cosine, shade, similarityMatrix } from './similarity.ts';

test('cosines against values worked out by hand', () => {
  const v = (...values: number[]) => new Float32Array(values);
  expect(cosine(v(3, 4), v(4, 3))).toBeCloseTo(24 / 25, 12);
  expect(cosine(v(1, 0), v(0, 0))).toBe(0);
  const matrix = similarityMatrix([v(1, 0), v(1, 1), v(0, 1)]);
  expect(matrix[0]?.[1]).toBeCloseTo(Math.SQRT1_2, 7);
  expect(matrix[2]?.[0]).toBe(0);
  expect([shade(0.5), shade(1.0000001), shade(-0.3)]).toEqual([0.5, 1, 0]);
});
