import { expect, test } from 'vitest';
import { rateMeter } from './rate.ts';

test('speed and time left come from the last seconds', () => {
  const meter = rateMeter();
  expect(meter(0, 1000, 0)).toBeNull();
  expect(meter(100, 1000, 1000)).toEqual({ bytesPerSecond: 100, secondsLeft: 9 });
  for (let second = 2; second <= 10; second++) meter(100 + (second - 1) * 50, 1000, second * 1000);
  expect(meter(600, 1000, 11_000)?.bytesPerSecond).toBe(50);
  expect(meter(600, 0, 11_500)?.secondsLeft).toBeNull();
});
