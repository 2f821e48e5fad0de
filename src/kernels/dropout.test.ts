import { expect, test } from 'vitest';
import { isDropped } from './dropout.ref.ts';

const share = (drops: readonly boolean[]) => drops.filter(Boolean).length / drops.length;
const draw = (rate: number, seed: number, stream: number) => Array.from({ length: 100_000 }, (_, i) => isDropped(i, rate, seed, stream));

test('the share that is dropped is the rate; neighbours, seeds and streams are independent', () => {
  for (const rate of [0.1, 0.5]) {
    const one = draw(rate, 1, 0);
    expect(Math.abs(share(one) - rate)).toBeLessThan(0.005);
    const both = (other: readonly boolean[]) => share(one.map((v, i) => v && other[i]!));
    for (const other of [
      draw(rate, 2, 0),
      draw(rate, 1, 1),
      one.map((_, i) => one[(i + 1) % one.length]!),
      one.map((_, i) => one[(i + 768) % one.length]!),
    ])
      expect(Math.abs(both(other) - rate * rate)).toBeLessThan(0.005);
  }
  expect(share(draw(0, 1, 0))).toBe(0);
});
