/** The state of the page, one slice per concern, and how each begins. */
import type { Dtype, Model, ModelReport, Prediction, Progress } from '../../engine/types.ts';
import type { ModelChoice } from '../engine.ts';
import type { Failure } from '../lib/failure.ts';
import type { Language } from '../lib/format.ts';
import type { Rate } from '../lib/rate.ts';
import type { MaskSpan } from '../lib/words.ts';

export type Theme = 'system' | 'light' | 'dark';

/** Kept in localStorage. The reader's text is not among them, on purpose. */
export interface Settings {
  language: Language;
  theme: Theme;
  /** Words per mask, 1 to 50. */
  k: number;
  showIds: boolean;
  singleKeys: boolean;
  dtype: Dtype | 'auto';
  /** Empty: the public hub. */
  hubUrl: string;
  /** Hub id or address of the last model that ran, other than mini. */
  lastModel: string | null;
}

export interface Loading {
  choice: ModelChoice;
  progress: Progress | null;
  rate: Rate | null;
}

interface ModelSlice {
  current: Model | null;
  /** Counts the models that ran: work keyed by it is dropped when another model takes over. */
  generation: number;
  choice: ModelChoice | null;
  report: ModelReport | null;
  loading: Loading | null;
  loadError: Failure | null;
  /** The running model died (device lost, worker gone) and waits to be loaded again. */
  trouble: Failure | null;
}

export interface FillResult {
  /** The text that was asked; its masks; per mask the best words and the reader's own words. */
  text: string;
  masks: MaskSpan[];
  groups: Prediction[][];
  /** Null until the asked words are scored. */
  targets: Prediction[][] | null;
  elapsedMs: number;
}

export interface FillSlice {
  text: string;
  masks: MaskSpan[];
  ownWords: string;
  truncate: boolean;
  running: boolean;
  result: FillResult | null;
  failure: Failure | null;
  /** Index of the chosen word, per mask. */
  selected: number[];
  hovered: { mask: number; index: number } | null;
}

export interface EmbedResult {
  texts: string[];
  vectors: Float32Array[];
  dim: number;
  query: { text: string; vector: Float32Array } | null;
  elapsedMs: number;
}

export interface EmbedSlice {
  lines: { id: number; text: string }[];
  query: string;
  running: boolean;
  result: EmbedResult | null;
  failure: Failure | null;
}

interface UiSlice {
  /** Read out by screen readers. */
  status: string;
  shortcutsOpen: boolean;
  updateReady: boolean;
  offlineReady: boolean;
}

export interface AppState {
  settings: Settings;
  model: ModelSlice;
  fill: FillSlice;
  embed: EmbedSlice;
  ui: UiSlice;
}

export const defaultSettings: Settings = {
  language: 'en',
  theme: 'system',
  k: 5,
  showIds: false,
  singleKeys: true,
  dtype: 'auto',
  hubUrl: '',
  lastModel: null,
};

export const initialState = (): AppState => ({
  settings: defaultSettings,
  model: { current: null, generation: 0, choice: null, report: null, loading: null, loadError: null, trouble: null },
  fill: { text: '', masks: [], ownWords: '', truncate: false, running: false, result: null, failure: null, selected: [], hovered: null },
  embed: {
    lines: [
      { id: 0, text: '' },
      { id: 1, text: '' },
    ],
    query: '',
    running: false,
    result: null,
    failure: null,
  },
  ui: { status: '', shortcutsOpen: false, updateReady: false, offlineReady: false },
});
