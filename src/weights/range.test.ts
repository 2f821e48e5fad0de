import { expect, test } from 'vitest';
import { fromF16Bits } from './dtype.ts';
import { dequantize, quantize } from './quantize.ts';
import { fitOf, largestMagnitude } from './range.ts';

test('what fits is what comes back: at both ends of each format', () => {
  const at = (format: 'f16' | 'q8' | 'q4', largest: number) => fitOf(format, largest);
  expect([at('f16', 65_519), at('f16', 65_520), at('f16', 6.2e-5), at('f16', 6e-5), at('f16', 0)]).toEqual([
    'fits',
    'too large',
    'fits',
    'too small',
    'fits',
  ]);
  expect([at('q8', 8.3e6), at('q8', 8.4e6), at('q8', 5e-4), at('q8', 4e-4)]).toEqual(['fits', 'too large', 'fits', 'too small']);
  expect([at('q4', 4.1e5), at('q4', 4.2e5), at('q4', 3.1e-5), at('q4', 3e-5)]).toEqual(['fits', 'too large', 'fits', 'too small']);
  expect(fitOf('f32', 3e38)).toBe('fits');
});

test.each(['q8', 'q4'] as const)('%s: the largest and the smallest matrix that fit keep their numbers', format => {
  const [most, least] = format === 'q8' ? [8.3e6, 5e-4] : [4.1e5, 3.1e-5];
  for (const size of [most, least, -most]) {
    const values = Float32Array.from({ length: 64 }, (_, i) => (size * (((i * 37) % 64) - 31)) / 33);
    expect(largestMagnitude(values)).toBeLessThanOrEqual(Math.abs(size));
    const block = quantize(values, 1, 64, format);
    for (const bits of block.scale) expect(Math.abs(fromF16Bits(bits))).toBeLessThan(65_504);
    const back = dequantize(block, 1, 64);
    const step = format === 'q8' ? 1 / 127 : 1 / 7;
    for (const [i, v] of values.entries()) expect(Math.abs(back[i]! - v)).toBeLessThanOrEqual(step * Math.abs(size));
  }
});
