import { expect, test } from 'vitest';
import type { Io } from './command.ts';
import { runProgress } from './run-progress.ts';

function run(stderrIsTerminal: boolean) {
  let time = 0;
  const [notes, statuses]: [string[], string[]] = [[], []];
  const io = { note: (text: string) => notes.push(text), status: (text: string) => statuses.push(text), stderrIsTerminal } as unknown as Io;
  const tell = runProgress(io, 'tokens', () => time);
  return {
    notes,
    statuses,
    at(ms: number, done: number) {
      time = ms;
      tell({ stage: 'run', done, total: 200, unit: 'items' });
    },
    tell,
  };
}

test('a terminal sees each step and the time that is left, and no further lines', () => {
  const { notes, statuses, at } = run(true);
  at(0, 0);
  at(20_000, 50.5);
  at(80_000, 200);
  expect(statuses).toEqual(['0 of 200 tokens (0 %)', '50 of 200 tokens (25 %), 60 s left', '200 of 200 tokens (100 %)']);
  expect(notes).toEqual([]);
});

test('a log gets a line every ten seconds; notices at once', () => {
  const { notes, at, tell } = run(false);
  for (let second = 1; second <= 25; second++) at(1000 * second, second);
  expect(notes).toEqual(['affinage: 10 of 200 tokens (5 %), 4 min left', 'affinage: 20 of 200 tokens (10 %), 3 min left']);
  tell({ stage: 'run', done: 0, total: 0, unit: 'items', notice: 'Computed in f32.' });
  expect(notes.at(-1)).toBe('affinage: Computed in f32.');
});
