/**
 * A lesson as a text file: an optional first line `# title`, then a sentence a line. What is to be guessed is a mask, or a word in braces
 * that is then hidden: « Une {nécrose} du myocarde. » A brace of the sentence itself is written `\{` or `\}`, a backslash before one `\\`.
 */
import { findMasks } from '../../text/masks.ts';
import type { MaskSpan } from '../lib/masks.ts';
import type { Lesson, LessonFailure, Sentence } from './state.ts';

/** As much as a class goes through and a field can hold. */
export const MOST_SENTENCES = 500;
export const MOST_CHARACTERS = 4000;

export type Parsed = { lesson: Lesson } | { problem: Pick<LessonFailure, 'kind' | 'line'> };

/** Reads the text of a file. */
export function parseLesson(text: string): Parsed {
  const lines = text.split(/\r\n|\r|\n/).map((line, i) => ({ line: line.trim(), number: i + 1 }));
  const filled = lines.filter(({ line }) => line !== '');
  const title = filled[0]?.line.match(/^#+\s*(.*)$/)?.[1];
  const rest = title === undefined ? filled : filled.slice(1);
  if (rest.length === 0) return { problem: { kind: 'empty', line: 1 } };
  if (rest.length > MOST_SENTENCES) return { problem: { kind: 'many', line: rest[MOST_SENTENCES]?.number ?? 1 } };
  const sentences: Sentence[] = [];
  for (const { line, number } of rest) {
    const sentence = line.length > MOST_CHARACTERS ? 'long' : parseSentence(line);
    if (typeof sentence === 'string') return { problem: { kind: sentence, line: number } };
    sentences.push(sentence);
  }
  return { lesson: { title: title ?? '', sentences } };
}

function parseSentence(line: string): Sentence | LessonFailure['kind'] {
  let text = '';
  let opened: number | null = null;
  const hidden: Sentence['hidden'] = [];
  for (const [piece] of line.matchAll(/\\[\\{}]|./gs)) {
    if (piece === '{') {
      if (opened !== null) return 'open-brace';
      opened = text.length;
    } else if (piece === '}') {
      if (opened === null) return 'open-brace';
      const word = text.slice(opened);
      if (word.trim() === '' || findMasks(word).length > 0) return 'empty-brace';
      // Blanks within the braces belong to the sentence.
      hidden.push({ start: opened + word.length - word.trimStart().length, end: opened + word.trimEnd().length });
      opened = null;
    } else text += piece.length > 1 ? piece.slice(1) : piece;
  }
  if (opened !== null) return 'open-brace';
  return hidden.length === 0 && findMasks(text).length === 0 ? 'no-mask' : { text, hidden };
}

/** The file of a lesson. */
export function lessonText({ title, sentences }: Lesson): string {
  const lines = sentences.map(({ text, hidden }) => {
    let out = '';
    let at = 0;
    for (const { start, end } of hidden) {
      out += `${escaped(text.slice(at, start))}{${escaped(text.slice(start, end))}}`;
      at = end;
    }
    return out + escaped(text.slice(at));
  });
  // A first sentence that begins with # would be read as the title.
  const head = title !== '' ? [`# ${title}`] : lines[0]?.trim().startsWith('#') ? ['#'] : [];
  return `${[...head, ...lines].join('\n')}\n`;
}

const escaped = (text: string): string => text.replace(/[{}]|\\(?=[\\{}]|$)/g, '\\$&');

/** The lines of a text in which something is hidden, each with the words that its masks hide. Words over a line end are not known. */
export function sentencesOf(text: string, masks: readonly MaskSpan[]): Sentence[] {
  const sentences: Sentence[] = [];
  for (const { 0: line, index: from } of text.matchAll(/[^\r\n]+/g)) {
    const inside = masks.filter(({ start, end }) => start >= from && end <= from + line.length);
    if (inside.length === 0) continue;
    let out = '';
    let at = from;
    const hidden: Sentence['hidden'] = [];
    for (const { start, end, word, slot } of inside) {
      // The other slots of a word, and the gaps between them, go with the first.
      if (slot && slot.at > 0) {
        at = end;
        continue;
      }
      out += text.slice(at, start);
      if (word === null || /[\r\n]/.test(word)) out += text.slice(start, end);
      else {
        hidden.push({ start: out.length, end: out.length + word.length });
        out += word;
      }
      at = end;
    }
    sentences.push({ text: out + text.slice(at, from + line.length), hidden });
  }
  return sentences;
}
