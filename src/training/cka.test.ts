import { expect, test } from 'vitest';
import { linearCka, type Representation } from './cka.ts';
import { bits } from './random.ts';

const random = (n: number, width: number, seed: number): Representation => ({
  width,
  values: Float64Array.from({ length: n * width }, (_, i) => bits(seed, i) / 2 ** 32 - 0.5),
});

test('1 up to rotation, scale and shift; small for what has nothing to do with it', () => {
  const x = random(60, 4, 1);
  const turned = Float64Array.from(x.values);
  const [c, s] = [Math.cos(0.7), Math.sin(0.7)];
  for (let r = 0; r < 60; r++) {
    const [a, b] = [x.values[4 * r]!, x.values[4 * r + 1]!];
    turned.set([3 * (c * a - s * b) + 7, 3 * (s * a + c * b) - 2, 3 * x.values[4 * r + 2]!, 3 * x.values[4 * r + 3]!], 4 * r);
  }
  expect(linearCka(x, x)).toBeCloseTo(1, 12);
  expect(linearCka(x, { width: 4, values: turned })).toBeCloseTo(1, 12);
  expect(linearCka(x, random(60, 4, 2))).toBeLessThan(0.2);
});

test('the formula in features: ‖XᵀY‖² / (‖XᵀX‖ ‖YᵀY‖) of centred columns', () => {
  const [x, y] = [random(20, 3, 3), random(20, 5, 4)];
  const centred = ({ values, width }: Representation) => {
    const mean = Array.from(
      { length: width },
      (_, c) => Array.from({ length: 20 }, (__, r) => values[r * width + c]!).reduce((a, b) => a + b) / 20,
    );
    return Array.from({ length: 20 }, (_, r) => mean.map((m, c) => values[r * width + c]! - m));
  };
  const norm2 = (a: number[][], b: number[][]) => {
    let sum = 0;
    for (let i = 0; i < a[0]!.length; i++)
      for (let j = 0; j < b[0]!.length; j++) sum += a.reduce((s, row, r) => s + row[i]! * b[r]![j]!, 0) ** 2;
    return sum;
  };
  const [X, Y] = [centred(x), centred(y)];
  expect(linearCka(x, y)).toBeCloseTo(norm2(X, Y) / Math.sqrt(norm2(X, X) * norm2(Y, Y)), 12);
});

test('texts that do not match, and too few, are refused', () => {
  expect(() => linearCka(random(3, 2, 1), random(4, 2, 1))).toThrow(/same texts/);
  expect(() => linearCka(random(1, 2, 1), random(1, 2, 1))).toThrow(/at least two/);
});
