import { expect, test } from 'vitest';
import type { Prediction, TargetScore } from '../../types.ts';
import { dictionaryOf } from '../i18n/dictionaries.ts';
import { fillCsv, fillJson } from './fill-export.ts';
import { type FillResult, initialFill } from './state.ts';

const text = `${'Le patient est suivi depuis longtemps. '.repeat(100)}Une [MASK] et une [MASK].`;
const [first, second] = [text.indexOf('[MASK]'), text.lastIndexOf('[MASK]')];
const prediction = (at: number, score: number, token: number, word: string, part: Partial<Prediction> = {}): Prediction => ({
  score,
  token,
  token_str: word,
  sequence: text.slice(0, at) + word + text.slice(at + 6),
  ...part,
});

const token = (target: string, score: number, rank: number): TargetScore => ({
  target,
  status: 'scored',
  tokens: [target],
  method: 'token',
  score,
  logProb: Math.log(score),
  rank,
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
  ranks: [
    [1, 2],
    [1, 2],
  ],
  rest: [0.25, 0.4],
  entropy: [2, 3],
  targets: [first, second].map((_, mask): TargetScore[] => [
    token('atteinte', mask === 0 ? 0.5 : 0.2, mask + 1),
    {
      target: 'anatomopathologie',
      status: 'scored',
      tokens: ['anatom', '##opath', '##ologie'],
      method: 'pll',
      score: 0.001,
      logProb: Math.log(0.001),
      rank: null,
    },
    { target: '☃', status: 'unknown', tokens: [], method: null, score: 0, logProb: -Infinity, rank: null },
  ]),
  elapsedMs: 1,
  prepared: false,
};
const fill = { ...initialFill, text, masks: result.masks, result, selected: [1, 0] };

test('CSV: each word once a mask, what scored it, and text and completed sentence once', () => {
  const csv = fillCsv(result, fill, 'en', dictionaryOf('en'));
  const rows = csv.trim().split('\r\n');
  expect(rows).toHaveLength(1 + 2 * 4);
  expect(rows.filter(row => /,atteinte,/.test(row))).toEqual([
    expect.stringContaining('1,1,atteinte,masked word,1,the whole word,7,0.5,'),
    expect.stringContaining('2,2,atteinte,your words,1,the whole word,7,0.2,'),
  ]);
  expect(rows[3]).toContain('1,,anatomopathologie,your words,3,pseudo-log-likelihood of anatom ##opath ##ologie,,0.001,');
  expect(rows[4]).toContain('1,,☃,your words,,');
  expect(csv.split('longtemps').length - 1).toBe(200);
  expect(csv).toContain('Une lésion et une fièvre.');
  expect(csv.length).toBeLessThan(3 * text.length);
});

test('JSON: text and completed sentence once, every mask filled by its chosen word, how each asked word was scored', () => {
  const json = fillJson(result, fill, null);
  expect(json.split('longtemps').length - 1).toBe(200);
  const read = JSON.parse(json) as { filled: { text: string }; predictions: unknown[][]; targets: { target: string }[][] };
  expect(read).toMatchObject({ text, filled: { words: ['lésion', 'fièvre'] }, masks: [{ word: 'atteinte' }, { word: null }] });
  expect(read.filled.text.endsWith('Une lésion et une fièvre.')).toBe(true);
  expect(read.predictions).toEqual([
    [
      { score: 0.5, token: 7, token_str: 'atteinte', rank: 1 },
      { score: 0.25, token: 8, token_str: 'lésion', rank: 2 },
    ],
    [
      { score: 0.4, token: 9, token_str: 'fièvre', rank: 1 },
      { score: 0.2, token: 7, token_str: 'atteinte', rank: 2 },
    ],
  ]);
  expect(read.targets.map(words => words.map(word => word.target))).toEqual([result.ownWords, result.ownWords]);
  expect(read.targets[0]?.[1]).toMatchObject({
    asked: 'own',
    score: 0.001,
    rank: null,
    tokens: ['anatom', '##opath', '##ologie'],
    scored_by: 'pseudo-log-likelihood, within the word from left to right',
  });
  expect(read.targets[0]?.[2]).toMatchObject({ target: '☃', score: null, reason: 'not in the vocabulary' });
});
