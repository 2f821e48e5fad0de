/**
 * Quantized matrices (docs/QUANTIZED-FORMAT.md): groups of 32 weights along K, one f16 scale a group, weight = code × scale.
 * q8: code −127 … 127. q4: nibble − 8, so −8 … 7; two nibbles a byte, the even element low.
 * Rows are padded to whole groups with weights of zero.
 */

import { f16ToFloat32, fromF16Bits } from './dtype.ts';
import { groupSize, padded } from './formats.ts';
import type { CalibratedColumns } from './quantize-calibrated.ts';
import { bestScale, nearestCode, roundGroup, scaleBits } from './quantize-codes.ts';

/** Codes [rows, storedK] (q8) or [rows, storedK / 2] (q4) and f16 scale bits [rows, storedK / 32]; storedK = K in whole groups. */
export type QuantizedBlock =
  | { kind: 'q8'; q: Int8Array<ArrayBuffer>; scale: Uint16Array<ArrayBuffer> }
  | { kind: 'q4'; q: Uint8Array<ArrayBuffer>; scale: Uint16Array<ArrayBuffer> };

/** A local name: calls through an import take five times as long where modules are not bundled (in tests). */
const nearest = nearestCode;

type Codes<Kind extends QuantizedBlock['kind']> = Omit<Extract<QuantizedBlock, { kind: Kind }>, 'kind'>;

/**
 * f32 [rows, K] → q8. The largest weight of a group becomes ±127; codes are rounded with the scale as stored in f16, so the
 * error of a weight is at most half a step save for the clipped largest one. Values must be finite.
 */
function quantizeQ8(values: Float32Array, rows: number, K: number): Codes<'q8'> {
  const width = padded(K);
  const q = new Int8Array(rows * width);
  const scale = new Uint16Array((rows * width) / groupSize);
  for (let row = 0, group = 0; row < rows; row++) {
    for (let k = 0; k < K; k += groupSize, group++) {
      const from = row * K + k;
      const count = Math.min(groupSize, K - k);
      let largest = 0;
      for (let i = 0; i < count; i++) largest = Math.max(largest, Math.abs(values[from + i] as number));
      const bits = scaleBits(largest / 127);
      const step = fromF16Bits(bits);
      scale[group] = bits;
      if (step === 0) continue;
      const inverse = 1 / step;
      const to = row * width + k;
      for (let i = 0; i < count; i++) {
        q[to + i] = nearest(values[from + i] as number, inverse, -127, 127);
      }
    }
  }
  return { q, scale };
}

/** f32 [rows, K] → q4. The scale is stored in f16 and the codes are rounded with it as stored. Values must be finite. */
function quantizeQ4(values: Float32Array, rows: number, K: number, method: QuantizeMethod): Codes<'q4'> {
  const width = padded(K);
  const q = new Uint8Array((rows * width) / 2).fill(0x88);
  const scale = new Uint16Array((rows * width) / groupSize);
  // One group in f64, reused: no allocation in the loop.
  const x = new Float64Array(groupSize);
  const codes = new Float64Array(groupSize);
  for (let row = 0, group = 0; row < rows; row++) {
    for (let k = 0; k < K; k += groupSize, group++) {
      const from = row * K + k;
      const count = Math.min(groupSize, K - k);
      let extreme = 0;
      for (let i = 0; i < groupSize; i++) {
        const value = i < count ? (values[from + i] as number) : 0;
        x[i] = value;
        if (Math.abs(value) > Math.abs(extreme)) extreme = value;
      }
      if (extreme === 0) continue;
      const bits = scaleBits(method === 'rtn' ? extreme / -8 : bestScale(x, extreme));
      const step = fromF16Bits(bits);
      scale[group] = bits;
      if (step === 0) continue;
      const to = (row * width + k) / 2;
      roundGroup(x, step, codes, -8, 7);
      for (let i = 0; i < groupSize; i += 2) q[to + i / 2] = ((codes[i] as number) + 8) | (((codes[i + 1] as number) + 8) << 4);
    }
  }
  return { q, scale };
}

/**
 * How the codes of q4 are chosen. `search`: the scale with the least squared error, clipping allowed. `rtn`: plain round-to-nearest, the largest
 * weight of a group at −8, as ONNX Runtime's quantizer of MatMulNBits does; for comparison. q8 is the same in both.
 */
export type QuantizeMethod = 'search' | 'rtn';

export interface QuantizeOptions {
  method?: QuantizeMethod;
  /** Moments of the matrix's inputs on a calibration text; with them the q4 codes are calibrated (quantize-calibrated.ts). */
  columns?: CalibratedColumns;
}

/** f32 [rows, K] → the format's codes and scales. Values must be finite. The same input gives the same bytes on every machine. */
export function quantize(
  values: Float32Array,
  rows: number,
  K: number,
  format: 'q8' | 'q4',
  { method = 'search', columns }: QuantizeOptions = {},
): QuantizedBlock {
  if (format === 'q8') return { kind: 'q8', ...quantizeQ8(values, rows, K) };
  if (columns && columns.K !== K) throw new RangeError(`moments of ${columns.K} inputs for a matrix of ${K}`);
  if (columns) return { kind: 'q4', ...columns.quantize(values, rows) };
  return { kind: 'q4', ...quantizeQ4(values, rows, K, method) };
}

/**
 * The weights that a block of rows represents, f32 [rows, K]: code × scale, exact, as an 8-bit code times an 11-bit scale
 * fits f32. K is the matrix's own width, or the padded one to get the padding too.
 */
export function dequantize(block: QuantizedBlock, rows: number, K: number): Float32Array<ArrayBuffer> {
  const width = padded(K);
  const steps = f16ToFloat32(block.scale);
  const out = new Float32Array(rows * K);
  const { q } = block;
  const nibbles = block.kind === 'q4';
  for (let row = 0; row < rows; row++) {
    for (let k = 0; k < K; k += groupSize) {
      const at = row * width + k;
      const to = row * K + k;
      const count = Math.min(groupSize, K - k);
      const step = steps[at / groupSize] as number;
      if (nibbles) for (let i = 0; i < count; i++) out[to + i] = ((((q[(at + i) >> 1] as number) >> (4 * (i & 1))) & 15) - 8) * step;
      else for (let i = 0; i < count; i++) out[to + i] = (q[at + i] as number) * step;
    }
  }
  return out;
}
