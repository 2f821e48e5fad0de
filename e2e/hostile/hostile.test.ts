/** A short form of `npm run test:hostile`, and a test that the run notices each kind of fault. */
import { existsSync } from 'node:fs';
import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { isFailure, type Result, runHostile, summary } from './lead.ts';
import { traps } from './targets/trap.ts';

const root = fileURLToPath(new URL('../..', import.meta.url));
const seed = 1;
const count = 400;
let folder: string;
let results: Result[];

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'affinage-hostile-inputs-'));
  // Negative numbers are traps: a target that commits each kind of fault on purpose.
  const indices = [...traps.map((_, i) => -1 - i), ...Array.from({ length: count }, (_, i) => i)];
  results = await runHostile({ root, seed, indices, folder });
});
afterAll(() => rm(folder, { recursive: true, force: true }));

test(`${count} hostile files: each is refused with the right error, or read right`, () => {
  const real = results.filter(({ index }) => index >= 0);
  expect(real.filter(isFailure)).toEqual([]);
  expect(new Set(real.map(({ target }) => target)).size).toBeGreaterThan(15);
  expect(summary(real, seed, 0)).toMatch(/^400 hostile inputs, seed 1: typed 400 .*untyped 0, hang 0, crash 0, silent 0;/);
});

test('a hang, a wait without end, a crash, memory without end, an untyped error and a wrong answer are told apart, and written down', async () => {
  const told = Object.fromEntries(results.filter(({ index }) => index < 0).map(({ index, outcome }) => [traps[-1 - index], outcome]));
  expect(told).toEqual({
    typed: 'refused',
    accepted: 'accepted',
    untyped: 'untyped',
    silent: 'silent',
    hang: 'hang',
    wait: 'hang',
    crash: 'crash',
    memory: 'crash',
  });
  expect(existsSync(folder)).toBe(true);
  expect(await readdir(folder)).toHaveLength(6);
});
