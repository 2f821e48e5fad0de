/** The formula of layernorm-backward against differences of the forward's reference. */
import { expect, test } from 'vitest';
import { gradientError } from './checking/gradient.ts';
import { randomNormal, seededRandom } from './checking/random.ts';
import { layernormRef } from './layernorm.ref.ts';
import { blockSumsRef, layernormBackwardRef } from './layernorm-backward.ref.ts';

test('layernorm-backward', () => {
  const [rows, H, eps] = [5, 20, 0.1];
  const next = seededRandom('layernorm');
  const normals = (length: number) => Float64Array.from({ length }, () => 1 + randomNormal(next));
  const inputs = { x: normals(rows * H), weight: normals(H), bias: normals(H) };
  const dy = normals(rows * H);
  const forward = (of: Readonly<Record<string, Float64Array | Uint32Array>>) => ({ y: layernormRef(of.x!, H, eps, of.weight!, of.bias) });
  const { dx, dweight, dbias } = layernormBackwardRef(inputs.x, dy, H, eps, inputs.weight);
  const claimed = { x: dx, weight: blockSumsRef(dweight, H, rows), bias: blockSumsRef(dbias, H, rows) };
  for (const [name, gradient] of Object.entries(claimed)) {
    expect(gradientError(gradient, forward, inputs, name, { y: dy }), name).toBeLessThan(1e-7);
  }
});
