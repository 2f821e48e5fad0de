import { expect, test } from 'vitest';
import type { LibraryModel } from '../../library/types.ts';
import { choiceOfEntry, entryOf, isSameModel } from './kept.ts';

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
