/**
 * A tokenizer.json decides what is done to a text, and it cannot be trusted: a thousand replacements that each double the text, or very
 * costly patterns, must not hang the program. So each text has an allowance of work, counted in steps of a few nanoseconds, and every
 * stage takes its steps from it. The embedded and the real tokenizer use 35 steps for each character of French.
 * Work on a text is synchronous, so one global counter is enough.
 */
import { TokenizerError } from '../errors.ts';

/** Steps for any text, and more for each UTF-16 unit of it: about a second for a short one. */
const base = 150_000_000;
const perUnit = 150;

/** Most UTF-16 units that may be added to a text: this, and four times its length. Making one unit costs some 250 ns (measured). */
const growthBase = 2 ** 18;

let left = Number.POSITIVE_INFINITY;
let longest = Number.POSITIVE_INFINITY;

/** Runs `work` on a text of `units` UTF-16 units within its allowance; a call inside another one is bounded by both allowances. */
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
