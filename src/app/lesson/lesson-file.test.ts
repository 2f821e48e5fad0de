import { describe, expect, it } from 'vitest';
import { carryMasks, hideWord } from '../lib/masks.ts';
import { lessonText, MOST_CHARACTERS, MOST_SENTENCES, parseLesson, sentencesOf } from './lesson-file.ts';

const lessonOf = (text: string) => {
  const parsed = parseLesson(text);
  if ('problem' in parsed) throw new Error(parsed.problem.kind);
  return parsed.lesson;
};
const hiddenWords = (text: string) =>
  lessonOf(text).sentences.map(({ text: shown, hidden }) => hidden.map(({ start, end }) => shown.slice(start, end)));

describe('a lesson', () => {
  it('has a title, and a sentence a line with masks or words in braces; blank lines do not count', () => {
    const text = '# Cardiologie\r\n\r\nUne {nécrose} du {myocarde}.\nLa [MASK] est __.\n\nUn ___ aigu.';
    expect(lessonOf(text)).toEqual({
      title: 'Cardiologie',
      sentences: [
        {
          text: 'Une nécrose du myocarde.',
          hidden: [
            { start: 4, end: 11 },
            { start: 15, end: 23 },
          ],
        },
        { text: 'La [MASK] est __.', hidden: [] },
        { text: 'Un ___ aigu.', hidden: [] },
      ],
    });
    expect(lessonOf('Le {cœur}.').title).toBe('');
  });

  it('may hold braces and backslashes of its own', () => {
    const sentence = lessonOf('C:\\\\{dossier} \\{a\\} \\d').sentences[0];
    expect(sentence?.text).toBe('C:\\dossier {a} \\d');
    expect(hiddenWords('C:\\\\{dossier} \\{a\\}')).toEqual([['dossier']]);
    expect(hiddenWords('une { toux } 🫀 {sèche}')).toEqual([['toux', 'sèche']]);
  });

  it.each([
    ['', 'empty', 1],
    ['# Titre seul\n\n', 'empty', 1],
    ['Une {toux}.\n\nSans rien.', 'no-mask', 3],
    ['Une {toux.', 'open-brace', 1],
    ['Une toux}.', 'open-brace', 1],
    ['Une {to{u}x}.', 'open-brace', 1],
    ['Une { }.', 'empty-brace', 1],
    ['Une {[MASK]}.', 'empty-brace', 1],
    [`Une {toux} ${'a'.repeat(MOST_CHARACTERS)}`, 'long', 1],
    ['Une {toux}.\n'.repeat(MOST_SENTENCES + 1), 'many', MOST_SENTENCES + 1],
  ] as const)('%j is refused: %s, line %i', (text, kind, line) => {
    expect(parseLesson(text)).toEqual({ problem: { kind, line } });
  });

  it('comes back from its file as it was', () => {
    for (const text of ['# T\nUne {nécrose} \\{x\\} C:\\\\{d} fin\\\nLa [MASK].\n', '#\n# pas un titre {mot}\n', 'Le {cœur}.\n']) {
      const lesson = lessonOf(text);
      expect(lessonOf(lessonText(lesson))).toEqual(lesson);
    }
    expect(lessonText(lessonOf('Le { cœur }.'))).toBe('Le  {cœur} .\n');
  });
});

describe('the lines on the sheet', () => {
  it('become sentences with what their masks hide; slots of a word are one word again', () => {
    const text = 'Une nécrose du myocarde.\nRien ici.\nLa [MASK] aiguë.';
    let written = { text, masks: carryMasks('', [], text) };
    written = hideWord(written.text, written.masks, { start: 15, end: 23 }, '[MASK]', 1);
    written = hideWord(written.text, written.masks, { start: 4, end: 11 }, '[MASK]', 3);
    expect(written.text).toContain('Une [MASK] [MASK] [MASK] du [MASK].');
    expect(lessonText({ title: '', sentences: sentencesOf(written.text, written.masks) })).toBe(
      'Une {nécrose} du {myocarde}.\nLa [MASK] aiguë.\n',
    );
  });

  it('without anything hidden are no lesson', () => {
    expect(sentencesOf('Une toux.\nUn cœur.', [])).toEqual([]);
  });
});
