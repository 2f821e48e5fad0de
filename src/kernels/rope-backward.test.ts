/** The formula of rope-backward against differences of the forward's reference: the rope epilogue of a product with the unit matrix. */
import { expect, test } from 'vitest';
import { gradientError } from './checking/gradient.ts';
import { randomNormal, seededRandom } from './checking/random.ts';
import { matmulRef } from './matmul.ref.ts';
import { ropeBackwardRef } from './rope-backward.ref.ts';

test('rope-backward', () => {
  const [tokens, heads, headDim] = [5, 2, 8];
  const width = 3 * heads * headDim;
  const next = seededRandom('rope');
  const normals = (length: number) => Float64Array.from({ length }, () => randomNormal(next));
  const unit = Float64Array.from({ length: width * width }, (_, i) => (i % (width + 1) === 0 ? 1 : 0));
  const table = Float64Array.from({ length: 7 * headDim }, (_, i) => (i % 2 ? Math.sin : Math.cos)(1 + (i >> 1)));
  const positions = Uint32Array.of(0, 1, 2, 6, 3);
  const [a, d] = [normals(tokens * width), normals(tokens * width)];
  const forward = (inputs: Readonly<Record<string, Float64Array | Uint32Array>>) => ({
    y: matmulRef(tokens, width, width, { kind: 'rope', heads, headDim }, { a: inputs.a!, w: unit, y: d, table, positions }),
  });
  expect(gradientError(ropeBackwardRef(tokens, heads, headDim, { d, table, positions }), forward, { a }, 'a', { y: d })).toBeLessThan(1e-7);
});
