/** The cost model: guesses become measurements, kind by kind, and no submit is planned longer than a budget. */
import { expect, test } from 'vitest';
import { noGuess, Pace } from './pace.ts';

const cost = { flops: 1e9, bytes: 0 };

test('each kind converges to its own speed, though they are measured together', () => {
  const pace = new Pace({ software: true });
  const truth = { matmul: 0.1, attention: 0.4, other: 2 };
  const guess = (share: Partial<typeof truth>) => ({ ...noGuess(), ...share });
  const mixes = [
    guess({ matmul: 300 }),
    guess({ matmul: 100, attention: 200 }),
    guess({ attention: 500, other: 3 }),
    guess({ other: 40, matmul: 30 }),
  ];
  for (let i = 0; i < 400; i++) {
    const mix = mixes[i % mixes.length]!;
    pace.learn(mix, mix.matmul * truth.matmul + mix.attention * truth.attention + mix.other * truth.other);
  }
  for (const kind of ['matmul', 'attention', 'other'] as const) {
    expect(pace.msOf(kind, 100) / (100 * truth[kind])).toBeGreaterThan(0.8);
    expect(pace.msOf(kind, 100) / (100 * truth[kind])).toBeLessThan(1.25);
  }
});

test('one wild measurement moves it little; nonsense moves nothing', () => {
  const pace = new Pace({ software: false });
  const guess = { ...noGuess(), matmul: 50 };
  for (let i = 0; i < 30; i++) pace.learn(guess, 50);
  pace.learn(guess, 50_000); // another process had the GPU
  expect(pace.ms(guess)).toBeLessThan(100);
  const before = pace.ms(guess);
  for (const took of [0, -5, Number.NaN]) pace.learn(guess, took);
  pace.learn(noGuess(), 10);
  expect(pace.ms(guess)).toBe(before);
});

test('what was never measured is planned with caution and says so; a trial of the tuning counts as a measurement', () => {
  const pace = new Pace({ software: true });
  const guess = pace.guess(cost);
  expect([pace.isMeasured, pace.cautiousMsOf('matmul', guess) / pace.msOf('matmul', guess)]).toEqual([false, 4]);
  pace.set('matmul', cost, 20);
  expect(pace.isMeasured).toBe(true);
  expect(pace.cautiousMsOf('matmul', guess)).toBeCloseTo(20);
  expect(pace.cautiousMsOf('attention', guess)).toBeCloseTo(4 * guess);
  const kernel = { kind: 'matmul' as const, label: 'matmul.tile store f32 32→2', cost: () => cost };
  expect(pace.estimateMs([kernel, kernel], {})).toBeCloseTo(40);
});
