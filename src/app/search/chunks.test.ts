import fc from 'fast-check';
import { expect, test } from 'vitest';
import { cut, paragraphs, sentences } from './chunks.ts';

const shown = (text: string, spans: readonly (readonly [number, number])[]) => spans.map(([start, end]) => text.slice(start, end));

/** A tokenizer of three letters a token, as one that knows no spaces. */
const threeLetters = async (piece: string): Promise<[number, number][]> =>
  [...piece.matchAll(/\S{1,3}/g)].map(({ 0: token, index }) => [index, index + token.length]);

test('sentences end where a reader would end them: not after an abbreviation or in a number; a line ends one', () => {
  const text = 'Vu par le Dr. Martin, cf. scanner. Créatinine à 9.5 mg/L ?  Non.\nTA 12/8\n---\n\n  Sortie.';
  expect(shown(text, sentences(text))).toEqual([
    'Vu par le Dr. Martin, cf. scanner.',
    'Créatinine à 9.5 mg/L ?',
    'Non.',
    'TA 12/8',
    'Sortie.',
  ]);
});

test('a sentence without end is cut between words', () => {
  const text = 'douleur '.repeat(500).trim();
  const parts = shown(text, sentences(text));
  expect(parts.length).toBeGreaterThan(2);
  expect(parts.every(part => part.length <= 1500 && /^(douleur )*douleur$/.test(part))).toBe(true);
  expect(parts.join(' ')).toBe(text);
});

test('paragraphs: between blank lines, else a line each; a very long one is cut between its sentences', () => {
  expect(shown('Un.\nSuite.\n \nDeux.', paragraphs('Un.\nSuite.\n \nDeux.'))).toEqual(['Un.\nSuite.', 'Deux.']);
  expect(shown('Un.\nDeux.', paragraphs('Un.\nDeux.'))).toEqual(['Un.', 'Deux.']);
  const long = 'La patiente tousse depuis trois jours. '.repeat(80).trim();
  const parts = shown(long, paragraphs(long));
  expect(parts.every(part => part.length <= 1500 && part.endsWith('jours.'))).toBe(true);
  expect(parts.join(' ')).toBe(long);
});

test('tokens: as many as fit, never within a word; a word of too many stands alone', async () => {
  const text = 'toux fièvre et immunohistochimie hier';
  // 2 + 2 + 1, 6, 2.
  expect(shown(text, await cut(text, { mode: 'tokens', tokens: 5 }, threeLetters))).toEqual([
    'toux fièvre et',
    'immunohistochimie',
    'hier',
  ]);
});

test('whatever the text, passages are in order, apart, trimmed, and leave out no letter', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(fc.constantFrom('Toux', 'é', ' ', '\n', '\n\n', '.', '!', 'Dr.', '😀', 'مريض', '—', 'x'.repeat(2500), ' '.repeat(2100)), {
        maxLength: 40,
      }),
      fc.constantFrom('sentence', 'paragraph', 'tokens'),
      async (pieces, mode) => {
        const text = pieces.join('');
        const spans = await cut(text, { mode, tokens: 8 }, threeLetters);
        let at = 0;
        let between = '';
        for (const [start, end] of spans) {
          expect(start).toBeGreaterThanOrEqual(at);
          expect(end).toBeGreaterThan(start);
          expect(text.slice(start, end).trim()).toBe(text.slice(start, end));
          between += text.slice(at, start);
          at = end;
        }
        expect(between + text.slice(at)).not.toMatch(/[\p{L}\p{N}]/u);
      },
    ),
    { numRuns: 200 },
  );
});
