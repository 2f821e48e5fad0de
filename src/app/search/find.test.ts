import { expect, test } from 'vitest';
import { fromHalf, toHalf } from './f16.ts';
import { fold, marksOf, term } from './fold.ts';
import { fuse } from './fuse.ts';
import type { Doc } from './state.ts';
import { WordIndex } from './words.ts';

test('words are compared without accents, case, ligatures and plural; small words are none', () => {
  expect([fold('Œdèmes'), fold('OEDEME'), fold('œdème')]).toEqual(['oedeme', 'oedeme', 'oedeme']);
  expect(fold('pas')).toBe('pas');
  expect(['Le', 'après', 'être', 'sans'].map(term)).toEqual([null, null, null, 'sans']);
});

test('marks stand at the words as they are written, decomposed ones too', () => {
  const text = 'Des œdèmes, une DYSPNE\u0301E.';
  expect(marksOf(text, new Set(['oedeme', 'dyspnee'])).map(([start, end]) => text.slice(start, end))).toEqual(['œdèmes', 'DYSPNE\u0301E']);
});

test('ranks are joined as the paper has it; a passage in both lists comes before the first of one', () => {
  const at = (passage: number) => ({ doc: 'd', passage });
  const hits = fuse(
    [
      { ...at(0), score: 9 },
      { ...at(1), score: 2 },
    ],
    [
      { ...at(2), cosine: 0.9 },
      { ...at(1), cosine: 0.8 },
    ],
    10,
  );
  expect(hits.map(({ passage }) => passage)).toEqual([1, 0, 2]);
  expect(hits[0]).toMatchObject({ score: 2 / 62, words: { rank: 2, score: 2 }, meaning: { rank: 2, cosine: 0.8 } });
  expect(hits[1]).toMatchObject({ score: 1 / 61, meaning: null });
  expect(fuse([{ ...at(0), score: 9 }], [{ ...at(2), cosine: 0.9 }], 1)).toHaveLength(1);
});

/** One document whose passages are these texts. */
function docOf(id: string, texts: readonly string[]): Doc {
  const passages = Uint32Array.from(texts.flatMap((text, part) => [part, 0, text.length]));
  return { id, name: id, kind: 'table', header: [], parts: texts.map(text => ({ text, columns: [] })), passages, done: 0 };
}

test('the words that are rare count more; the last word may be a beginning; documents come and go', async () => {
  const words = new WordIndex();
  const one = docOf('a', ['Douleur thoracique brutale', 'Douleur du genou', 'L’œdème du genou']);
  await words.update([one]);
  expect(words.find('douleur thoracique ', 5).map(({ passage }) => passage)).toEqual([0, 1]);
  expect(words.find('oedem', 5)).toMatchObject([{ doc: 'a', passage: 2, terms: ['oedeme'] }]);
  expect(words.find('oedem ', 5)).toEqual([]);
  expect(words.find('du', 5)).toEqual([]);
  await words.update([one, docOf('b', ['Thoracique'])]);
  expect(words.find('thoracique', 5).map(({ doc }) => doc)).toEqual(['b', 'a']);
  await words.update([docOf('b', ['Thoracique'])]);
  expect(words.find('thoracique douleur', 5).map(({ doc }) => doc)).toEqual(['b']);
});

test('f16 is the nearest: all 65 536 come back, and what lies between goes to the nearer one', () => {
  const all = Uint16Array.from({ length: 65536 }, (_, i) => i);
  const back = toHalf(fromHalf(all));
  const isNan = (value: number) => (value & 0x7c00) === 0x7c00 && (value & 0x3ff) !== 0;
  expect([...all].filter(value => !isNan(value) && back[value] !== value)).toEqual([]);
  const near = (value: number) => fromHalf(toHalf(Float32Array.of(value)))[0];
  expect([1 + 1 / 2048, 1 + 3 / 2048, 65504, 65519, 65520, 2 ** -25, 2 ** -24 * 1.5, -0.1].map(near)).toEqual([
    1,
    1 + 2 / 1024,
    65504,
    65504,
    Number.POSITIVE_INFINITY,
    0,
    2 ** -23,
    -0.0999755859375,
  ]);
});
