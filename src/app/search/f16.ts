/** Numbers of 16 bits: a vector takes half the room, and its cosines change by less than 0.001. */

const float = new Float32Array(1);
const bits = new Uint32Array(float.buffer);

/** The nearest f16, ties to even. Too large becomes infinite. */
function half(value: number): number {
  float[0] = value;
  const x = bits[0] ?? 0;
  const sign = (x >>> 16) & 0x8000;
  const exponent = ((x >>> 23) & 0xff) - 112;
  const mantissa = x & 0x7fffff;
  if (exponent >= 31) return sign | (exponent === 143 && mantissa ? 0x7e00 : 0x7c00);
  if (exponent < -10) return sign;
  // Below the normal numbers the leading one is written out and shifted.
  const shift = exponent <= 0 ? 14 - exponent : 13;
  const whole = exponent <= 0 ? mantissa | 0x800000 : mantissa;
  const kept = whole >>> shift;
  const rest = whole & ((1 << shift) - 1);
  const middle = 1 << (shift - 1);
  const up = rest > middle || (rest === middle && (kept & 1) === 1) ? 1 : 0;
  // A carry out of the mantissa is the next exponent, as it should be.
  return sign | ((Math.max(0, exponent) << 10) + kept + up);
}

function whole(value: number): number {
  const sign = value & 0x8000 ? -1 : 1;
  const exponent = (value >>> 10) & 0x1f;
  const mantissa = value & 0x3ff;
  if (exponent === 0) return sign * mantissa * 2 ** -24;
  if (exponent === 31) return mantissa ? Number.NaN : sign * Number.POSITIVE_INFINITY;
  return sign * (1 + mantissa / 1024) * 2 ** (exponent - 15);
}

export const toHalf = (values: Float32Array): Uint16Array<ArrayBuffer> => Uint16Array.from(values, half);

let table: Float32Array | null = null;

export function fromHalf(values: Uint16Array): Float32Array<ArrayBuffer> {
  table ??= Float32Array.from({ length: 65536 }, (_, value) => whole(value));
  const known = table;
  return Float32Array.from(values, value => known[value] ?? 0);
}
