/** From tokens to words, and from bits to shades. Plain functions. */
import type { Surprisal } from '../../types.ts';
import type { ReadWord, Scale } from './state.ts';

/** Shades of the scale, from expected to surprising. */
export const STEPS = 5;
const LIMIT = 2.5;

const isOfWord = (character: string | undefined): boolean => character !== undefined && /[\p{L}\p{M}\p{N}]/u.test(character);

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

/** Steps of the scale: while words come in it changes seldom, and only then is the whole text drawn anew. */
const GRAIN = 0.05;
const grained = (value: number): number => Math.round(value / GRAIN) * GRAIN;

/** Mean and standard deviation of log(1 + bits), without punctuation. */
export function scaleOf(text: string, words: readonly ReadWord[]): Scale {
  const logs = words.filter(word => isWord(text, word)).map(({ bits }) => Math.log1p(bits));
  if (logs.length === 0) return { mean: 0, deviation: 1 };
  const mean = logs.reduce((sum, log) => sum + log, 0) / logs.length;
  const variance = logs.reduce((sum, log) => sum + (log - mean) ** 2, 0) / logs.length;
  return { mean: grained(mean), deviation: grained(Math.sqrt(variance)) || 1 };
}

/** 1 … STEPS: equal steps of log(1 + bits) between the limits of the scale. */
export function stepOf(bits: number, { mean, deviation }: Scale): number {
  const z = Math.min(LIMIT, Math.max(-LIMIT, (Math.log1p(bits) - mean) / deviation));
  return Math.min(STEPS, 1 + Math.floor(((z + LIMIT) / (2 * LIMIT)) * STEPS));
}

/** The bits at which step `step` begins; 0 for the first. */
export function stepBegin(step: number, { mean, deviation }: Scale): number {
  return step <= 1 ? 0 : Math.max(0, Math.expm1(mean + deviation * (-LIMIT + (2 * LIMIT * (step - 1)) / STEPS)));
}

/** Whether a word can be one that does not fit: it has a letter or a digit. */
const isWord = (text: string, { start, end }: ReadWord): boolean => /[\p{L}\p{N}]/u.test(text.slice(start, end));

/** Indices of the words of `threshold` bits or more, in reading order; punctuation is none. */
export const surprising = (text: string, words: readonly ReadWord[], threshold: number): number[] =>
  words.flatMap((word, i) => (word.bits >= threshold && isWord(text, word) ? [i] : []));

/** Parts of the text that are drawn by themselves: a line, or about so many words of a long one. Each has the words from `first` to `last` (exclusive). */
export interface Block {
  start: number;
  end: number;
  first: number;
  last: number;
}
const WORDS_PER_BLOCK = 80;

/** The blocks of a text; they join to the text. What comes behind the last word is in the last block. */
export function blocksOf(text: string, words: readonly ReadWord[]): Block[] {
  const blocks: Block[] = [];
  let [start, first] = [0, 0];
  words.forEach((word, i) => {
    const next = words[i + 1];
    const between = next ? text.slice(word.end, next.start).indexOf('\n') : -1;
    if (!next || (between < 0 && i + 1 - first < WORDS_PER_BLOCK)) return;
    const end = between < 0 ? next.start : word.end + between + 1;
    blocks.push({ start, end, first, last: i + 1 });
    [start, first] = [end, i + 1];
  });
  return [...blocks, { start, end: text.length, first, last: words.length }];
}
