import { expect, test } from 'vitest';
import { firstScale, nextScale, scaleGrowsAfter } from './loss-scale.ts';

test('it halves at an overflow, down to 1, and doubles after many good steps, up to a limit', () => {
  let scale = firstScale;
  for (let i = 0; i < 40; i++) scale = nextScale(scale, false);
  expect(scale).toEqual({ value: 1, steps: 0 });
  for (let i = 0; i < scaleGrowsAfter - 1; i++) scale = nextScale(scale, true);
  expect(scale).toEqual({ value: 1, steps: scaleGrowsAfter - 1 });
  expect(nextScale(scale, true)).toEqual({ value: 2, steps: 0 });
  for (let i = 0; i < 40 * scaleGrowsAfter; i++) scale = nextScale(scale, true);
  expect(scale.value).toBe(2 ** 24);
});
