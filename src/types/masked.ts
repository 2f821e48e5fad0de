/** Masked prediction: what is asked and answered. */
import type { OnProgress } from './progress.ts';

/** Hugging Face's fill-mask schema, plus the rank for asked words. */
export interface Prediction {
  /** Probability under the softmax over the whole vocabulary. */
  score: number;
  token: number;
  token_str: string;
  /** The text as given, with this one mask replaced. */
  sequence: string;
  /** Only for `targets`: 1 = the model's first choice. */
  rank?: number;
  /** Only for `targets`: the word as asked, and how many tokens it has. Over 1, `score` is that of its first token, `token_str`. */
  target?: string;
  target_tokens?: number;
}

export interface FillMaskOptions {
  /** Default 5. With `targets`, at most their number is given. */
  topK?: number;
  /** Words to score instead of the best k. A word of several tokens is scored by its first token; `token_str` says so. */
  targets?: readonly string[];
  /** Texts longer than the context are cut instead of refused. */
  truncate?: boolean;
  signal?: AbortSignal;
  onProgress?: OnProgress;
}

/** One text: a list for one mask, a list of lists for several (in reading order). */
export type FillMaskResult = Prediction[] | Prediction[][];

export interface PredictOptions {
  /** Best words a mask. Default 5. */
  topK?: number;
  /** Words to score at every mask besides the best ones. Several tokens are no error: the word is scored as a whole, see `TargetScore`. */
  targets?: readonly string[];
  /** Texts longer than the context are cut instead of refused. */
  truncate?: boolean;
  signal?: AbortSignal;
  onProgress?: OnProgress;
}

/** How well one asked word fits one mask. */
export interface TargetScore {
  target: string;
  /** `unknown`: a part of the word is not in the vocabulary, so it has no score. */
  status: 'scored' | 'unknown';
  /** The word's tokens in this place. */
  tokens: string[];
  /** Id of the first of them; absent for an unknown word, like the next two. */
  token?: number;
  /** The word as its tokens write it. */
  token_str?: string;
  /** The text as given, with this one mask replaced by the word. */
  sequence?: string;
  /**
   * `token`: the probability of its only token at the mask. `pll`: the mask is opened to as many slots as the word has tokens, and each token is
   * predicted with those before it shown and those after it hidden; the probabilities are multiplied (pseudo-log-likelihood, within-word left to
   * right: Kauf and Ivanova, 2023). Null for an unknown word.
   */
  method: 'token' | 'pll' | null;
  /** Probability; 0 for an unknown word. */
  score: number;
  /** Its natural log; −∞ for an unknown word. */
  logProb: number;
  /** 1 = the model's first choice. Only words of one token have a rank among the tokens. */
  rank: number | null;
}

/** What a model expects at one mask. */
export interface MaskAnswer {
  /** The mask in the text as given, [start, end) in UTF-16 units. */
  start: number;
  end: number;
  /** Best first. */
  predictions: Prediction[];
  /** Probability of all words that are not in `predictions`. */
  rest: number;
  /** Of the whole distribution, in bits: 0 when the model is certain. */
  entropy: number;
  /** In the order of `targets`; empty without them. */
  targets: TargetScore[];
}

/** The answer for one text; `fillMask` is a view of it. */
export interface MaskedAnswer {
  text: string;
  /** Tokens that were read, special ones included. */
  tokens: number;
  /** In reading order. */
  masks: MaskAnswer[];
}

export interface JointOptions {
  /** Best joint fillings to give. Default 5, at most 50. */
  topK?: number;
  /** Partial fillings that are followed at once. Default 8, at most 64. */
  beams?: number;
  truncate?: boolean;
  signal?: AbortSignal;
  onProgress?: OnProgress;
}

/** One way to fill all masks of a text together. */
export interface JointFilling {
  /** One a mask, in reading order. */
  words: { token: number; token_str: string /** When it was filled in, from 1: the surest mask first. */; step: number; logProb: number }[];
  /** Natural log of the product of the steps' probabilities. */
  logProb: number;
  /** The text as given with every mask replaced. */
  sequence: string;
}

export interface DistributionOptions {
  /** Which mask of the text, from 0. Default 0. */
  mask?: number;
  truncate?: boolean;
  signal?: AbortSignal;
  onProgress?: OnProgress;
}

/** What a model expects at one mask, over its whole vocabulary. */
export interface Distribution {
  /** [V]: natural log of each token's probability, by token id. */
  logProbs: Float32Array<ArrayBuffer>;
  /** In bits. */
  entropy: number;
}
