/** What every quantiser here shares: the nearest code, and the scale as it is stored. Plain f64 arithmetic: the same bits on every machine. */
import { toF16Bits } from './dtype.ts';

/**
 * Adding and taking away 1.5 · 2⁵² rounds an f64 below 2⁵¹ to the nearest whole number, ties to even: several times faster
 * here than Math.round with Math.min and Math.max, and larger numbers stay large enough for the clamp.
 */
export const rounder = 1.5 * 2 ** 52;

/** Nearest code, held within the format's range. */
export function nearestCode(value: number, inverse: number, lowest: number, highest: number): number {
  const code = value * inverse + rounder - rounder;
  return Math.max(lowest, Math.min(highest, code));
}

/** f16 bits of a scale; one that f16 cannot hold is held at the largest finite half instead of becoming infinite. */
export function scaleBits(value: number): number {
  const bits = toF16Bits(value);
  return (bits & 0x7fff) >= 0x7c00 ? (bits & 0x8000) | 0x7bff : bits;
}

/**
 * Scales tried for a group of q4, as parts of the one that fits its largest weight into the codes. Below 1 the extreme is
 * clipped so that the many small weights get finer steps; over 1 it meets a smaller code exactly. On normal weights these 11
 * cut the squared error by 7 %, as 32 trials from 0.6 to 1.2 do (measured); with 1 among them no group gets worse.
 */
export const trials = Float64Array.from({ length: 11 }, (_, i) => 0.8 + 0.04 * i);
