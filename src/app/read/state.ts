/** What the view of long texts holds. */
import type { ReadWord } from '../../text/read-words.ts';
import { noRequest, type RequestState } from '../store/request-state.ts';

export type { ReadWord };

/** Bits are coloured by log(1 + bits), within 2.5 standard deviations of its mean. */
export interface Scale {
  mean: number;
  deviation: number;
}

export interface ReadResult {
  /** What it is the answer to: model, way of reading and text. */
  key: string;
  text: string;
  mode: ReadMode;
  words: ReadWord[];
  /** Tokens that have an answer, and tokens of the text. */
  done: number;
  total: number;
  /** Fast mode: the windows in which a text over the context was read. */
  windows: number;
  scale: Scale;
  elapsedMs: number;
}

export type ReadMode = 'fast' | 'exact';

/** Tokens that are read around each token in exact mode; 0: as many as the context holds. */
export const surroundings = [64, 128, 512, 0] as const;
export type Around = (typeof surroundings)[number];

export interface ReadSlice extends RequestState {
  text: string;
  writing: boolean;
  mode: ReadMode;
  around: Around;
  result: ReadResult | null;
  /** Index of the word that the reader is at. */
  chosen: number | null;
  /** Words of so many bits or more are jumped to; null: the upper end of the scale. */
  threshold: number | null;
  shown: 'text' | 'table';
}

export const initialRead: ReadSlice = {
  text: '',
  writing: true,
  mode: 'fast',
  around: 128,
  ...noRequest,
  result: null,
  chosen: null,
  threshold: null,
  shown: 'text',
};
