/** What class mode holds of a lesson. */
import type { TargetScore } from '../../types.ts';

/** A sentence as it reads with every word shown. */
export interface Sentence {
  text: string;
  /** [start, end) of the words to hide, UTF-16, in reading order. Masks that stand in the text hide no known word. */
  hidden: { start: number; end: number }[];
}

export interface Lesson {
  /** Empty: the file has none. */
  title: string;
  sentences: Sentence[];
}

/** What the reader guessed for a sentence. */
export interface Answered {
  /** A word a mask and its score, as fill/guess.ts has them. */
  given: string[];
  scores: (TargetScore | null)[];
  /** Of each word that was asked: the guess, and what was hidden (null: not known). */
  words: { guess: string; hidden: string | null }[];
  points: number;
  /** Points that could be had. */
  most: number;
}

/** Why a file is no lesson. `line`: from 1. */
export interface LessonFailure {
  file: string;
  kind: 'empty' | 'big' | 'binary' | 'many' | 'long' | 'no-mask' | 'open-brace' | 'empty-brace' | 'no-model';
  line: number;
}

export interface OpenLesson extends Lesson {
  file: string;
  /** Index of the sentence; as many as there are: the summary. */
  at: number;
  /** The sentence that stands on the sheet, and as what; null before the first is there. */
  asked: { at: number; text: string } | null;
  answers: (Answered | null)[];
}

export interface LessonSlice {
  open: OpenLesson | null;
  failure: LessonFailure | null;
}

export const initialLesson: LessonSlice = { open: null, failure: null };
