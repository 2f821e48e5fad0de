/** The numbers that change from run to run. Everything else is fixed in a plan, so a run creates no GPU object. */
export interface RunSizes {
  /** Packed tokens of all sequences. */
  tokens: number;
  sequences: number;
  /** Rows of this pass through the head: masked positions. */
  rows: number;
  /** Index of this pass's first row among all rows of the request. */
  firstRow: number;
  /** (row, token) pairs to score in this pass, and the first one's index. */
  pairs: number;
  firstPair: number;
  /** Best k a row. */
  topK: number;
  /** Query tiles of the attention kernel (see attention.ts). */
  tiles: number;
}

export const emptyRun: RunSizes = { tokens: 0, sequences: 0, rows: 0, firstRow: 0, pairs: 0, firstPair: 0, topK: 0, tiles: 0 };

/** The same numbers as `struct Run` in shaders/include/run.wgsl, in its order. */
export function packRun(run: RunSizes): Uint32Array<ArrayBuffer> {
  return Uint32Array.of(run.tokens, run.sequences, run.rows, run.firstRow, run.pairs, run.firstPair, run.topK, run.tiles);
}

export const runBytes = 32;
