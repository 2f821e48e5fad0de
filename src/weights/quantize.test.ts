import { describe, expect, test } from 'vitest';
import { randomNormal, seededRandom } from '../kernels/checking/random.ts';
import { fixtureSource, nmse } from '../testing/fixtures.ts';
import { fromF16Bits, toF16Bits, viewUint16 } from './dtype.ts';
import { dequantize, quantize } from './quantize.ts';
import { openSafetensors } from './safetensors.ts';

function normal(length: number, seed: number, scale = 1): Float32Array<ArrayBuffer> {
  const random = seededRandom(`quantize ${seed}`);
  return Float32Array.from({ length }, () => scale * randomNormal(random));
}

describe('layout', () => {
  test('q8: codes in place, one scale a group', () => {
    const values = new Float32Array(64);
    values[0] = 127;
    values[5] = -3;
    values[40] = -254;
    values[63] = 100;
    const { q, scale } = quantize(values, 1, 64, 'q8');
    expect([q[0], q[5], q[40], q[63]]).toEqual([127, -3, -127, 50]);
    expect(Array.from(scale).map(fromF16Bits)).toEqual([1, 2]);
  });

  test('q4: the even element lies in the low nibble, zero is 8, the largest weight is −8', () => {
    const values = new Float32Array(32);
    values[0] = -8;
    values[1] = 3;
    values[2] = 7;
    const { q, scale } = quantize(values, 1, 32, 'q4');
    expect(fromF16Bits(scale[0] as number)).toBe(1);
    expect([q[0], q[1], q[2]]).toEqual([0xb0, 0x8f, 0x88]);
    const flipped = quantize(
      values.map(value => -value),
      1,
      32,
      'q4',
    );
    expect(fromF16Bits(flipped.scale[0] as number)).toBe(-1);
    expect(flipped.q).toEqual(q);
  });

  test.each(['q8', 'q4'] as const)('%s: rows that are no whole groups are padded with weights of zero', format => {
    const [rows, K] = [3, 70];
    const values = normal(rows * K, 3);
    const block = quantize(values, rows, K, format);
    expect(block.scale.length).toBe(rows * 3);
    expect(block.q.length).toBe((rows * 96) / (format === 'q8' ? 1 : 2));
    const padded = dequantize(block, rows, 96);
    const plain = dequantize(block, rows, K);
    for (let row = 0; row < rows; row++) {
      expect(padded.slice(row * 96, row * 96 + K)).toEqual(plain.slice(row * K, (row + 1) * K));
      expect(padded.slice(row * 96 + K, (row + 1) * 96).every(value => value === 0)).toBe(true);
    }
    expect(nmse(plain, values)).toBeLessThan(format === 'q8' ? 5e-5 : 1e-2);
  });
});

describe('numbers', () => {
  test('q8: every weight within half a step of the stored scale, save the largest', () => {
    const values = normal(32 * 500, 11, 0.03);
    const block = quantize(values, 500, 32, 'q8');
    const back = dequantize(block, 500, 32);
    for (let group = 0; group < 500; group++) {
      const step = fromF16Bits(block.scale[group] as number);
      for (let i = group * 32; i < group * 32 + 32; i++) {
        const error = Math.abs((back[i] as number) - (values[i] as number));
        // The scale is rounded to f16 (2^-11), so the largest weight may lie past code 127 by 127 · 2^-11 steps.
        expect(error).toBeLessThanOrEqual(Math.abs(values[i] as number) > 126.5 * step ? 0.57 * step : 0.5 * step * (1 + 1e-12));
      }
    }
    expect(nmse(back, values)).toBeLessThan(3.2e-5);
  });

  test('q4: the search gains on the plain rule, and no group is worse by more than the rounding of its scale', () => {
    const values = normal(32 * 2000, 12, 0.05);
    const back = dequantize(quantize(values, 2000, 32, 'q4'), 2000, 32);
    const plain = new Float32Array(values.length);
    for (let from = 0; from < values.length; from += 32) {
      const extreme = values.slice(from, from + 32).reduce((a, b) => (Math.abs(b) > Math.abs(a) ? b : a), 0);
      const step = fromF16Bits(toF16Bits(extreme / -8));
      for (let i = from; i < from + 32; i++) plain[i] = step * Math.max(-8, Math.min(7, Math.round((values[i] as number) / step)));
    }
    expect(nmse(back, values)).toBeLessThan(0.94 * nmse(plain, values));
    expect(nmse(back, values)).toBeLessThan(7e-3);
    for (let from = 0; from < values.length; from += 32) {
      const slice = (array: Float32Array) => array.slice(from, from + 32);
      expect(nmse(slice(back), slice(values))).toBeLessThan(1.02 * nmse(slice(plain), slice(values)) + 1e-5);
    }
  });

  test.each(['q8', 'q4'] as const)('%s: zeros, tiny and huge weights stay finite', format => {
    for (const scale of [0, 1e-45, 1e-9, 3e-7, 1e30]) {
      const values = normal(64, 5, 1).map(value => value * scale);
      const block = quantize(values, 2, 32, format);
      const back = dequantize(block, 2, 32);
      expect(back.every(Number.isFinite)).toBe(true);
      expect(back.every((value, i) => value * Math.sign(values[i] as number) >= 0)).toBe(true);
      expect(Array.from(block.scale).every(bits => (bits & 0x7c00) !== 0x7c00)).toBe(true);
    }
  });

  test('a q8 model is a fixed point: quantizing what it stands for gives the same codes and scales', async () => {
    const checkpoint = await openSafetensors(fixtureSource('quantized-q8'));
    const name = 'model.layers.1.mlp.Wi.weight';
    const q = await checkpoint.read(`${name}.q8`);
    const scale = viewUint16(await checkpoint.read(`${name}.scale`)) as Uint16Array<ArrayBuffer>;
    const block = { kind: 'q8', q: new Int8Array(q.buffer), scale } as const;
    const again = quantize(dequantize(block, 192, 192), 192, 192, 'q8');
    expect(again.scale).toEqual(scale);
    expect(again.q).toEqual(block.q);
  });
});
