/** Words for all masks of a text that fit together: beam search over conditional probabilities, the surest mask first. */
import { InputError } from '../errors.ts';
import { splice } from '../text/masks.ts';
import type { JointFilling, JointOptions } from '../types.ts';
import { type MaskedText, maskedTexts, requireHead } from './masked.ts';
import type { Loaded } from './open.ts';
import type { MaskRow } from './session.ts';

const mostMasks = 8;

/** A partial filling: every beam of a step has filled equally many masks, so their probabilities can be compared. */
interface Beam {
  /** By mask; null where it is still hidden. */
  fills: ({ id: number; step: number; logProb: number } | null)[];
  logProb: number;
}

/**
 * In each step a partial filling fills the hidden mask of which the model is surest (its best word is the most probable), with the best words
 * there; of all partial fillings the most probable `beams` go on. The probability of a filling is the product of its steps', each given the
 * words filled before. Special tokens are no words. Ties go to the lower token ids, so that an answer does not depend on chance.
 * Errors: InputError for no or one mask or more than 8, InputTooLongError, TensorError without a head, NonFiniteError.
 */
export async function fillMasksJointly(loaded: Loaded, text: string, options: JointOptions): Promise<JointFilling[]> {
  const { session, tokenizer, config } = loaded;
  requireHead(loaded);
  const { topK = 5, beams: wanted = 8, signal, onProgress } = options;
  const width = Math.max(wanted, topK);
  const [masked] = maskedTexts(loaded, [text], options);
  const { positions } = masked!;
  checkMasks(positions.length);
  loaded.times.lastTokens = masked!.ids.length;
  // Some of the best may be special tokens, which are left out.
  const candidates = Math.min(width + tokenizer.specialCount, config.vocabSize);
  let beams: Beam[] = [{ fills: positions.map(() => null), logProb: 0 }];
  for (let step = 1; step <= positions.length; step++) {
    const ids = beams.map(beam => filledIds(masked!, beam));
    const rows: MaskRow[] = beams.flatMap(({ fills }, text) =>
      fills.flatMap((fill, mask) => (fill ? [] : [{ text, position: positions[mask]! }])),
    );
    const done = step - 1;
    const onText = (texts: number) =>
      onProgress?.({ stage: 'run', done: done + texts / ids.length, total: positions.length, unit: 'items' });
    const answers = await session.score(ids, rows, { topK: candidates }, { signal, onText });
    let next = 0;
    const grown = new Map<string, Beam>();
    for (const beam of beams) {
      const open = beam.fills.flatMap((fill, mask) => {
        if (fill) return [];
        const words = answers[next++]!.tokens.filter(({ id }) => !tokenizer.isSpecial(id)).slice(0, width);
        return [{ mask, words }];
      });
      const surest = open.reduce((best, each) =>
        (each.words[0]?.logProb ?? -Infinity) > (best.words[0]?.logProb ?? -Infinity) ? each : best,
      );
      for (const { id, logProb } of surest.words) {
        const fills = beam.fills.with(surest.mask, { id, step, logProb });
        const whole = { fills, logProb: beam.logProb + logProb };
        // The same words may be reached in two orders: the more probable one stands for both.
        const key = keyOf(whole);
        const other = grown.get(key);
        if (!other || compare(whole, other) < 0) grown.set(key, whole);
      }
    }
    beams = [...grown.values()].sort(compare).slice(0, width);
  }
  return beams.slice(0, topK).map(beam => fillingOf(loaded, masked!, beam));
}

function checkMasks(masks: number): void {
  const reason = { masks, most: mostMasks };
  if (masks === 1)
    throw new InputError(
      'The text has one mask, so there is nothing to fill jointly. Ask predict or fillMask (on the command line, leave --joint out).',
      reason,
    );
  if (masks <= mostMasks) return;
  throw new InputError(
    `The text has ${masks} masks; at most ${mostMasks} are filled together. Leave some of the words in the text, or ask predict for each mask by itself.`,
    reason,
  );
}

function filledIds({ ids, positions }: MaskedText, { fills }: Beam): number[] {
  const filled = [...ids];
  fills.forEach((fill, mask) => {
    if (fill) filled[positions[mask]!] = fill.id;
  });
  return filled;
}

const keyOf = ({ fills }: Beam): string => fills.map(fill => fill?.id ?? '').join();

function compare(a: Beam, b: Beam): number {
  if (a.logProb !== b.logProb) return b.logProb - a.logProb;
  for (const [mask, fill] of a.fills.entries()) {
    const difference = (fill?.id ?? -1) - (b.fills[mask]?.id ?? -1);
    if (difference !== 0) return difference;
  }
  return 0;
}

function fillingOf({ tokenizer }: Loaded, { text, spans }: MaskedText, { fills, logProb }: Beam): JointFilling {
  const words = fills.map(fill => ({
    token: fill!.id,
    token_str: tokenizer.tokenString(fill!.id),
    step: fill!.step,
    logProb: fill!.logProb,
  }));
  // From the last mask to the first, so that the places of those before it stay.
  const sequence = spans.reduceRight((filled, span, mask) => {
    const { token } = words[mask]!;
    return splice(filled, span, tokenizer.textWithin(token), tokenizer.isContinuation(token), tokenizer.continuingPrefix);
  }, text);
  return { words, logProb, sequence };
}
