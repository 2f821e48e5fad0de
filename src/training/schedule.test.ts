import { describe, expect, test } from 'vitest';
import { InputError } from '../errors.ts';
import { checkSchedule, learningRate, type Schedule } from './schedule.ts';

describe('warm-up, then constant', () => {
  const schedule: Schedule = { kind: 'warmup-constant', peak: 2e-4, warmupTokens: 100 };
  test('rises in a line from 0 and stays at the peak', () => {
    expect([0, 25, 50, 100, 101, 1e9].map(t => learningRate(schedule, t, 1e9))).toEqual([0, 0.5e-4, 1e-4, 2e-4, 2e-4, 2e-4]);
  });
  test('without a warm-up it begins at the peak', () => {
    expect(learningRate({ ...schedule, warmupTokens: 0 }, 0, 10)).toBe(2e-4);
  });
});

describe('1 − √p', () => {
  const schedule: Schedule = { kind: 'one-minus-sqrt', peak: 2e-4, floor: 0.1 };
  test('from the peak to a tenth of it, the steepest at the start', () => {
    const at = (p: number) => learningRate(schedule, p * 1000, 1000);
    expect(at(0)).toBeCloseTo(2e-4, 12);
    expect(at(0.25)).toBeCloseTo(2e-4 * (0.1 + 0.9 * 0.5), 12);
    expect(at(1)).toBeCloseTo(2e-5, 12);
    expect(at(1.5)).toBeCloseTo(2e-5, 12);
    expect(at(0) - at(0.1)).toBeGreaterThan(at(0.4) - at(0.5));
  });
  test('a phase without tokens is at its end', () => {
    expect(learningRate(schedule, 0, 0)).toBeCloseTo(2e-5, 12);
  });
});

test.each([
  [{ kind: 'warmup-constant', peak: Number.NaN, warmupTokens: 1 }, /peak learning rate is NaN/],
  [{ kind: 'warmup-constant', peak: -1, warmupTokens: 1 }, /peak learning rate is -1/],
  [{ kind: 'warmup-constant', peak: 1, warmupTokens: 0.5 }, /warm-up is 0.5 tokens/],
  [{ kind: 'one-minus-sqrt', peak: 1, floor: 1.5 }, /floor is 1.5/],
] as [Schedule, RegExp][])('%o is refused', (schedule, message) => {
  expect(() => checkSchedule(schedule)).toThrow(InputError);
  expect(() => checkSchedule(schedule)).toThrow(message);
});

test('a rate of 0 and the shares 0 and 1 are accepted', () => {
  checkSchedule({ kind: 'warmup-constant', peak: 0, warmupTokens: 0 });
  checkSchedule({ kind: 'one-minus-sqrt', peak: 1, floor: 0 });
  checkSchedule({ kind: 'one-minus-sqrt', peak: 1, floor: 1 });
});
