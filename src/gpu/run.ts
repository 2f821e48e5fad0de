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
  /** Tokens at the head of each sequence that a pooling leaves out: a prompt. */
  skip: number;
  /** Of a window: the first workgroup along the kernel's row axis (`Kernel.rowAxis`); 0 for a whole dispatch. */
  firstGroup: number;
}

export const emptyRun: RunSizes = {
  tokens: 0,
  sequences: 0,
  rows: 0,
  firstRow: 0,
  pairs: 0,
  firstPair: 0,
  topK: 0,
  tiles: 0,
  skip: 0,
  firstGroup: 0,
};

/** The same numbers as `struct Run` in shaders/include/run.wgsl, in its order. */
export function packRun(run: RunSizes): Uint32Array<ArrayBuffer> {
  const { tokens, sequences, rows, firstRow, pairs, firstPair, topK, tiles, skip, firstGroup } = run;
  return Uint32Array.of(tokens, sequences, rows, firstRow, pairs, firstPair, topK, tiles, skip, firstGroup);
}

export const runBytes = 40;

/**
 * The uniform buffer holds the whole run in slot 0 and windows of it in the others; a dispatch names its slot by a dynamic
 * offset, so that no bind group is made for it. 256 bytes is the alignment that every adapter accepts.
 */
export const runSlotBytes = 256;
export const runSlots = 16;

/** The uniform buffer's content for these runs, one a slot. */
export function packSlots(runs: readonly RunSizes[]): Uint32Array<ArrayBuffer> {
  const words = new Uint32Array((runs.length * runSlotBytes) / 4);
  runs.forEach((run, slot) => {
    words.set(packRun(run), (slot * runSlotBytes) / 4);
  });
  return words;
}
