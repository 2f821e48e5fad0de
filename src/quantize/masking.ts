/** Chooses the tokens that a calibration or an evaluation masks; the same on every machine. */
import type { Tokenizer } from '../text/tokenizer.ts';

/** Token ids of a text, cut to `maxTokens`. */
export function idsOf(tokenizer: Tokenizer, text: string, maxTokens: number): number[] {
  const whole = tokenizer.encode(text);
  return (whole.ids.length > maxTokens ? tokenizer.truncate(whole, maxTokens) : whole).ids;
}

/** Positions of the ordinary tokens: neither first nor last ([CLS], [SEP]) nor masks. */
export function ordinaryPositions(ids: readonly number[], maskId: number): number[] {
  return ids.flatMap((id, i) => (i > 0 && i < ids.length - 1 && id !== maskId ? [i] : []));
}

/** Every `every`-th of the positions, from a start that depends on the text's number and the seed. */
export function everyNth(positions: readonly number[], every: number, text: number, seed: number): number[] {
  const phase = (Math.imul(text + 1, 0x9e3779b1) ^ Math.imul(seed + 1, 0x85ebca6b)) >>> 0;
  return positions.filter((_, i) => i % every === (phase >>> 8) % every);
}

/** The ids with the mask at these positions. */
export function withMasks(ids: readonly number[], positions: readonly number[], maskId: number): number[] {
  const masked = [...ids];
  for (const position of positions) masked[position] = maskId;
  return masked;
}
