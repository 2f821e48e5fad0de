import { expect, test } from 'vitest';
import { MaskSums } from './evaluate.ts';
import { everyNth, ordinaryPositions, withMasks } from './masking.ts';

const logOf = (...p: number[]) => Float32Array.from(p, Math.log);

test('KL in both directions, agreement and the truth, against numbers by hand', () => {
  const sums = new MaskSums();
  // Six tokens; a constant added to all logits changes no probability.
  const a = logOf(0.5, 0.2, 0.1, 0.1, 0.06, 0.04);
  const b = logOf(0.2, 0.5, 0.1, 0.1, 0.04, 0.06).map(v => v + 3);
  sums.add(a, b, 1);
  const forward = 0.5 * Math.log(2.5) + 0.2 * Math.log(0.4) + 0.06 * Math.log(1.5) + 0.04 * Math.log(2 / 3);
  const one = sums.result();
  expect(one.klModelAgainst).toBeCloseTo(forward, 6);
  expect(one.klAgainstModel).toBeCloseTo(forward, 6); // b is a with pairs exchanged
  expect(one.top1).toBe(0);
  expect(one.top5).toBeCloseTo(0.8, 9);
  expect(one.truth?.positions).toBe(1);
  expect(one.truth?.accuracy).toEqual({ model: 0, against: 1 });
  expect(one.truth?.crossEntropy.model).toBeCloseTo(-Math.log(0.2), 6);
  expect(one.truth?.crossEntropy.against).toBeCloseTo(-Math.log(0.5), 6);

  sums.add(a, a, null);
  const two = sums.result();
  expect(two.positions).toBe(2);
  expect(two.klModelAgainst).toBeCloseTo(forward / 2, 6);
  expect(two.top1).toBe(0.5);
  expect(two.top5).toBeCloseTo(0.9, 9);
  expect(two.truth?.positions).toBe(1);
});

test('the two directions of KL are told apart', () => {
  const sums = new MaskSums();
  const [p, q] = [
    [0.9, 0.05, 0.03, 0.01, 0.01],
    [0.5, 0.2, 0.1, 0.1, 0.1],
  ] as const;
  const kl = (x: readonly number[], y: readonly number[]) => x.reduce((sum, v, i) => sum + v * Math.log(v / (y[i] as number)), 0);
  sums.add(logOf(...p), logOf(...q), null);
  expect(sums.result().klModelAgainst).toBeCloseTo(kl(p, q), 6);
  expect(sums.result().klAgainstModel).toBeCloseTo(kl(q, p), 6);
  expect(sums.result().truth).toBeNull();
});

test('masks: one ordinary token in n, never the ends nor a mask, moved by the seed and the text', () => {
  const ids = [1, ...Array.from({ length: 40 }, (_, i) => 10 + i), 4, 2];
  const ordinary = ordinaryPositions(ids, 4);
  expect(ordinary).toEqual(Array.from({ length: 40 }, (_, i) => i + 1));
  const chosen = everyNth(ordinary, 7, 3, 0);
  expect(chosen.length).toBeGreaterThanOrEqual(5);
  expect(chosen.every((p, i) => i === 0 || p - (chosen[i - 1] as number) === 7)).toBe(true);
  expect(everyNth(ordinary, 7, 3, 0)).toEqual(chosen);
  const phases = new Set(Array.from({ length: 60 }, (_, i) => everyNth(ordinary, 7, i, 0)[0]));
  expect(phases.size).toBe(7);
  expect(new Set(Array.from({ length: 60 }, (_, seed) => everyNth(ordinary, 7, 0, seed)[0])).size).toBe(7);
  const masked = withMasks(ids, chosen, 4);
  expect(masked.flatMap((id, i) => (id === 4 && ids[i] !== 4 ? [i] : []))).toEqual(chosen);
});
