/**
 * Quantised matrices (docs/QUANTISED-FORMAT.md): groups of 32 weights along K, one f16 scale a group, weight = code × scale.
 * q8: code −127 … 127. q4: nibble − 8, so −8 … 7; two nibbles a byte, the even element low.
 * Rows are padded to whole groups with weights of zero.
 */
import { f16ToFloat32, fromF16Bits, toF16Bits } from './dtype.ts';
import { groupSize, paddedK } from './names.ts';

/** Codes [rows, storedK] (q8) or [rows, storedK / 2] (q4) and f16 scale bits [rows, storedK / 32]; storedK = K in whole groups. */
export type QuantisedBlock =
  | { kind: 'q8'; q: Int8Array<ArrayBuffer>; scale: Uint16Array<ArrayBuffer> }
  | { kind: 'q4'; q: Uint8Array<ArrayBuffer>; scale: Uint16Array<ArrayBuffer> };

type Codes<Kind extends QuantisedBlock['kind']> = Omit<Extract<QuantisedBlock, { kind: Kind }>, 'kind'>;

/**
 * f32 [rows, K] → q8. The largest weight of a group becomes ±127; codes are rounded with the scale as stored in f16, so the
 * error of a weight is at most half a step save for the clipped largest one. Values must be finite.
 */
function quantizeQ8(values: Float32Array, rows: number, K: number): Codes<'q8'> {
  const width = paddedK(K);
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
        q[to + i] = nearestCode(values[from + i] as number, inverse, -127, 127);
      }
    }
  }
  return { q, scale };
}

/**
 * Scales tried for a group of q4, as parts of the one that fits its largest weight into the codes. Below 1 the extreme is
 * clipped so that the many small weights get finer steps; over 1 it meets a smaller code exactly. On normal weights these 11
 * cut the squared error by 7 %, as 32 trials from 0.6 to 1.2 do (measured); with 1 among them no group gets worse.
 */
const trials = Float64Array.from({ length: 11 }, (_, i) => 0.8 + 0.04 * i);

/**
 * f32 [rows, K] → q4 with least squared error a group over the trial scales. The codes reach −8 but only 7, so the scale
 * takes the sign that lets the largest weight use −8. For a set of codes the best scale is Σ qx / Σ q², and the squared error with
 * it Σ x² − (Σ qx)² / Σ q²: trials are compared by that, the winner's scale is stored in f16 and the codes rounded anew with it.
 */
function quantizeQ4(values: Float32Array, rows: number, K: number): Codes<'q4'> {
  const width = paddedK(K);
  const q = new Uint8Array((rows * width) / 2).fill(0x88);
  const scale = new Uint16Array((rows * width) / groupSize);
  // One group in f64, reused: no allocation in the loop.
  const x = new Float64Array(groupSize);
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
      const bits = scaleBits(bestScale(x, extreme / -8));
      const step = fromF16Bits(bits);
      scale[group] = bits;
      if (step === 0) continue;
      const inverse = 1 / step;
      const to = (row * width + k) / 2;
      for (let i = 0; i < groupSize; i += 2)
        q[to + i / 2] = (nearestCode(x[i] as number, inverse, -8, 7) + 8) | ((nearestCode(x[i + 1] as number, inverse, -8, 7) + 8) << 4);
    }
  }
  return { q, scale };
}

/**
 * Adding and taking away 1.5 · 2⁵² rounds an f64 below 2⁵¹ to the nearest whole number, ties to even: several times faster
 * here than Math.round with Math.min and Math.max, and larger numbers stay large enough for the clamp.
 */
const rounder = 1.5 * 2 ** 52;

/** Nearest code, held within the format's range. */
function nearestCode(value: number, inverse: number, lowest: number, highest: number): number {
  const code = value * inverse + rounder - rounder;
  return Math.max(lowest, Math.min(highest, code));
}

/** `full` is the scale with which the largest weight is −8. */
function bestScale(x: Float64Array, full: number): number {
  let best = full;
  let bestGain = -1;
  for (let trial = 0; trial < trials.length; trial++) {
    const inverse = 1 / (full * (trials[trial] as number));
    let qx = 0;
    let qq = 0;
    for (let i = 0; i < x.length; i++) {
      // nearestCode written out: a call here costs five times as much (measured), and this runs for every trial.
      const value = x[i] as number;
      let code = value * inverse + rounder - rounder;
      if (code > 7) code = 7;
      else if (code < -8) code = -8;
      qx += code * value;
      qq += code * code;
    }
    // The error falls as (Σ qx)² / Σ q² grows.
    const gain = (qx * qx) / qq;
    if (gain > bestGain) {
      bestGain = gain;
      best = qx / qq;
    }
  }
  return best;
}

/** f16 bits of a scale; one that f16 cannot hold is held at the largest finite half instead of becoming infinite. */
function scaleBits(value: number): number {
  const bits = toF16Bits(value);
  return (bits & 0x7fff) >= 0x7c00 ? (bits & 0x8000) | 0x7bff : bits;
}

/** f32 [rows, K] → the format's codes and scales. Values must be finite. */
export function quantize(values: Float32Array, rows: number, K: number, format: 'q8' | 'q4'): QuantisedBlock {
  return format === 'q8' ? { kind: 'q8', ...quantizeQ8(values, rows, K) } : { kind: 'q4', ...quantizeQ4(values, rows, K) };
}

/**
 * The weights that a block of rows stands for, f32 [rows, K]: code × scale, exact, as an 8-bit code times an 11-bit scale
 * fits f32. K is the matrix's own width, or the padded one to get the padding too.
 */
export function dequantize(block: QuantisedBlock, rows: number, K: number): Float32Array<ArrayBuffer> {
  const width = paddedK(K);
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
