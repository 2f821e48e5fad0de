/** What the tokens of a batch must predict: masked words, or the next word of their document. */
import { InputError } from '../errors.ts';
import type { PackedBatch } from './packing.ts';
import { bits, integer } from './random.ts';

/** Where nothing is to be predicted, as in PyTorch. */
export const noLabel = -100;

export interface LabelledBatch extends PackedBatch {
  /** [T]: the id that the token must predict, or `noLabel`. */
  labels: Int32Array<ArrayBuffer>;
  /** Labels that are ids: what a mean of losses is divided by. May be 0 in a small batch. */
  labelled: number;
}

/**
 * The defaults are those of ModernBERT's own training (`mlm_masking` in its sequence_packer.py): 80 % of the chosen tokens become the mask, 10 %
 * a random id from 0 to the largest of the batch, 10 % stay; separators are chosen like any other token.
 */
export interface MaskOptions {
  seed: number;
  /** Share of the tokens that are chosen: 0.3 in ModernBERT's training, 0.15 in the decay phase of the biomedical models. */
  rate: number;
  maskId: number;
  /** Of the chosen ones, what becomes the mask, and what a random id; the rest stays. Default 0.8 and 0.1. */
  masked?: number;
  random?: number;
  /** Ids that are never chosen, such as separators; default none. */
  spared?: readonly number[];
  /** Random ids lie in [first, end); default [0, largest id of the batch + 1). */
  randomIds?: readonly [first: number, end: number];
}

/** The batch with masks. The same for the same seed and number of batch. Errors: InputError for shares that are none. */
export function maskWords(batch: PackedBatch, options: MaskOptions): LabelledBatch {
  const { seed, rate, maskId, masked = 0.8, random = 0.1, spared = [], randomIds } = options;
  if (!(rate > 0 && rate <= 1)) throw new InputError(`rate is ${rate}; accepted: a share of the tokens over 0, at most 1.`);
  if (!(masked >= 0 && random >= 0 && masked + random <= 1)) {
    throw new InputError(`masked is ${masked} and random ${random}; accepted: shares from 0 that are together at most 1.`);
  }
  const never = new Set(spared);
  const ids = batch.ids.slice();
  const labels = new Int32Array(ids.length).fill(noLabel);
  const [first, end] = randomIds ?? [0, ids.reduce((a, b) => Math.max(a, b), 0) + 1];
  let labelled = 0;
  batch.ids.forEach((id, t) => {
    const drawn = bits(seed, batch.number, t, 0) / 2 ** 32;
    if (drawn >= rate || never.has(id)) return;
    labels[t] = id;
    labelled++;
    if (drawn < rate * masked) ids[t] = maskId;
    else if (drawn < rate * (masked + random)) ids[t] = first + integer(end - first, seed, batch.number, t, 1);
  });
  return { ...batch, ids, labels, labelled };
}

/** For causal training: each token predicts the next of its sequence, the last one nothing. */
export function labelNext(batch: PackedBatch): LabelledBatch {
  const { ids, cuSeqlens } = batch;
  const labels = Int32Array.from(ids, (_, t) => ids[t + 1] ?? noLabel);
  for (let s = 1; s < cuSeqlens.length; s++) labels[cuSeqlens[s]! - 1] = noLabel;
  return { ...batch, labels, labelled: ids.length - (cuSeqlens.length - 1) };
}
