/** The formats that weights are stored in, and what they take: the one place that knows their bytes. */

/** Weights a group of the quantized formats: one f16 scale for each. */
export const groupSize = 32;

/**
 * Storage of a matrix W [N, K] that kernels read, row-major along K, K a multiple of 32. None needs shader-f16:
 * f16 and the scales of q8 and q4 (one f16 for 32 weights) lie in u32 words and are unpacked in the shader.
 */
export type WeightFormat = 'f32' | 'f16' | 'q8' | 'q4';

/** Formats of a file; bf16 becomes another one while it is read. */
export type StoredFormat = WeightFormat | 'bf16';

/** `n` rounded up to whole groups of 32: the length of a row, or the width of the MLP, as formats and kernels have it. */
export const padded = (n: number): number => Math.ceil(n / groupSize) * groupSize;

/** Bytes of a row of K weights, without and with K of whole groups: `w` the weights or codes, `scale` the scales. */
export function rowBytesOf(format: WeightFormat, K: number): { w: number; scale: number } {
  const isQuantized = format === 'q8' || format === 'q4';
  return { w: K * { f32: 4, f16: 2, q8: 1, q4: 0.5 }[format], scale: isQuantized ? (2 * K) / groupSize : 0 };
}

/** Bytes that `count` weights take, scales included. */
export function weightBytes(format: WeightFormat, count: number): number {
  const { w, scale } = rowBytesOf(format, count);
  return w + scale;
}
