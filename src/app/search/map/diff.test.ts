import fc from 'fast-check';
import { expect, test } from 'vitest';
import { diffWords } from './diff.ts';

/** [-gone-] and {+new+}. */
const written = (a: string, b: string) =>
  diffWords(a, b)
    .map(({ text, kind }) => (kind === 'same' ? text : kind === 'gone' ? `[-${text}-]` : `{+${text}+}`))
    .join('');

test('words that differ are marked, and only they', () => {
  expect(written('Toux sèche.', 'Toux sèche.')).toBe('Toux sèche.');
  expect(written('Fracture du poignet gauche.', 'Fracture du poignet droit.')).toBe('Fracture du poignet [-gauche-]{+droit+}.');
  expect(written('Fièvre à 39 depuis hier', 'Fièvre depuis hier soir')).toBe('Fièvre [-à 39 -]depuis hier{+ soir+}');
  expect(written('', 'Toux')).toBe('{+Toux+}');
  expect(written('Toux', '')).toBe('[-Toux-]');
  expect(written('a b c d', 'c b x d')).toBe('[-a-]{+c+} b [-c-]{+x+} d');
});

test('both texts come back from the pieces', () => {
  const words = fc.array(fc.constantFrom('a', 'b', 'c', ' ', '.'), { maxLength: 12 }).map(list => list.join(''));
  fc.assert(
    fc.property(words, words, (a, b) => {
      const pieces = diffWords(a, b);
      const text = (...kinds: string[]) =>
        pieces
          .filter(({ kind }) => kinds.includes(kind))
          .map(piece => piece.text)
          .join('');
      expect(text('same', 'gone')).toBe(a);
      expect(text('same', 'new')).toBe(b);
    }),
  );
});

test('texts too long to be compared word by word are still told apart', () => {
  const long = (word: string) => Array.from({ length: 3000 }, (_, i) => `${word}${i}`).join(' ');
  const pieces = diffWords(`début ${long('a')} fin`, `début ${long('b')} fin`);
  expect(pieces.map(({ kind }) => kind)).toEqual(['same', 'gone', 'new', 'same']);
  expect(pieces[0]?.text).toBe('début ');
});
