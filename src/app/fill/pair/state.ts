/** What the comparison of two sentences holds. */
import { noRequest, type RequestState } from '../../store/request-state.ts';

/** What the model expects at the one mask of each sentence, over its whole vocabulary. */
export interface PairResult {
  a: string;
  b: string;
  /** Every token as text, by id. */
  words: readonly string[];
  /** Natural logs of the probabilities, by id. */
  logProbsA: Float32Array;
  logProbsB: Float32Array;
  elapsedMs: number;
}

export interface PairSlice extends RequestState {
  a: string;
  b: string;
  result: PairResult | null;
}

export const initialPair: PairSlice = { ...noRequest, a: '', b: '', result: null };
