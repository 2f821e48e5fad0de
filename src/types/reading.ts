/** How surprising each token of a text is. */
import type { OnProgress } from './progress.ts';

export interface SurprisalOptions {
  /**
   * `fast` (the default): one pass over the text as it stands. A token sees itself, so it is less surprising than it would be hidden.
   * `exact`: one pass a token, with that token hidden.
   */
  mode?: 'fast' | 'exact';
  /** Alternatives a token. Default 5. */
  topK?: number;
  /** Only the tokens [from, to) of the text, special ones not counted: for answers in portions. Default all. In fast mode a portion costs whole windows, in exact mode only its tokens. */
  from?: number;
  to?: number;
  /** `exact` only: how many tokens beside it are read with a token, half on each side; fewer cost less. Default: as many as the context holds. */
  around?: number;
  signal?: AbortSignal;
  onProgress?: OnProgress;
}

/** How surprising each token of a text is. All arrays are by token, in reading order, without special tokens. */
export interface Surprisal {
  mode: 'fast' | 'exact';
  /** Of the first token of this answer in the text, and tokens of the whole text. */
  from: number;
  total: number;
  ids: Uint32Array<ArrayBuffer>;
  /** [2 T]: start and end of each token in the text, UTF-16. */
  offsets: Uint32Array<ArrayBuffer>;
  /** −log₂ of the token's probability. */
  bits: Float32Array<ArrayBuffer>;
  /** 1 = the token is the model's first choice. */
  ranks: Uint32Array<ArrayBuffer>;
  /** Of the distribution at the token, in bits. */
  entropy: Float32Array<ArrayBuffer>;
  /** Alternatives a token, best first: [T · topK] ids and bits. `strings`: each alternative's token as text, by id. */
  topK: number;
  bestIds: Uint32Array<ArrayBuffer>;
  bestBits: Float32Array<ArrayBuffer>;
  strings: Record<number, string>;
  /** `fast`: [start, end) in tokens of the windows in which the text was read: one where it fits the context, else windows that overlap by half. `exact`: none, as each token is read in the middle of its own. */
  windows: [number, number][];
}
