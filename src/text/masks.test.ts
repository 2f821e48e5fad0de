import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { findMasks, prepareMasks, splice } from './masks.ts';

const chunk = fc.oneof(
  fc.constantFrom('[MASK]', '<mask>', '<M>', '[MAS', 'K]', '[[MASK]]', 'l’', ' ', '  ', '\n', '😀', 'é', 'une forme', '##', '\ud800'),
  fc.string({ unit: 'grapheme', maxLength: 6 }),
);
const anyText = fc.array(chunk, { maxLength: 20 }).map(parts => parts.join(''));

describe('prepareMasks', () => {
  it('accepts the own token alone, else [MASK], [MASQUE], <mask> and a gap of three strokes or more', () => {
    expect(findMasks('a [MASQUE] ___ b __ <mask>_____', '<M>').map(({ start, end }) => [start, end])).toEqual([
      [2, 10],
      [11, 14],
      [20, 26],
      [26, 31],
    ]);
    expect(prepareMasks('a [MASK] b <mask> c <M>', '<M>').masks).toEqual([{ start: 20, end: 23 }]);
    const { text, masks } = prepareMasks('a [MASK] b <mask> c', '<M>');
    expect(text).toBe('a <M> b <M> c');
    expect(masks).toEqual([
      { start: 2, end: 8 },
      { start: 11, end: 17 },
    ]);
  });

  it('leaves a text without masks alone', () => {
    const { text, masks, toOriginal } = prepareMasks('[mask] < mask >', '[MASK]');
    expect([text, masks, toOriginal(2, 5)]).toEqual(['[mask] < mask >', [], [2, 5]]);
  });

  it('widens a range that cuts a mask, and keeps one beside it', () => {
    const { text, toOriginal } = prepareMasks('ab<mask>cd', '[MASK]');
    expect(text).toBe('ab[MASK]cd');
    expect(toOriginal(0, 2)).toEqual([0, 2]);
    expect(toOriginal(4, 6)).toEqual([2, 8]);
    expect(toOriginal(2, 8)).toEqual([2, 8]);
    expect(toOriginal(8, 10)).toEqual([8, 10]);
    expect(toOriginal(8, 8)).toEqual([8, 8]);
  });

  it('carries every range of plain text back to the same text (property)', () => {
    fc.assert(
      fc.property(anyText, fc.constantFrom('[MASK]', '<mask>', '<M>', '\u2753'), (original, own) => {
        const { text, masks, toOriginal } = prepareMasks(original, own);
        expect(masks).toEqual(findMasks(original, own));
        const placed = findMasks(text, own).filter(m => text.slice(m.start, m.end) === own);
        expect(placed.length).toBeGreaterThanOrEqual(masks.length);
        let from = 0;
        let shift = 0;
        for (const mask of [...masks, { start: original.length, end: original.length }]) {
          for (let i = from; i < mask.start; i++) {
            const [a, b] = toOriginal(i + shift, i + 1 + shift);
            expect([a, b]).toEqual([i, i + 1]);
            expect(text[i + shift]).toBe(original[i]);
          }
          if (mask.end > mask.start)
            expect(toOriginal(mask.start + shift, mask.start + shift + own.length)).toEqual([mask.start, mask.end]);
          shift += own.length - (mask.end - mask.start);
          from = mask.end;
        }
      }),
      { seed: 20261122, numRuns: 400 },
    );
  });
});

describe('splice', () => {
  const at = (text: string, nth = 0) => findMasks(text)[nth] ?? { start: 0, end: 0 };

  it('replaces one mask and leaves the others as typed', () => {
    const text = 'Une [MASK]  aiguë <mask>.';
    expect(splice(text, at(text), 'forme', false)).toBe('Une forme  aiguë <mask>.');
    expect(splice(text, at(text, 1), 'grave', false)).toBe('Une [MASK]  aiguë grave.');
  });

  it('joins a continuing piece to the word before it', () => {
    const text = 'La bronch \n[MASK] aiguë';
    expect(splice(text, at(text), '##ite', true)).toBe('La bronchite aiguë');
    expect(splice('bronch[MASK]', at('bronch[MASK]'), '##ite', true)).toBe('bronchite');
    expect(splice('é𝒳 [MASK]', at('é𝒳 [MASK]'), '##ite', true)).toBe('é𝒳ite');
  });

  it('keeps white space where no word stands before a continuing piece', () => {
    expect(splice(' [MASK]', { start: 1, end: 7 }, '##ite', true)).toBe(' ite');
    expect(splice('a: [MASK]', { start: 3, end: 9 }, '##ite', true)).toBe('a: ite');
  });

  it('brings the space of a byte-level token only where none stands', () => {
    expect(splice('une [MASK].', { start: 4, end: 10 }, ' forme', false)).toBe('une forme.');
    expect(splice('une[MASK].', { start: 3, end: 9 }, ' forme', false)).toBe('une forme.');
    expect(splice('[MASK].', { start: 0, end: 6 }, ' Forme', false)).toBe('Forme.');
  });

  it('shows a prefix that is the token itself', () => {
    expect(splice('[MASK]', { start: 0, end: 6 }, '##', false)).toBe('##');
  });

  it('changes nothing outside the mask (property)', () => {
    fc.assert(
      fc.property(anyText, fc.string({ maxLength: 5 }), fc.boolean(), (text, piece, continues) => {
        for (const span of findMasks(text)) {
          const filled = splice(text, span, continues ? `##${piece}` : piece, continues);
          const before = text.slice(0, span.start);
          const after = text.slice(span.end);
          expect(filled.endsWith(after)).toBe(true);
          const head = filled.slice(0, filled.length - after.length);
          if (continues) {
            const joined = head.slice(0, head.length - piece.length);
            expect(head.endsWith(piece)).toBe(true);
            expect(before.startsWith(joined)).toBe(true);
            expect(before.slice(joined.length).trim()).toBe('');
          } else {
            expect(head.startsWith(before)).toBe(true);
            expect([piece, piece.slice(1)]).toContain(head.slice(before.length));
          }
        }
      }),
      { seed: 20261122, numRuns: 400 },
    );
  });
});
