/** What the fill-mask view holds. */
import type { Prediction } from '../../types.ts';
import type { MaskSpan } from '../lib/words.ts';
import { noRequest, type RequestState } from '../store/request-state.ts';

export interface FillResult {
  /** The text that was asked; its masks; per mask the best words and the user's own words. */
  text: string;
  masks: MaskSpan[];
  /** Only the beginning of the text was read. */
  truncated: boolean;
  ownWords: string[];
  groups: Prediction[][];
  /** Null until the asked words are scored. */
  targets: Prediction[][] | null;
  elapsedMs: number;
}

export interface FillSlice extends RequestState {
  text: string;
  masks: MaskSpan[];
  ownWords: string;
  truncate: boolean;
  result: FillResult | null;
  /** Index of the chosen word, per mask. */
  selected: number[];
  hovered: { mask: number; index: number } | null;
}

export const initialFill: FillSlice = {
  text: '',
  masks: [],
  ownWords: '',
  truncate: false,
  ...noRequest,
  result: null,
  selected: [],
  hovered: null,
};
