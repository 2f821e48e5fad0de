import { expect, test } from 'vitest';
import { growthExponent } from './bench.ts';

const at = (power: number) => [512, 1024, 2048, 8192].map(tokens => ({ tokens, ms: 3 * tokens ** power }));

test.each([1, 2, 0.5])('time that grows with tokens to the power of %f', power => {
  expect(growthExponent(at(power))).toBeCloseTo(power, 12);
});

test('one slow length moves it, by least squares over all', () => {
  const [first, ...rest] = at(1);
  expect(growthExponent([{ ...first!, ms: first!.ms * 2 }, ...rest])).toBeCloseTo(0.8, 12);
});

test('one length alone tells no growth', () => {
  expect(() => growthExponent([{ tokens: 512, ms: 3 }])).toThrow(RangeError);
});
