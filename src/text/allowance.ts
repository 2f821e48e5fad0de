/**
 * A tokenizer.json says what is done to a text, and nobody vouches for it: a thousand replacements, each doubling the text,
 * or patterns of great cost, must not hang the program. So each text has an allowance of work, in steps of a few
 * nanoseconds, that every stage spends from; the embedded and the real
 * tokenizer use 35 steps a character of French.
 * Work on a text is synchronous, so that one counter serves.
 */
import { TokenizerError } from '../errors.ts';

/** Steps for any text, and more for each UTF-16 unit of it: about a second for a short one. */
const base = 150_000_000;
const perUnit = 150;

/** Most UTF-16 units that a text may grow to: this, and four times what it had. To make one costs some 250 ns (measured). */
const growthBase = 2 ** 18;

let left = Number.POSITIVE_INFINITY;
let longest = Number.POSITIVE_INFINITY;

/** Runs `work` on a text of `units` UTF-16 units within its allowance, and within that of the work around it. */
export function withAllowance<T>(units: number, work: () => T, steps = base + perUnit * units): T {
  const before: [number, number] = [left, longest];
  left = Math.min(left, steps);
  longest = Math.min(longest, growthBase + 4 * units);
  try {
    return work();
  } finally {
    [left, longest] = before;
  }
}

/** Takes `steps` from the allowance; `stage` is named in the error when it is used up. */
export function spend(steps: number, stage: string): void {
  left -= steps;
  if (left < 0) {
    throw new TokenizerError(
      `The rules of tokenizer.json cost too much work; the allowance ended at ${stage.slice(0, 80)}. Cut the text, or use a model with another tokenizer.`,
      { stage: stage.slice(0, 200) },
    );
  }
}

/** Refuses a text that the rules of the file have made longer than any use needs. */
export function checkGrowth(units: number): void {
  if (units > longest) {
    throw new TokenizerError(
      `The normalizer of tokenizer.json makes this text longer than ${longest} characters. Cut the text, or use a model with another tokenizer.`,
      { characters: units, maxCharacters: longest },
    );
  }
}
