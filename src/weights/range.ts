/**
 * Decides whether a format can hold a matrix. f16 ends at 65,504, and so do the f16 scales of q8 and q4: a larger weight would become
 * infinite or be clipped. At the other end, a matrix whose largest weight is tiny would lose its digits or become zero. (A tiny row
 * beside larger ones does not matter: its part in any result is as tiny.)
 */

/** The smallest scale of a group that serves: below 2^-18 an f16 number has fewer than 6 bits. */
const leastScale = 2 ** -18;
/** From 65,520 on a number rounds to infinity. */
const f16End = 65_520;
/** Largest code of each format; a scale is the largest weight divided by it. */
const codes = { q8: 127, q4: 8 } as const;
/** The same for the largest scale that may be chosen: the search of q4 tries scales up to a quarter above the plain one. */
const leastCodes = { q8: 127, q4: 6.4 } as const;
/** Below the normal halves a number has fewer than 11 bits. */
const f16Least = 2 ** -14;

export type Fit = 'fits' | 'too large' | 'too small';

/** Whether weights up to `largest` in magnitude (finite, of a whole matrix) can be stored. */
export function fitOf(format: 'f32' | 'f16' | 'q8' | 'q4', largest: number): Fit {
  if (isTooLarge(format, largest)) return 'too large';
  return isTooSmall(format, largest) ? 'too small' : 'fits';
}

/** If a part of a matrix is too large, so is the whole matrix. */
export function isTooLarge(format: 'f32' | 'f16' | 'q8' | 'q4', largest: number): boolean {
  if (format === 'f32') return false;
  return largest >= (format === 'f16' ? f16End : f16End * leastCodes[format]);
}

/** `largest` must be that of the whole matrix. A matrix of zeros fits every format. */
export function isTooSmall(format: 'f32' | 'f16' | 'q8' | 'q4', largest: number): boolean {
  if (format === 'f32' || largest === 0) return false;
  return largest < (format === 'f16' ? f16Least : leastScale * codes[format]);
}

/** Largest magnitude; NaN is passed over. */
export function largestMagnitude(values: Float32Array): number {
  let largest = 0;
  for (let i = 0; i < values.length; i++) {
    const magnitude = Math.abs(values[i] as number);
    if (magnitude > largest) largest = magnitude;
  }
  return largest;
}
