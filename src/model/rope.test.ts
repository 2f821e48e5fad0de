import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { fixtureUrl } from '../testing/fixtures.ts';
import { inverseFrequencies, ropeTable } from './rope.ts';

const { rope } = JSON.parse(readFileSync(fixtureUrl('numbers.json'), 'utf8')) as {
  rope: { theta: number; headDim: number; positions: number[]; frequencies: number[]; table: number[] }[];
};

test.each(rope)('theta $theta, head of $headDim: frequencies equal PyTorch’s', ({ theta, headDim, frequencies }) => {
  const ours = Array.from(inverseFrequencies(theta, headDim));
  // PyTorch's f32 power is within one unit in the last place, ours the nearest number; with heads of 32 and 64 they agree to the bit.
  if (headDim < 128) expect(ours).toEqual(frequencies);
  else expect(Math.max(...ours.map((frequency, i) => Math.abs(frequency / (frequencies[i] as number) - 1)))).toBeLessThanOrEqual(2 ** -23);
});

test.each(rope)(
  'theta $theta, head of $headDim: cosines and sines, up to position 8191',
  ({ theta, headDim, positions, frequencies, table }) => {
    const ours = ropeTable(theta, headDim, 8192);
    const exact = inverseFrequencies(theta, headDim);
    positions.forEach((position, row) => {
      for (let i = 0; i < headDim; i++) {
        const pair = Math.floor(i / 2);
        const difference = Math.abs((ours[position * headDim + i] as number) - (table[row * headDim + i] as number));
        // One unit in the last place of a number near 1, where the frequency is the same.
        if (exact[pair] === frequencies[pair]) expect(difference).toBeLessThanOrEqual(2 ** -23);
        else expect(difference).toBeLessThanOrEqual(2 ** -23 * (1 + 2 * position * (exact[pair] as number)));
      }
    });
  },
);

test('the least base that a config may name has finite angles at the largest position', () => {
  for (const headDim of [32, 64, 128]) {
    const fastest = Math.max(...inverseFrequencies(1e-30, headDim));
    expect(Math.fround(fastest * 2 ** 20)).toBeLessThan(Number.POSITIVE_INFINITY);
    expect(ropeTable(1e-30, headDim, 40).every(Number.isFinite)).toBe(true);
  }
});
