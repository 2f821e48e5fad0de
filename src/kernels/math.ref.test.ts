import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { fixtureUrl } from '../testing/fixtures.ts';
import { activationRef, erf, erfc } from './math.ref.ts';

const numbers = JSON.parse(readFileSync(fixtureUrl('numbers.json'), 'utf8')) as {
  x: number[];
  erf: number[];
  erfc: number[];
  activations: Record<keyof typeof activationRef, number[]>;
};

/** Largest |a − b| / |b|, or the plain difference where b is tiny. */
function worst(f: (x: number) => number, expected: readonly number[], floor = 1e-300): number {
  return Math.max(...numbers.x.map((x, i) => Math.abs(f(x) - (expected[i] as number)) / Math.max(Math.abs(expected[i] as number), floor)));
}

test('erf and erfc agree with the C library to a few units in the last place', () => {
  expect(worst(erf, numbers.erf)).toBeLessThan(2e-15);
  // erfc(9) is 4e-37: the relative error of e^(−81) is the rounding of 81.
  expect(worst(erfc, numbers.erfc)).toBeLessThan(5e-14);
  expect(erf(Number.POSITIVE_INFINITY)).toBe(1);
  expect(erf(Number.NEGATIVE_INFINITY)).toBe(-1);
  expect(erf(Number.NaN)).toBeNaN();
  expect(erfc(Number.POSITIVE_INFINITY)).toBe(0);
});

test.each(Object.keys(activationRef) as (keyof typeof activationRef)[])('%s agrees with PyTorch in f64', name => {
  // PyTorch loses digits of gelu for large negative x, where it computes 1 + erf; ours is the more exact one there.
  expect(worst(activationRef[name], numbers.activations[name], 1e-3)).toBeLessThan(5e-13);
});

test.each(Object.keys(activationRef) as (keyof typeof activationRef)[])('%s at the ends', name => {
  expect(activationRef[name](Number.POSITIVE_INFINITY)).toBe(Number.POSITIVE_INFINITY);
  expect(Math.abs(activationRef[name](-1e30))).toBe(0);
  expect(Math.abs(activationRef[name](Number.NEGATIVE_INFINITY))).toBe(0);
});
