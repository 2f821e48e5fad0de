import { describe, expect, test } from 'vitest';
import { bf16ToFloat32, f16ToFloat32, float32ToF16, fromF16Bits, isFloatDtype, toF16Bits, toFloat32, viewUint16 } from './dtype.ts';

/** The value of f16 bits by the definition of the format. */
function halfValue(bits: number): number {
  const sign = bits & 0x8000 ? -1 : 1;
  const exponent = (bits >> 10) & 31;
  const mantissa = bits & 1023;
  if (exponent === 31) return mantissa ? Number.NaN : sign * Number.POSITIVE_INFINITY;
  return exponent === 0 ? sign * mantissa * 2 ** -24 : sign * (1 + mantissa / 1024) * 2 ** (exponent - 15);
}

describe('f16', () => {
  test('all 65 536 values are exact, and come back to the same bits', () => {
    const bits = Uint16Array.from({ length: 65_536 }, (_, i) => i);
    const values = f16ToFloat32(bits);
    const back = float32ToF16(values);
    for (let i = 0; i < 65_536; i++) {
      const expected = halfValue(i);
      if (Number.isNaN(expected)) {
        expect(values[i]).toBeNaN();
        expect(back[i]).toBe((i & 0x8000) | 0x7e00);
        continue;
      }
      if (!Object.is(values[i], expected)) expect.fail(`${i}: ${values[i]} is not ${expected}`);
      if (back[i] !== i) expect.fail(`${i} came back as ${back[i]}`);
      if (!Object.is(fromF16Bits(i), expected)) expect.fail(`single ${i}`);
    }
  });

  test('rounds to nearest, ties to even: on, just below and just above the middle of every two neighbours', () => {
    const word = new Uint32Array(1);
    const float = new Float32Array(word.buffer);
    const next = (value: number, step: number): number => {
      float[0] = value;
      word[0] = (word[0] as number) + step;
      return float[0] as number;
    };
    for (let bits = 0; bits < 0x7bff; bits++) {
      const middle = (halfValue(bits) + halfValue(bits + 1)) / 2;
      expect(Math.fround(middle)).toBe(middle);
      const even = bits % 2 === 0 ? bits : bits + 1;
      if (toF16Bits(middle) !== even) expect.fail(`tie after ${bits}`);
      if (toF16Bits(-middle) !== (even | 0x8000)) expect.fail(`negative tie after ${bits}`);
      if (toF16Bits(next(middle, -1)) !== bits) expect.fail(`below the tie after ${bits}`);
      if (toF16Bits(next(middle, 1)) !== bits + 1) expect.fail(`above the tie after ${bits}`);
    }
  });

  test('overflow, underflow, zeros', () => {
    expect(toF16Bits(65_504)).toBe(0x7bff);
    expect(toF16Bits(65_519.996)).toBe(0x7bff);
    expect(toF16Bits(65_520)).toBe(0x7c00);
    expect(toF16Bits(-1e30)).toBe(0xfc00);
    expect(toF16Bits(2 ** -25)).toBe(0);
    expect(toF16Bits(2 ** -25 * 1.001)).toBe(1);
    expect(toF16Bits(1e-40)).toBe(0);
    expect(toF16Bits(-0)).toBe(0x8000);
  });
});

test('bf16 is the upper half of an f32, subnormals, infinities and NaN included', () => {
  const values = bf16ToFloat32(Uint16Array.from([0x3f80, 0xc049, 0x0001, 0x8000, 0x7f80, 0xff80, 0x7fc0]));
  expect(Array.from(values.slice(0, 3))).toEqual([1, -3.140625, 2 ** -133]);
  expect(values[3]).toBe(-0);
  expect(Array.from(values.slice(4))).toEqual([Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY, Number.NaN]);
});

test('bytes at any address, and lengths that are no whole number', () => {
  const numbers = Float32Array.from([1.5, -2, 1e-40, Number.POSITIVE_INFINITY]);
  for (let shift = 0; shift < 4; shift++) {
    const bytes = new Uint8Array(16 + shift);
    bytes.set(new Uint8Array(numbers.buffer), shift);
    expect(Array.from(toFloat32(bytes.subarray(shift), 'F32'))).toEqual(Array.from(numbers));
    expect(Array.from(viewUint16(bytes.subarray(shift, shift + 4)))).toEqual(Array.from(new Uint16Array(numbers.buffer, 0, 2)));
  }
  expect(() => toFloat32(new Uint8Array(6), 'F32')).toThrow(RangeError);
  expect(() => toFloat32(new Uint8Array(3), 'BF16')).toThrow(RangeError);
  expect(['F32', 'F16', 'BF16', 'I8', 'toString'].map(isFloatDtype)).toEqual([true, true, true, false, false]);
});
