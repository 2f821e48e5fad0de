import { expect, test } from 'vitest';
import type { Progress } from '../../types.ts';
import { overallMeter } from './overall.ts';

const progress = (part: Partial<Progress>): Progress => ({ stage: 'download', done: 0, total: 100, unit: 'bytes', ...part });

test('the bar of a pull and its load never falls, whatever order the stages come in', () => {
  const overall = overallMeter();
  expect(overall(progress({ total: 0 }))).toBeNull();
  expect(overall(progress({ overall: 0.5 }))).toBeCloseTo(0.45);
  expect(overall(progress({ stage: 'verify', overall: 0.25 }))).toBeCloseTo(0.45);
  expect(overall(progress({ stage: 'quantize', overall: 1 }))).toBeCloseTo(0.9);
  // A notice without numbers moves nothing.
  expect(overall(progress({ stage: 'files', total: 0 }))).toBeCloseTo(0.9);
  expect(overall(progress({ stage: 'files', done: 100 }))).toBeCloseTo(0.97);
  expect(overall(progress({ stage: 'compile', done: 50 }))).toBeCloseTo(0.99);
  expect(overall(progress({ stage: 'tune', done: 100 }))).toBeCloseTo(0.99);
  expect(overall(progress({ stage: 'check', done: 100 }))).toBe(1);
  expect(overall(progress({ stage: 'run', done: 0 }))).toBe(1);
});

test('a load without a pull fills the whole bar by itself', () => {
  const overall = overallMeter();
  expect(overall(progress({ stage: 'files', done: 50 }))).toBeCloseTo(0.35);
  expect(overall(progress({ stage: 'tune', done: 200 }))).toBeCloseTo(0.85);
});
