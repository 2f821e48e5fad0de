import { expect, test } from 'vitest';
import type { LibraryModel } from '../../library/types.ts';
import type { Progress } from '../../types.ts';
import { sizeOf } from '../models/model-size.ts';
import { choiceOfEntry, entryOf, isSameModel } from './kept.ts';
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

test('sizes follow from the shapes: 756 MB of bf16 become 229 MB', () => {
  const large = sizeOf({ language: 'fr', size: 'large' }, 'q4');
  expect(large.fetchBytes / 1e6).toBeCloseTo(755.7, 1);
  // 344 287 232 weights at 4.5 bits and 33 554 432 at 8.5.
  expect(large.keptBytes).toBe((344_287_232 * 4.5 + 33_554_432 * 8.5) / 8);
  expect(sizeOf({ language: 'en', size: 'base' }, 'f32').keptBytes).toBe(149_655_232 * 4);
});

const hub = 'https://huggingface.co';
const commit = '0123456789abcdef0123456789abcdef01234567';
const entry = (part: Partial<LibraryModel> = {}): LibraryModel => ({
  key: 'k',
  name: 'a/b',
  origin: { kind: 'hub', hub, id: 'a/b', revision: 'main', commit },
  state: 'ready',
  dtype: 'q4',
  bytes: 1,
  download: null,
  licence: null,
  savedAt: 0,
  announced: true,
  ...part,
});

test('an entry belongs to a choice by hub, id, and revision by name or commit', () => {
  const is = (revision?: string, base = hub, id = 'a/b') => isSameModel(entry(), { kind: 'hub', id, revision }, base);
  expect(is()).toBe(true);
  expect(is(undefined, `${hub}/`)).toBe(true);
  expect(is(undefined, hub, 'A/B')).toBe(true);
  expect(is('0123456')).toBe(true);
  expect(is('v2')).toBe(false);
  expect(is('0123457')).toBe(false);
  expect(is(undefined, 'https://mirror.example')).toBe(false);
  expect(isSameModel(entry(), { kind: 'mini' }, hub)).toBe(false);
});

test('the entry of a load is that of its format, and a whole one before one on its way', () => {
  const models = [entry({ key: 'on-its-way', state: 'partial' }), entry({ key: 'whole' }), entry({ key: 'other', dtype: 'f16' })];
  const keyFor = (dtype: 'auto' | 'f16' | 'q8') => entryOf(models, { choice: { kind: 'hub', id: 'a/b' }, dtype, hub })?.key;
  expect(keyFor('auto')).toBe('whole');
  expect(keyFor('f16')).toBe('other');
  expect(keyFor('q8')).toBeUndefined();
});

test('an entry that the hub in use does not know is loaded by its key', () => {
  expect(choiceOfEntry(entry(), hub)).toEqual({ choice: { kind: 'hub', id: 'a/b', revision: undefined }, dtype: 'q4' });
  const byKey = { choice: { kind: 'kept', key: 'k', name: 'a/b' }, dtype: 'auto' };
  expect(choiceOfEntry(entry(), 'https://mirror.example')).toEqual(byKey);
  expect(choiceOfEntry(entry({ dtype: 'original' }), hub)).toEqual(byKey);
  expect(choiceOfEntry(entry({ origin: { kind: 'files', name: 'a/b' } }), hub)).toEqual(byKey);
});
