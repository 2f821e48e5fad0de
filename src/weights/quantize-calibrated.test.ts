import { describe, expect, test } from 'vitest';
import { randomNormal, seededRandom } from '../kernels/checking/random.ts';
import { dequantize, quantize } from './quantize.ts';
import { CalibratedColumns, type InputMoments } from './quantize-calibrated.ts';

/** Inputs that hang together and differ in size, as activations do: few directions carry most. */
function moments(K: number, seed: string): InputMoments {
  const random = seededRandom(seed);
  const directions = Math.ceil(K / 4);
  const mix = Float64Array.from({ length: directions * K }, () => randomNormal(random));
  const size = Float64Array.from({ length: K }, () => Math.exp(randomNormal(random)));
  const h = new Float32Array(K * K);
  for (let i = 0; i < K; i++)
    for (let j = 0; j <= i; j++) {
      let sum = i === j ? 0.2 : 0;
      for (let d = 0; d < directions; d++) sum += (mix[d * K + i]! * mix[d * K + j]!) / directions;
      h[i * K + j] = sum * size[i]! * size[j]!;
      h[j * K + i] = h[i * K + j]!;
    }
  return { K, moments: h };
}

const copy = ({ K, moments: h }: InputMoments): InputMoments => ({ K, moments: h.slice() });

function normal(length: number, seed: string): Float32Array<ArrayBuffer> {
  const random = seededRandom(seed);
  return Float32Array.from({ length }, () => 0.05 * randomNormal(random));
}

/** (w − q)ᵀ H (w − q), summed over the rows. */
function outputError(values: Float32Array, back: Float32Array, rows: number, { K, moments: h }: InputMoments): number {
  let total = 0;
  for (let row = 0; row < rows; row++)
    for (let i = 0; i < K; i++) {
      const e = values[row * K + i]! - back[row * K + i]!;
      for (let j = 0; j < K; j++) total += e * h[i * K + j]! * (values[row * K + j]! - back[row * K + j]!);
    }
  return total;
}

describe('q4 from input moments', () => {
  // 70 and 33: a last group that is not whole; 13 rows: no whole tile.
  test.each([
    [64, 16],
    [70, 13],
    [33, 5],
    [256, 24],
  ])('%i inputs, %i rows: the error of the outputs falls far below that of the search', (K, rows) => {
    const h = moments(K, `h ${K}`);
    const values = normal(rows * K, `w ${K}`);
    const plain = outputError(values, dequantize(quantize(values, rows, K, 'q4'), rows, K), rows, h);
    const errorOf = (sweeps: number) => {
      const block = quantize(values, rows, K, 'q4', { columns: new CalibratedColumns(copy(h), sweeps) });
      return outputError(values, dequantize(block, rows, K), rows, h);
    };
    const [fed, once, twice] = [errorOf(0), errorOf(1), errorOf(2)];
    expect(fed).toBeLessThan(0.7 * plain);
    expect(once).toBeLessThan(0.99 * fed);
    // What is minimised has the damping in it.
    expect(twice).toBeLessThan(1.02 * once);
  });

  test('rows do not depend on their neighbours, and the same moments give the same bytes', () => {
    const [K, rows] = [96, 11];
    const h = moments(K, 'neighbours');
    const values = normal(rows * K, 'rows');
    const whole = quantize(values, rows, K, 'q4', { columns: new CalibratedColumns(copy(h)) });
    const columns = new CalibratedColumns(copy(h));
    for (const [first, count] of [
      [0, 3],
      [3, 1],
      [4, 7],
    ] as const) {
      const part = quantize(values.slice(first * K, (first + count) * K), count, K, 'q4', { columns });
      expect(part.q).toEqual(whole.q.slice((first * K) / 2, ((first + count) * K) / 2));
      expect(part.scale).toEqual(whole.scale.slice((first * K) / 32, ((first + count) * K) / 32));
    }
  });

  test('inputs that are all of one size and independent leave nothing to feed back', () => {
    const [K, rows] = [64, 8];
    const h = new Float32Array(K * K);
    for (let k = 0; k < K; k++) h[k * K + k] = 3;
    const values = normal(rows * K, 'independent');
    const fed = quantize(values, rows, K, 'q4', { columns: new CalibratedColumns({ K, moments: h }, 0) });
    const searched = quantize(values, rows, K, 'q4');
    expect(fed.q).toEqual(searched.q);
    expect(fed.scale).toEqual(searched.scale);
  });

  test('inputs that never moved, weights of zero, and a text of one token stay finite', () => {
    const [K, rows] = [64, 4];
    const values = normal(rows * K, 'zeros').map((v, i) => (i < K ? 0 : v));
    const one = new Float32Array(K * K);
    const x = normal(K, 'one token');
    for (let i = 0; i < K; i++) for (let j = 0; j < K; j++) one[i * K + j] = x[i]! * x[j]!;
    for (const h of [new Float32Array(K * K), one]) {
      const block = quantize(values, rows, K, 'q4', { columns: new CalibratedColumns({ K, moments: h }) });
      const back = dequantize(block, rows, K);
      expect(back.every(Number.isFinite)).toBe(true);
      expect(back.slice(0, K).every(v => v === 0)).toBe(true);
      expect(Math.max(...back.map((v, i) => Math.abs(v - values[i]!)))).toBeLessThan(0.2);
    }
  });
});

test('plain round-to-nearest: the largest weight is −8 and the search is no worse', () => {
  const [K, rows] = [64, 50];
  const values = normal(rows * K, 'rtn');
  const rtn = quantize(values, rows, K, 'q4', { method: 'rtn' });
  const errors = [rtn, quantize(values, rows, K, 'q4')].map(block =>
    dequantize(block, rows, K).reduce((sum, v, i) => sum + (v - values[i]!) ** 2, 0),
  );
  expect(errors[1]).toBeLessThan(0.95 * errors[0]!);
  for (let group = 0; group < (rows * K) / 32; group++) {
    const nibbles = Array.from(rtn.q.slice(group * 16, group * 16 + 16)).flatMap(byte => [byte & 15, byte >> 4]);
    expect(nibbles).toContain(0);
  }
});
