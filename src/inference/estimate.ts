/** What a request would cost, summed over the kernels that it would run. Nothing is computed or compiled for it. */

import type { CostEstimate } from '../types.ts';
import { named } from './embed.ts';
import { encodeText, fitContext } from './encode.ts';
import { findMaskIds } from './mask-places.ts';
import type { Loaded } from './open.ts';
import type { MaskRow } from './passes.ts';

/** Predictions for each mask if the request does not say how many. */
const usualTopK = 5;

/**
 * Texts over the context count at its length. A text without a mask counts as one with a single mask, as it may be asked of a text
 * that is still being written. `texts` were read at the border.
 */
export function estimateCost(loaded: Loaded, texts: readonly string[], kind: 'fill' | 'embed'): CostEstimate {
  const { session, tokenizer, config, gpu } = loaded;
  const isFill = kind === 'fill' && session.weights.head !== null;
  const ids = texts.map((text, i) =>
    named(`text ${i + 1} of ${texts.length}`, texts.length, () => {
      const truncate = { truncate: true };
      return isFill ? fitContext(loaded, findMaskIds(loaded, text).encoding, truncate).ids : encodeText(loaded, text, truncate).ids;
    }),
  );
  const cost = isFill
    ? session.scoreCost(
        ids,
        ids.flatMap((list, text) => maskRows(list, text, tokenizer.maskId)),
        Math.min(usualTopK, config.vocabSize),
      )
    : session.vectorCost(ids, { poolings: loaded.sentence.poolings, steps: loaded.steps });
  const { weights } = gpu.memory.report;
  return {
    longestTokens: ids.reduce((most, list) => Math.max(most, list.length), 0),
    totalTokens: ids.reduce((sum, list) => sum + list.length, 0),
    flops: cost.flops,
    bytes: cost.bytes,
    gpuBytes: { weights, activations: cost.activationBytes, total: weights + cost.activationBytes },
    ms: cost.ms,
  };
}

function maskRows(ids: readonly number[], text: number, maskId: number | undefined): MaskRow[] {
  const rows = ids.flatMap((id, position) => (id === maskId ? [{ text, position }] : []));
  return rows.length > 0 ? rows : [{ text, position: 0 }];
}
