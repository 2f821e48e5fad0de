/** What a request would cost, summed over the kernels that it would run. Nothing is computed or compiled for it. */

import type { CostEstimate, EstimateOptions } from '../types.ts';
import { named } from './embed.ts';
import { encodeText, fitContext } from './encode.ts';
import { findMaskIds } from './mask-places.ts';
import { requireHead } from './masked.ts';
import type { Loaded } from './open.ts';
import type { MaskRow } from './passes.ts';
import { surprisalCost } from './surprisal.ts';
import type { RequestCost } from './work.ts';

/** Predictions for each mask if the request does not say how many. */
const usualTopK = 5;

/**
 * Texts over the context count at its length. A text without a mask counts as one with a single mask, as it may be asked of a text
 * that is still being written. `texts` were read at the border.
 */
export function estimateCost(loaded: Loaded, texts: readonly string[], { kind = 'fill', around }: EstimateOptions): CostEstimate {
  if (kind === 'surprisal-fast' || kind === 'surprisal-exact') {
    requireHead(loaded);
    const mode = kind === 'surprisal-fast' ? 'fast' : 'exact';
    const all = texts.map(text => surprisalCost(loaded, text, { mode, around }));
    return summed(
      loaded,
      all.map(({ tokens }) => tokens),
      all.map(({ cost }) => cost),
    );
  }
  const { session, tokenizer, config } = loaded;
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
  return summed(
    loaded,
    ids.map(list => list.length),
    [cost],
  );
}

/** `tokens`: of each text. Requests one after the other share their memory. */
function summed({ gpu }: Loaded, tokens: readonly number[], costs: readonly RequestCost[]): CostEstimate {
  const { weights } = gpu.memory.report;
  const sum = (of: (cost: RequestCost) => number) => costs.reduce((total, cost) => total + of(cost), 0);
  const activations = costs.reduce((most, { activationBytes }) => Math.max(most, activationBytes), 0);
  return {
    longestTokens: tokens.reduce((most, n) => Math.max(most, n), 0),
    totalTokens: tokens.reduce((all, n) => all + n, 0),
    flops: sum(({ flops }) => flops),
    bytes: sum(({ bytes }) => bytes),
    gpuBytes: { weights, activations, total: weights + activations },
    ms: costs.some(({ ms }) => ms === null) ? null : sum(({ ms }) => ms ?? 0),
  };
}

function maskRows(ids: readonly number[], text: number, maskId: number | undefined): MaskRow[] {
  const rows = ids.flatMap((id, position) => (id === maskId ? [{ text, position }] : []));
  return rows.length > 0 ? rows : [{ text, position: 0 }];
}
