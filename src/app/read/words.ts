/** From bits to shades, and the blocks of a long text. Plain functions. */
import type { ReadWord } from '../../text/read-words.ts';
import type { Scale } from './state.ts';

/** Shades of the scale, from expected to surprising. */
export const STEPS = 5;
const LIMIT = 2.5;

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
