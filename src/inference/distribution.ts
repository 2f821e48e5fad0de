/** What a model expects at one mask, over its whole vocabulary. */
import { InputError } from '../errors.ts';
import type { Distribution, DistributionOptions } from '../types.ts';
import { maskedLogits } from './logits.ts';
import { maskedTexts, requireHead } from './masked.ts';
import type { Loaded } from './open.ts';

/** Errors: InputError for a mask that the text does not have; otherwise as `predictMasks`. */
export async function distributionAt(loaded: Loaded, text: string, options: DistributionOptions): Promise<Distribution> {
  requireHead(loaded);
  const { mask = 0, signal } = options;
  const [{ ids, positions }] = maskedTexts(loaded, [text], options) as [ReturnType<typeof maskedTexts>[number]];
  const position = positions[mask];
  if (position === undefined) {
    throw new InputError(
      `The text has ${positions.length} masks, numbered from 0, so there is no mask ${mask}. Ask for one from 0 to ${positions.length - 1}.`,
      { option: 'mask', masks: positions.length },
    );
  }
  loaded.times.lastTokens = ids.length;
  return toDistribution(await maskedLogits(loaded, [ids], [{ text: 0, position }], signal));
}

/** Log-softmax and entropy, summed in f64: log p = l − log Σ exp l, H = −Σ p log₂ p. `logits` becomes the log-probabilities. */
export function toDistribution(logits: Float32Array<ArrayBuffer>): Distribution {
  const most = logits.reduce((a, b) => Math.max(a, b), -Infinity);
  let sum = 0;
  for (const logit of logits) sum += Math.exp(logit - most);
  const denominator = most + Math.log(sum);
  let entropy = 0;
  for (let i = 0; i < logits.length; i++) {
    const logProb = logits[i]! - denominator;
    logits[i] = logProb;
    const p = Math.exp(logProb);
    if (p > 0) entropy -= p * logProb;
  }
  return { logProbs: logits, entropy: Math.max(0, entropy / Math.LN2) };
}
