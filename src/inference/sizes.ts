/** How many of everything the buffers are made for. */
import type { Sizes } from '../runtime/graph.ts';

/** Rows of one pass through the prediction head: bounds the logits, [rows, V] f32. */
export const maxHeadRows = 64;
/** (row, token) pairs scored in one pass. */
export const maxPairs = 1024;

/** What a pass through the head computes of its rows' logits. */
export type HeadMode = 'topk' | 'targets' | 'both';

/** Counts that buffers are made for: a request is computed in the smallest that hold it, at its own length. */
export function bucketOf(count: number): number {
  let bucket = 32;
  while (bucket < count) bucket *= 2;
  return bucket;
}

/** The sizes of a forward pass (model/inputs.ts) over at most `tokens` tokens. `tileRows`: query rows of an attention tile. */
export function passSizes(tokens: number, tileRows: number, hasHead: boolean): Sizes {
  const sequences = Math.ceil(tokens / 2); // each has at least [CLS] and [SEP]
  return {
    tokens,
    sequences,
    boundaries: sequences + 1,
    tiles: Math.ceil(tokens / tileRows) + sequences,
    rows: hasHead ? maxHeadRows : 0,
    pairs: hasHead ? maxPairs : 0,
  };
}
