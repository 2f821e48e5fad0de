import fc from 'fast-check';
import { expect, test } from 'vitest';
import { wordsOf } from '../../text/read-words.ts';
import type { Surprisal } from '../../types.ts';
import { blocksOf, STEPS, scaleOf, stepBegin, stepOf, surprising } from './words.ts';

/** An answer whose tokens are `tokens`, each at its first place behind the one before; its bits are its length. */
function answerOf(text: string, tokens: readonly string[]): Surprisal {
  let at = 0;
  const offsets = tokens.flatMap(token => {
    const start = text.indexOf(token, at);
    at = start + token.length;
    return [start, at];
  });
  const count = tokens.length;
  return {
    mode: 'fast',
    from: 0,
    total: count,
    ids: Uint32Array.from(tokens, (_, i) => i),
    offsets: Uint32Array.from(offsets),
    bits: Float32Array.from(tokens, token => token.trim().length),
    ranks: Uint32Array.from(tokens, (_, i) => i + 1),
    entropy: new Float32Array(count),
    topK: 1,
    bestIds: new Uint32Array(count),
    bestBits: new Float32Array(count).fill(1),
    strings: { 0: ' mot' },
    windows: [],
  };
}

test('tokens that touch are one word with the sum of their bits; blanks belong to none', () => {
  const text = 'Une pneumopathie, 1,5 g.';
  const words = wordsOf(text, answerOf(text, ['Une', ' pneumo', 'pathie', ',', ' 1', ',', '5', ' g', '.']));
  expect(words.map(({ start, end }) => text.slice(start, end))).toEqual(['Une', 'pneumopathie', ',', '1,5', 'g', '.']);
  expect(words[1]).toMatchObject({ tokens: 2, bits: 12, rank: null, best: [{ word: ' mot', bits: 1 }] });
  expect(words[0]).toMatchObject({ tokens: 1, rank: 1 });
});

test('a portion that begins within a word goes on with it', () => {
  const text = 'Une pneumopathie';
  const whole = answerOf(text, ['Une', 'pneumo', 'pathie']);
  const part = (from: number, to: number): Surprisal => ({
    ...whole,
    bits: whole.bits.slice(from, to),
    ranks: whole.ranks.slice(from, to),
    offsets: whole.offsets.slice(2 * from, 2 * to),
    bestIds: whole.bestIds.slice(from, to),
    bestBits: whole.bestBits.slice(from, to),
  });
  const first = wordsOf(text, part(0, 2));
  expect(wordsOf(text, part(2, 3), first)).toEqual(wordsOf(text, whole));
  expect(first[1]?.tokens).toBe(1);
});

test('steps grow with the bits, begin where the legend says, and cover the scale', () => {
  const words = wordsOf('', answerOf('', []));
  expect(scaleOf('', words)).toEqual({ mean: 0, deviation: 1 });
  const scale = { mean: 1, deviation: 0.6 };
  for (let step = 2; step <= STEPS; step++) {
    expect(stepOf(stepBegin(step, scale) + 1e-6, scale)).toBe(step);
    expect(stepOf(stepBegin(step, scale) - 1e-6, scale)).toBe(step - 1);
  }
  fc.assert(
    fc.property(fc.double({ min: 0, max: 60, noNaN: true }), fc.double({ min: 0, max: 60, noNaN: true }), (a, b) => {
      expect(stepOf(Math.min(a, b), scale)).toBeLessThanOrEqual(stepOf(Math.max(a, b), scale));
      expect([1, 2, 3, 4, 5]).toContain(stepOf(a, scale));
    }),
  );
});

test('punctuation is never a surprising word', () => {
  const text = 'Fièvre ------- anormale';
  const words = wordsOf(text, answerOf(text, ['Fièvre', '-------', 'anormale']));
  expect(surprising(text, words, 7)).toEqual([2]);
  expect(surprising(text, words, 6)).toEqual([0, 2]);
});

test('blocks join to the text and hold every word once, whatever its lines', () => {
  const piece = fc.constantFrom('fièvre', 'à', ' ', '\n', '\n\n', '.', '39');
  fc.assert(
    fc.property(fc.array(piece, { maxLength: 300 }), pieces => {
      const text = pieces.join('');
      const words = wordsOf(text, answerOf(text, text.match(/[\p{L}\p{N}]+|\./gu) ?? []));
      const blocks = blocksOf(text, words);
      expect(blocks.map(({ start, end }) => text.slice(start, end)).join('')).toBe(text);
      expect(blocks.flatMap(({ first, last }) => words.slice(first, last))).toEqual(words);
      for (const { start, end, first, last } of blocks)
        for (const word of words.slice(first, last)) expect(word.start >= start && word.end <= end).toBe(true);
    }),
  );
});
