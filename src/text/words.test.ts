import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { tokensOf, words } from './words.ts';

const list = (text: string) => words(text).map(w => w.text);

describe('words', () => {
  it.each([
    ["L'infarctus n’est pas d'origine", ["L'", 'infarctus', 'n’', 'est', 'pas', "d'", 'origine']],
    ["Aujourd'hui, jusqu'à 12,5 mg", ["Aujourd'hui", "jusqu'", 'à', '12,5', 'mg']],
    ['un bêta-bloquant post-opératoire', ['un', 'bêta-bloquant', 'post-opératoire']],
    ['Est-ce celui-ci ? Y a-t-il', ['Est', 'ce', 'celui', 'ci', 'Y', 'a', 't', 'il']],
    ["l'électro-encéphalogramme", ["l'", 'électro-encéphalogramme']],
    ['a - b, -c', ['a', 'b', 'c']],
    ['Une [MASK] aiguë <mask>.', ['Une', '[MASK]', 'aiguë', '<mask>']],
    ['élève 😀 fin', ['élève', 'fin']],
    ['', []],
    [' \n ', []],
  ])('%s', (text, expected) => {
    expect(list(text)).toEqual(expected);
  });

  it('marks placeholders', () => {
    expect(words('a [MASK]').map(w => w.isMask)).toEqual([false, true]);
    expect(words('a <x>', '<x>').at(-1)).toEqual({ start: 2, end: 5, text: '<x>', isMask: true });
  });

  it('gives disjoint ranges in order that hold their text (property)', () => {
    const part = fc.oneof(
      fc.constantFrom("l'", '-', '[MASK]', ' ', 'œdème', '12,5', '\ud83d', '👩‍👧'),
      fc.string({ unit: 'grapheme', maxLength: 4 }),
    );
    fc.assert(
      fc.property(
        fc.array(part, { maxLength: 15 }).map(p => p.join('')),
        text => {
          let end = 0;
          for (const word of words(text)) {
            expect(word.start).toBeGreaterThanOrEqual(end);
            expect(word.end).toBeGreaterThan(word.start);
            expect(text.slice(word.start, word.end)).toBe(word.text);
            end = word.end;
          }
        },
      ),
      { seed: 20261122, numRuns: 400 },
    );
  });
});

describe('tokensOf', () => {
  it('finds the tokens of each word, special ones left out', () => {
    const text = "L'infarctus aigu";
    const offsets: [number, number][] = [
      [0, 0],
      [0, 2],
      [2, 6],
      [6, 11],
      [12, 16],
      [0, 0],
    ];
    expect(tokensOf(words(text), offsets)).toEqual([
      [1, 2],
      [2, 4],
      [4, 5],
    ]);
  });

  it('gives a token that spans two words to both, and none to a word that was cut off', () => {
    const ranges = [
      { start: 0, end: 2 },
      { start: 2, end: 4 },
      { start: 5, end: 6 },
    ];
    expect(tokensOf(ranges, [[0, 4]])).toEqual([
      [0, 1],
      [0, 1],
      [1, 1],
    ]);
    expect(tokensOf(ranges, [])).toEqual([
      [0, 0],
      [0, 0],
      [0, 0],
    ]);
  });
});
