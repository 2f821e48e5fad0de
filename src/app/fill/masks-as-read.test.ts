import { expect, test } from 'vitest';
import type { Model } from '../../types.ts';
import { fakeModel } from '../testing/fake-model.ts';
import { masksAsRead } from './fill.ts';

/** A tokenizer that lowercases, and takes the blanks before a mask. */
const lowercasing: Model['tokenize'] = async text => {
  const offsets = Array.from(
    text.matchAll(/ *\[mask\]|\p{L}+/giu),
    found => [found.index, found.index + found[0].length] as [number, number],
  );
  const pieces = offsets.map(([start, end]) => text.slice(start, end).trim().toLowerCase());
  return {
    ids: [1, ...pieces.map(piece => (piece === '[mask]' ? 4 : 9)), 2],
    tokens: ['[CLS]', ...pieces, '[SEP]'],
    offsets: [[0, 0], ...offsets, [0, 0]],
  };
};

test('the masks of an answer are those that the tokenizer read, each with the word that it hid', async () => {
  const model = { ...fakeModel(), tokenize: lowercasing };
  const text = 'Une [mask] et une [MASK].';
  expect(await masksAsRead(model, text, [{ start: 18, end: 24, word: 'douleur' }])).toEqual([
    { start: 4, end: 10, word: null },
    { start: 18, end: 24, word: 'douleur' },
  ]);
});
