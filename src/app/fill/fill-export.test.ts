import { expect, test } from 'vitest';
import type { Prediction } from '../../types.ts';
import { dictionaryOf } from '../i18n/dictionaries.ts';
import { fillCsv, fillJson } from './fill-export.ts';
import type { FillResult } from './state.ts';

const text = `${'Le patient est suivi depuis longtemps. '.repeat(100)}Une [MASK] et une [MASK].`;
const [first, second] = [text.indexOf('[MASK]'), text.lastIndexOf('[MASK]')];
const prediction = (at: number, score: number, token: number, word: string, part: Partial<Prediction> = {}): Prediction => ({
  score,
  token,
  token_str: word,
  sequence: text.slice(0, at) + word + text.slice(at + 6),
  ...part,
});

/** Two masks, the first over "atteinte", which is among its best words; "anatomopathologie" has three tokens; "☃" none. */
const result: FillResult = {
  text,
  masks: [
    { start: first, end: first + 6, word: 'atteinte' },
    { start: second, end: second + 6, word: null },
  ],
  truncated: false,
  ownWords: ['atteinte', 'anatomopathologie', '☃'],
  groups: [
    [prediction(first, 0.5, 7, 'atteinte'), prediction(first, 0.25, 8, 'lésion')],
    [prediction(second, 0.4, 9, 'fièvre'), prediction(second, 0.2, 7, 'atteinte')],
  ],
  targets: [first, second].map((at, mask) => [
    prediction(at, mask === 0 ? 0.5 : 0.2, 7, 'atteinte', { target: 'atteinte', target_tokens: 1, rank: mask + 1 }),
    prediction(at, 0.001, 55, 'anatom', { target: 'anatomopathologie', target_tokens: 3, rank: 40 }),
  ]),
  elapsedMs: 1,
};

test('CSV: each word once a mask, what scored it, and text and completed sentence once', () => {
  const csv = fillCsv(result, [1, 0], 'en', dictionaryOf('en'));
  const rows = csv.trim().split('\r\n');
  expect(rows).toHaveLength(1 + 2 * 4);
  expect(rows.filter(row => /,atteinte,/.test(row))).toEqual([
    expect.stringContaining('1,1,atteinte,masked word,1,the whole word,7,0.5,'),
    expect.stringContaining('2,2,atteinte,your words,1,the whole word,7,0.2,'),
  ]);
  expect(rows[3]).toContain('1,40,anatomopathologie,your words,3,"its first token, “anatom”",55,0.001,');
  expect(rows[4]).toContain('1,,☃,your words,,');
  expect(csv.split('longtemps').length - 1).toBe(200);
  expect(csv).toContain('Une lésion et une fièvre.');
  expect(csv.length).toBeLessThan(3 * text.length);
});

test('JSON: text and completed sentence once, every mask filled by its chosen word, first tokens flagged', () => {
  const json = fillJson(result, [1, 0], null);
  expect(json.split('longtemps').length - 1).toBe(200);
  const read = JSON.parse(json) as { filled: { text: string }; predictions: unknown[][]; targets: { target: string }[][] };
  expect(read).toMatchObject({ text, filled: { words: ['lésion', 'fièvre'] }, masks: [{ word: 'atteinte' }, { word: null }] });
  expect(read.filled.text.endsWith('Une lésion et une fièvre.')).toBe(true);
  expect(read.predictions).toEqual([
    [
      { score: 0.5, token: 7, token_str: 'atteinte' },
      { score: 0.25, token: 8, token_str: 'lésion' },
    ],
    [
      { score: 0.4, token: 9, token_str: 'fièvre' },
      { score: 0.2, token: 7, token_str: 'atteinte' },
    ],
  ]);
  expect(read.targets.map(words => words.map(word => word.target))).toEqual([result.ownWords, result.ownWords]);
  expect(read.targets[0]?.[1]).toMatchObject({
    asked: 'own',
    score: 0.001,
    rank: 40,
    tokens: 3,
    scored_by: 'first token',
    token_str: 'anatom',
  });
  expect(read.targets[0]?.[2]).toMatchObject({ target: '☃', score: null, reason: 'not in the vocabulary' });
});
