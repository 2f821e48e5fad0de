/** The formulas of gate-backward and activation-backward against differences of the forward kernels' references. */
import { expect, test } from 'vitest';
import { activationBackwardRef, activationForwardRef } from './activation.ref.ts';
import { gradientError } from './checking/gradient.ts';
import { randomNormal, seededRandom } from './checking/random.ts';
import { gateBackwardRef, gateRef } from './gate.ref.ts';

const next = seededRandom('activations');
/** Not within reach of 0, where relu bends. */
const awayFromZero = (length: number) => Float64Array.from({ length }, () => 2 * randomNormal(next)).map(v => (Math.abs(v) < 0.01 ? 1 : v));

test.each(['gelu', 'gelu_tanh', 'silu', 'relu'] as const)('%s', activation => {
  const [z, dy, ug] = [awayFromZero(300), awayFromZero(300), awayFromZero(600)];
  const forward = (inputs: Readonly<Record<string, Float64Array | Uint32Array>>) => ({ y: activationForwardRef(inputs.z!, activation) });
  expect(gradientError(activationBackwardRef(dy, z, activation), forward, { z }, 'z', { y: dy })).toBeLessThan(1e-7);
  const gated = (inputs: Readonly<Record<string, Float64Array | Uint32Array>>) => ({ gated: gateRef(inputs.ug!, activation) });
  expect(gradientError(gateBackwardRef(dy, ug, activation), gated, { ug }, 'ug', { gated: dy })).toBeLessThan(1e-7);
});
