import fc from 'fast-check';
import { expect, test } from 'vitest';
import { findMasks } from '../../text/masks.ts';
import { carryMasks, hideWord, showAll, showWord, withoutSlots } from './masks.ts';
import { cutText, fillingOf, fillText, groupPieces, splitOwnWords } from './words.ts';

const words = (text: string) =>
  cutText(text)
    .pieces.filter(piece => piece.kind === 'word')
    .map(piece => text.slice(piece.start, piece.end));

const french = fc
  .array(fc.constantFrom('le', 'l’', 'hépatite', 'œdème', '37,5', '[MASK]', '<mask>', ' ', ' ', '. ', '\n', '«', '𝒜', '\ud800'), {
    maxLength: 30,
  })
  .map(parts => parts.join(''));

test('elisions and hyphens part words, decimals do not', () => {
  expect(words('L’hôpital a noté 37,5 °C, s’est-il plaint ? 12mg')).toEqual([
    'L',
    'hôpital',
    'a',
    'noté',
    '37,5',
    'C',
    's',
    'est',
    'il',
    'plaint',
    '12mg',
  ]);
});

test('combining accents stay with their letter', () => {
  expect(words('he\u0301patite')).toEqual(['he\u0301patite']);
});

test('the model’s own token alone is a mask, else both placeholders are', () => {
  expect(findMasks('a [MASK] b <mask> c ▁m', '▁m').map(m => m.start)).toEqual([20]);
  expect(findMasks('a [MASK] b <mask> c', '▁m').map(m => m.start)).toEqual([2, 11]);
  expect(findMasks('[mask]')).toEqual([]);
});

test('hiding a word writes a <mask> beside it as the model does, so that both stay masks', () => {
  const text = 'Un <mask> et un infarctus.';
  const { text: hidden, masks } = hideWord(text, carryMasks('', [], text, '[MASK]'), { start: 16, end: 25 }, '[MASK]');
  expect(hidden).toBe('Un [MASK] et un [MASK].');
  expect(masks.map(({ start, end }) => ({ start, end }))).toEqual(findMasks(hidden, '[MASK]'));
  expect(masks.map(mask => mask.word)).toEqual([null, 'infarctus']);
});

test('what no blank parts stands together, and the units join to the text again', () => {
  const units = (text: string) => groupPieces(cutText(text).pieces, text).map(unit => text.slice(unit[0]?.start, unit.at(-1)?.end));
  expect(units('(Douleur à l’effort, arrêt-cardiaque.)')).toEqual(['(Douleur', ' ', 'à', ' ', 'l’effort,', ' ', 'arrêt-cardiaque.)']);
  expect(units(' \n[MASK]:  37,5')).toEqual([' \n', '[MASK]:', '  ', '37,5']);
  fc.assert(
    fc.property(french, text => {
      expect(units(text).join('')).toBe(text);
      expect(units(text).filter(unit => /\s\S|\S\s/.test(unit))).toEqual([]);
    }),
  );
});

test('the pieces join to the text again', () => {
  fc.assert(
    fc.property(french, text => {
      expect(
        cutText(text)
          .pieces.map(piece => text.slice(piece.start, piece.end))
          .join(''),
      ).toBe(text);
    }),
  );
});

test('endless texts and words are cut short and do no harm', () => {
  for (const endless of [
    'x'.repeat(10_000_000),
    'a '.repeat(5_000_000),
    '1,'.repeat(5_000_000),
    '[MASK] '.repeat(1_000_000),
    'e\u0301'.repeat(5_000_000),
  ]) {
    expect(cutText(endless).complete).toBe(false);
  }
  const [mask] = carryMasks('', [], `${'x'.repeat(10_000_000)} [MASK]`);
  expect(mask?.start).toBe(10_000_001);
});

test('after the limit the strip stops and says so', () => {
  const { pieces, complete } = cutText('a b c d', undefined, 2);
  expect(complete).toBe(false);
  expect(pieces.at(-1)).toEqual({ kind: 'word', start: 2, end: 3 });
  expect(cutText('a b. ', undefined, 2).complete).toBe(true);
});

test('hiding words and showing them again, in any order, gives the text back', () => {
  fc.assert(
    fc.property(french, fc.array(fc.nat(), { maxLength: 5 }), fc.array(fc.nat(), { maxLength: 5 }), (start, hides, shows) => {
      let state = { text: start, masks: carryMasks('', [], start) };
      for (const pick of hides) {
        const found = cutText(state.text).pieces.filter(piece => piece.kind === 'word');
        const word = found[pick % found.length];
        if (word) state = hideWord(state.text, state.masks, word, '[MASK]');
        expect(state.masks.map(({ start, end }) => ({ start, end }))).toEqual(findMasks(state.text));
      }
      const order = [...shows, ...hides.map(() => 0)];
      for (const pick of order) {
        const ours = state.masks.flatMap((mask, i) => (mask.word === null ? [] : [i]));
        const index = ours[pick % ours.length];
        if (index !== undefined) state = showWord(state.text, state.masks, index);
      }
      // A <mask> is written as the model's own beside one of those.
      expect(state.text.replaceAll('<mask>', '[MASK]')).toBe(start.replaceAll('<mask>', '[MASK]'));
    }),
  );
});

test('an edit elsewhere leaves the hidden words known', () => {
  const hidden = hideWord('Douleur vive du bras', [], { start: 8, end: 12 }, '[MASK]');
  expect(hidden.text).toBe('Douleur [MASK] du bras');
  const after = `Grande ${hidden.text} droit`;
  const [mask] = carryMasks(hidden.text, hidden.masks, after.replace('Grande ', ''));
  expect(mask?.word).toBe('vive');
  expect(carryMasks(hidden.text, hidden.masks, `Grande ${hidden.text}`)[0]?.word).toBe('vive');
});

test('a mask that was written over is a new one', () => {
  const hidden = hideWord('a vive b', [], { start: 2, end: 6 }, '[MASK]');
  expect(carryMasks(hidden.text, hidden.masks, 'tout autre [MASK] texte')[0]?.word).toBeNull();
});

test('filled text keeps everything outside the masks and glues continuations', () => {
  const text = 'Une [MASK] et un <mask>.';
  const masks = findMasks(text);
  const fillings = [
    { token_str: 'ite', sequence: 'Uneite et un <mask>.' },
    { token_str: 'rhume', sequence: 'Une [MASK] et un rhume.' },
  ].map((prediction, i) => fillingOf(prediction, text, masks[i] ?? { start: -1, end: -1 }));
  const parts = fillText(text, masks, fillings);
  expect(parts.map(part => part.text).join('')).toBe('Uneite et un rhume.');
  expect(parts.filter(part => part.mask !== null).map(part => part.text)).toEqual(['ite', 'rhume']);
});

test('own words are parted by commas, semicolons and lines, each once', () => {
  expect(splitOwnWords(' infarctus, embolie ;\ninsuffisance rénale,, embolie')).toEqual(['infarctus', 'embolie', 'insuffisance rénale']);
});

test('a word of several tokens is hidden by as many masks, shown again as one, and scored in one place', () => {
  const given = 'Une pneumopathie et une douleur.';
  const once = hideWord(given, [], { start: 4, end: 16 }, '[MASK]', 2);
  expect(once.text).toBe('Une [MASK] [MASK] et une douleur.');
  const twice = hideWord(once.text, once.masks, { start: 25, end: 32 }, '[MASK]');
  expect(twice.text).toBe('Une [MASK] [MASK] et une [MASK].');
  expect(twice.masks.map(({ word, slot }) => [word, slot?.at])).toEqual([
    ['pneumopathie', 0],
    ['pneumopathie', 1],
    ['douleur', undefined],
  ]);
  expect(withoutSlots(twice.text, twice.masks)).toEqual({ text: 'Une [MASK] et une [MASK].', of: [0, 0, 1] });
  expect(showWord(twice.text, twice.masks, 1).text).toBe('Une pneumopathie et une [MASK].');
  expect(showWord(twice.text, twice.masks, 2)).toEqual(once);
  const { text, masks, move } = showAll(twice.text, twice.masks);
  expect([text, masks]).toEqual([given, []]);
  expect([0, 17, 21].map(move)).toEqual([0, 16, 20]);
  // An edit before them keeps them; one of them edited away, the word is no longer known.
  const moved = carryMasks(twice.text, twice.masks, `Oui. ${twice.text}`, '[MASK]');
  expect(moved.map(({ start, word }) => [start, word])).toEqual(twice.masks.map(({ start, word }) => [start + 5, word]));
  expect(carryMasks(twice.text, twice.masks, 'Une [MASK] et une [MASK].', '[MASK]').map(({ word, slot }) => [word, slot])).toEqual([
    [null, undefined],
    ['douleur', undefined],
  ]);
});
