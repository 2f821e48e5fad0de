/** What the fill-mask view holds. */
import type { JointFilling, Prediction, TargetScore } from '../../types.ts';
import type { Failure } from '../lib/failure.ts';
import type { MaskSpan } from '../lib/masks.ts';
import { noRequest, type RequestState } from '../store/request-state.ts';

/** Which of the likely words are shown. */
export interface WordFilter {
  /** Only whole words, no pieces that continue one. */
  whole: boolean;
  /** Only what has a letter or a digit. */
  letters: boolean;
  /** Only what begins so, whatever the case and the accents. */
  starts: string;
}

export interface FillResult {
  /** The text that was asked, and its masks as the tokenizer read them. */
  text: string;
  masks: MaskSpan[];
  /** Only the beginning of the text was read. */
  truncated: boolean;
  ownWords: string[];
  /** Per mask, the best words that pass the filter, and the place of each in the whole vocabulary. */
  groups: Prediction[][];
  ranks: number[][];
  /** Per mask, the probability of all words that are not shown, and the uncertainty in bits. */
  rest: number[];
  entropy: number[];
  /** Per mask, the asked words; a word of several slots has them at its first. Null until they are scored. */
  targets: TargetScore[][] | null;
  elapsedMs: number;
  /** It was there before it was asked for. */
  prepared: boolean;
}

/** Words for all masks that go together. */
export interface Joint {
  text: string;
  /** Null while they are searched. */
  fillings: JointFilling[] | null;
  failure: Failure | null;
}

/** How the tokenizer reads the text. */
export interface Reading {
  text: string;
  /** Of the model that read it. */
  generation: number;
  /** [start, end) of each token. */
  offsets: readonly (readonly [number, number])[];
  /** Words of which it knows nothing, and why: their length, or a character. */
  unknown: { start: number; end: number; why: 'long' | 'character' }[];
}

export interface FillSlice extends RequestState {
  /** One sentence, or two side by side. */
  tab: 'one' | 'pair';
  text: string;
  masks: MaskSpan[];
  /** The text is being written; else its words can be hidden. */
  writing: boolean;
  /** Hiding a word shows the one before again. */
  oneAtATime: boolean;
  ownWords: string;
  truncate: boolean;
  filter: WordFilter;
  reading: Reading | null;
  result: FillResult | null;
  joint: Joint | null;
  /** Which of the joint fillings stands in the text; null: the chosen word of each mask. */
  applied: number | null;
  /** Index of the chosen word, per mask. */
  selected: number[];
  hovered: { mask: number; index: number } | null;
  /** The mask that the reader is at. */
  current: number;
  /** The answers are hidden until the reader has guessed. */
  guess: Guess | null;
}

/** Class mode: the reader's words before the model's, and the score so far. */
export interface Guess {
  /** The text that the shown guesses are for; null: none yet, so the answers are hidden. */
  text: string | null;
  words: string[];
  /** Of each guess; null for none. */
  scores: (TargetScore | null)[];
  rounds: number;
  points: number;
}

export const noFilter: WordFilter = { whole: false, letters: false, starts: '' };

export const initialFill: FillSlice = {
  tab: 'one',
  text: '',
  masks: [],
  writing: true,
  oneAtATime: false,
  ownWords: '',
  truncate: false,
  filter: noFilter,
  ...noRequest,
  reading: null,
  result: null,
  joint: null,
  applied: null,
  selected: [],
  hovered: null,
  current: 0,
  guess: null,
};
