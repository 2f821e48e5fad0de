import { expect, test } from 'vitest';
import { sizeOf } from './model-size.ts';

test('sizes follow from the shapes: 756 MB of bf16 become 229 MB', () => {
  const large = sizeOf({ language: 'fr', size: 'large' }, 'q4');
  expect(large.fetchBytes / 1e6).toBeCloseTo(755.7, 1);
  // 344 287 232 weights at 4.5 bits and 33 554 432 at 8.5.
  expect(large.keptBytes).toBe((344_287_232 * 4.5 + 33_554_432 * 8.5) / 8);
  expect(sizeOf({ language: 'en', size: 'base' }, 'f32').keptBytes).toBe(149_655_232 * 4);
});
