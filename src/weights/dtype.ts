/**
 * Number formats of checkpoints. Every conversion to f32 is exact (subnormals, infinities and NaN included);
 * f32 → f16 rounds to nearest, ties to even, as IEEE 754 and PyTorch do.
 *
 * Typed arrays use the machine's byte order. Safetensors is little-endian, and so is every machine that runs WebGPU.
 */

/** The floating formats that a ModernBERT checkpoint may use. */
export type FloatDtype = 'F32' | 'F16' | 'BF16';

const bytesOf = { F32: 4, F16: 2, BF16: 2 } as const satisfies Record<FloatDtype, number>;

export function isFloatDtype(dtype: string): dtype is FloatDtype {
  return Object.hasOwn(bytesOf, dtype);
}

/** Numbers held by `bytes` as f32. The length must be a whole number of elements (RangeError else). */
export function toFloat32(bytes: Uint8Array, dtype: FloatDtype): Float32Array<ArrayBuffer> {
  if (dtype === 'F32') return new Float32Array(aligned(bytes, 4));
  const bits = viewUint16(bytes);
  return dtype === 'F16' ? f16ToFloat32(bits) : bf16ToFloat32(bits);
}

/** The same bytes as 16-bit words; copied only where the address is odd. RangeError for an odd length. */
export function viewUint16<Buffer extends ArrayBufferLike>(bytes: Uint8Array<Buffer>): Uint16Array<Buffer | ArrayBuffer> {
  if (bytes.byteLength % 2 !== 0) throw new RangeError(`${bytes.byteLength} bytes are not a whole number of 16-bit words`);
  if (bytes.byteOffset % 2 === 0) return new Uint16Array(bytes.buffer, bytes.byteOffset, bytes.byteLength / 2);
  return new Uint16Array(aligned(bytes, 2));
}

/** A fresh buffer that holds exactly these bytes. */
function aligned(bytes: Uint8Array, size: number): ArrayBuffer {
  if (bytes.byteLength % size !== 0) throw new RangeError(`${bytes.byteLength} bytes are not a whole number of ${size}-byte elements`);
  const copy = new Uint8Array(bytes.byteLength);
  copy.set(bytes);
  return copy.buffer;
}

/** bf16 is the upper half of an f32. */
export function bf16ToFloat32(bits: Uint16Array): Float32Array<ArrayBuffer> {
  const words = new Uint32Array(bits.length);
  for (let i = 0; i < bits.length; i++) words[i] = (bits[i] as number) << 16;
  return new Float32Array(words.buffer);
}

/** All 65 536 f16 values as f32 bits: one look-up a number is faster than the branches (subnormals need a loop). */
let f16Table: Uint32Array | undefined;

/** f16 bits → f32, exact. */
export function f16ToFloat32(bits: Uint16Array): Float32Array<ArrayBuffer> {
  f16Table ??= Uint32Array.from({ length: 65_536 }, (_, half) => f16BitsToF32Bits(half));
  const table = f16Table;
  const words = new Uint32Array(bits.length);
  for (let i = 0; i < bits.length; i++) words[i] = table[bits[i] as number] as number;
  return new Float32Array(words.buffer);
}

function f16BitsToF32Bits(half: number): number {
  const sign = (half & 0x8000) << 16;
  const exponent = (half >> 10) & 0x1f;
  let mantissa = half & 0x3ff;
  if (exponent === 0x1f) return (sign | 0x7f800000 | (mantissa << 13)) >>> 0;
  if (exponent !== 0) return (sign | ((exponent + 112) << 23) | (mantissa << 13)) >>> 0;
  if (mantissa === 0) return sign >>> 0;
  // Subnormal half: shift until the leading one is implicit; every one is a normal f32.
  let shift = 113;
  while ((mantissa & 0x400) === 0) {
    mantissa <<= 1;
    shift--;
  }
  return (sign | (shift << 23) | ((mantissa & 0x3ff) << 13)) >>> 0;
}

const oneFloat = new Float32Array(1);
const oneWord = new Uint32Array(oneFloat.buffer);

/** One number rounded to f16, as bits. Over 65 519.99 it becomes infinity; NaN becomes the quiet NaN 0x7e00 with its sign. */
export function toF16Bits(value: number): number {
  oneFloat[0] = value;
  return f32BitsToF16Bits(oneWord[0] as number);
}

/** f32 → f16 bits, round to nearest even. */
export function float32ToF16(values: Float32Array): Uint16Array<ArrayBuffer> {
  const words = new Uint32Array(values.buffer, values.byteOffset, values.length);
  const out = new Uint16Array(values.length);
  for (let i = 0; i < words.length; i++) out[i] = f32BitsToF16Bits(words[i] as number);
  return out;
}

function f32BitsToF16Bits(word: number): number {
  const sign = (word >>> 16) & 0x8000;
  const magnitude = word & 0x7fffffff;
  if (magnitude > 0x7f800000) return sign | 0x7e00;
  // 65 520 = 0x477ff000 is half-way between the largest half (65 504) and the next step: from there on, infinity.
  if (magnitude >= 0x477ff000) return sign | 0x7c00;
  // 2^-14 = 0x38800000: normal halves. Adding half a unit less one, plus the last kept bit, rounds ties to even;
  // a carry runs into the exponent as it should.
  if (magnitude >= 0x38800000) return sign | ((magnitude - 0x38000000 + 0xfff + ((magnitude >> 13) & 1)) >> 13);
  // Below 2^-25 (and at it, the tie goes to even) zero.
  if (magnitude <= 0x33000000) return sign;
  const exponent = magnitude >> 23;
  const mantissa = (magnitude & 0x7fffff) | 0x800000;
  const drop = 126 - exponent;
  const kept = mantissa >> drop;
  const rest = mantissa & ((1 << drop) - 1);
  const half = 1 << (drop - 1);
  const up = rest > half || (rest === half && (kept & 1) === 1) ? 1 : 0;
  return sign | (kept + up);
}

/** The value of f16 bits, for single numbers (scales). */
export function fromF16Bits(half: number): number {
  oneWord[0] = f16BitsToF32Bits(half & 0xffff);
  return oneFloat[0] as number;
}
