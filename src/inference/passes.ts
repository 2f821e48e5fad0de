/** Lists what a request will run. The same list is executed, counted for the progress, and summed up as the estimate. */
import type { Run } from '../gpu/run.ts';
import { attentionTileCount } from '../kernels/attention.ts';
import { type Batch, packBatches } from './batch.ts';
import { type HeadMode, maxHeadRows, maxPairs } from './sizes.ts';

/** A text that fits is packed with others up to this many tokens: enough to fill a GPU, little enough for memory. A longer text is a pass of its own. */
const tokensPerPass = 2048;
/** Vectors come back in portions of this size. */
const readBackBytes = 32 * 2 ** 20;

/** One masked position: a text, and its token index there. */
export interface MaskRow {
  text: number;
  position: number;
}

export interface HeadPass {
  /** Packed indices of the masked rows. */
  packed: number[];
  run: Run & { firstRow: number };
  /** (row of the pass, token) pairs to score; null without any. */
  pairs: number[] | null;
  mode: HeadMode;
}

/** One batch through the layers. */
export interface TrunkPass {
  batch: Batch;
  run: Run;
}

export interface ScorePass extends TrunkPass {
  heads: HeadPass[];
}

/** What is wanted of each row: the best `topK` tokens, and the scores of given tokens, by row of the request. */
export interface Scored {
  topK: number;
  targets: (row: number) => readonly number[];
}

export const noTargets = (): readonly number[] => [];

const largest = (numbers: readonly number[]) => numbers.reduce((most, n) => Math.max(most, n), 0); // no `Math.max(...numbers)`: too many arguments are an error

export const longestPass = (passes: readonly TrunkPass[]): number => largest(passes.map(p => p.batch.tokens));

function trunkPass(batch: Batch, tileRows: number): TrunkPass {
  const tiles = attentionTileCount(batch.cuSeqlens, tileRows);
  return { batch, run: { tokens: batch.tokens, sequences: batch.texts.length, tiles } };
}

/** Rows through the trunk and the head: of each the best `topK`, and its targets where it has any. `rows` sorted by text. */
export function scorePasses(
  ids: readonly (readonly number[])[],
  rows: readonly MaskRow[],
  { topK, targets }: Scored,
  tileRows: number,
): ScorePass[] {
  let row = 0;
  let firstPair = 0;
  return packBatches(ids, tokensPerPass).map(batch => {
    const { run } = trunkPass(batch, tileRows);
    const heads: HeadPass[] = [];
    const here = rowsOf(batch, rows, row);
    for (let at = 0; at < here.length; ) {
      const pairs: number[] = [];
      const packed: number[] = [];
      // As many rows as fit the rows and the pairs of a pass, at least one; more targets than pairs take several passes.
      while (at < here.length && packed.length < maxHeadRows) {
        const own = targets(row + packed.length);
        if (packed.length > 0 && pairs.length / 2 + own.length > maxPairs) break;
        for (const token of own) pairs.push(packed.length, token);
        packed.push(here[at++]!);
      }
      const head = { ...run, rows: packed.length, firstRow: row };
      if (pairs.length === 0) heads.push({ packed, run: { ...head, topK }, pairs: null, mode: 'topk' });
      for (let from = 0; from < pairs.length; from += 2 * maxPairs) {
        const some = pairs.slice(from, from + 2 * maxPairs);
        const numbers = { ...head, pairs: some.length / 2, firstPair: firstPair + from / 2 };
        if (topK > 0 && from === 0) heads.push({ packed, run: { ...numbers, topK }, pairs: some, mode: 'both' });
        else heads.push({ packed, run: numbers, pairs: some, mode: 'targets' });
      }
      firstPair += pairs.length / 2;
      row += packed.length;
    }
    return { batch, run, heads };
  });
}

/** The packed indices of this batch's rows; `rows` are in the texts' order and `from` is the batch's first. */
function rowsOf(batch: Batch, rows: readonly MaskRow[], from: number): number[] {
  const place = new Map(batch.texts.map((text, i) => [text, batch.cuSeqlens[i]!]));
  const packed: number[] = [];
  for (let r = from; r < rows.length; r++) {
    const start = place.get(rows[r]!.text);
    if (start === undefined) break;
    packed.push(start + rows[r]!.position);
  }
  return packed;
}

/** Every text through the trunk, the longest first, so that texts of similar lengths share a pass. `skip`: tokens at the head of each that the pooling leaves out. */
export function vectorPasses(ids: readonly (readonly number[])[], tileRows: number, skip = 0): TrunkPass[] {
  const byLength = ids.map((_, i) => i).sort((a, b) => ids[b]!.length - ids[a]!.length || a - b);
  return packBatches(ids, tokensPerPass, byLength).map(batch => {
    const pass = trunkPass(batch, tileRows);
    return { ...pass, run: { ...pass.run, skip } };
  });
}

/** Bytes of the vectors' read-back: all of them, or a portion that holds the largest pass. */
export function vectorReadBack(passes: readonly TrunkPass[], bytesOf: (batch: Batch) => number): number {
  const bytes = passes.map(p => bytesOf(p.batch));
  const total = bytes.reduce((sum, n) => sum + n, 0);
  return Math.max(Math.min(total, readBackBytes), largest(bytes));
}
