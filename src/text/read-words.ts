/** From the tokens of a reading to words: what a surprisal says of each word of the text. */
import type { Surprisal } from '../types.ts';

/** A word with all its tokens; punctuation counts as a word of its own. */
export interface ReadWord {
  /** [start, end) in the text, UTF-16. */
  start: number;
  end: number;
  tokens: number;
  /** Sum over its tokens: how surprising the word is. */
  bits: number;
  /** Of a word of one token: 1 = the model's first choice. */
  rank: number | null;
  /** What the model expects in the place of the first token, best first. */
  best: { word: string; bits: number }[];
}

/** The character belongs to a word. */
export const isOfWord = (character: string | undefined): boolean => character !== undefined && /[\p{L}\p{M}\p{N}]/u.test(character);

/** Whether the word before `at` goes on there: between letters and digits, and around the point or comma of a number. */
function goesOn(text: string, at: number): boolean {
  const isDigit = (i: number) => /\p{N}/u.test(text[i] ?? '');
  const isPoint = (i: number) => text[i] === ',' || text[i] === '.';
  return (
    (isOfWord(text[at - 1]) && isOfWord(text[at])) ||
    (isDigit(at - 1) && isPoint(at) && isDigit(at + 1)) ||
    (isDigit(at - 2) && isPoint(at - 1) && isDigit(at))
  );
}

/** The words that the tokens of `answer` make up, behind those of `before`, the last of which may go on. `before` stays as it is. */
export function wordsOf(text: string, answer: Surprisal, before: readonly ReadWord[] = []): ReadWord[] {
  const words = [...before];
  for (let i = 0; i < answer.bits.length; i++) {
    let [start, end] = [answer.offsets[2 * i] ?? 0, answer.offsets[2 * i + 1] ?? 0];
    // A byte-level token takes the blank before it.
    while (start < end && /\s/u.test(text[start] ?? '')) start++;
    while (end > start && /\s/u.test(text[end - 1] ?? '')) end--;
    if (start === end) continue;
    const last = words.at(-1);
    const bits = answer.bits[i] ?? 0;
    if (last && last.end === start && goesOn(text, start)) {
      words[words.length - 1] = { ...last, end, tokens: last.tokens + 1, bits: last.bits + bits, rank: null };
      continue;
    }
    const best = Array.from({ length: answer.topK }, (_, k) => ({
      word: answer.strings[answer.bestIds[i * answer.topK + k] ?? -1] ?? '',
      bits: answer.bestBits[i * answer.topK + k] ?? 0,
    }));
    words.push({ start, end, tokens: 1, bits, rank: answer.ranks[i] ?? null, best });
  }
  return words;
}
