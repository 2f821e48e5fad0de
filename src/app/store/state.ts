/** The state of the page, one slice per concern, and how each begins. */

import type { LibraryModel, LibrarySpace } from '../../library/types.ts';
import type { PickedFile } from '../../source/files.ts';
import type { Dtype, Model, ModelReport, Progress } from '../../types.ts';
import { type CheckSlice, initialCheck } from '../device/state.ts';
import { type EmbedSlice, initialEmbed } from '../embed/state.ts';
import { initialPair, type PairSlice } from '../fill/pair/state.ts';
import { type FillSlice, initialFill } from '../fill/state.ts';
import { initialLesson, type LessonSlice } from '../lesson/state.ts';
import type { Dropped } from '../lib/dropped.ts';
import type { ModelChoice } from '../lib/engine.ts';
import type { Failure } from '../lib/failure.ts';
import type { Language } from '../lib/format.ts';
import type { Rate } from '../lib/rate.ts';
import { initialRead, type ReadSlice } from '../read/state.ts';
import { initialSearch, type SearchSlice } from '../search/state.ts';

/** A place where the page keeps something, and a browser may refuse to. */
export type RefusedStorage = 'settings' | 'index' | 'models';

export type Theme = 'system' | 'light' | 'dark';

/** Kept in localStorage. The user's text is not among them, on purpose: see keep-text.ts. */
export interface Settings {
  language: Language;
  theme: Theme;
  /** Words per mask, 1 to 50. */
  k: number;
  showIds: boolean;
  singleKeys: boolean;
  /** Everything larger, for a class to read. */
  largeType: boolean;
  dtype: Dtype | 'auto';
  /** Empty: the public hub. */
  hubUrl: string;
  /** Keep fetched models on this machine. */
  keep: boolean;
  /** Keep the user's text in this browser across a reload. */
  keepText: boolean;
  /** Hub id or address of the last model that ran, other than mini. */
  lastModel: string | null;
  /** The imported model that ran last, which has a key in the library and no name elsewhere. */
  lastKept: { key: string; name: string } | null;
  /** The model whose download began and has not ended: it is offered at the next visit. */
  unfinished: string | null;
}

/** One load, with what it was asked. */
export interface LoadRequest {
  choice: ModelChoice;
  dtype: Dtype | 'auto';
  keep: boolean;
}

export interface Loading extends LoadRequest {
  progress: Progress | null;
  /** Part done of the whole way, 0 … 1; null while unknown. */
  overall: number | null;
  rate: Rate | null;
  /** `performance.now()` when its progress last changed: bytes, or the stage. */
  movedAt: number;
  /** The newest notice about it, for example that it waits for the hub or for another tab. */
  notice: string | null;
  /** Stopped by the user; the worker still writes down where the download is. */
  stopping: boolean;
}

interface ModelSlice {
  current: Model | null;
  /** Counts the models that ran: work keyed by it is dropped when another model takes over. */
  generation: number;
  choice: ModelChoice | null;
  report: ModelReport | null;
  loading: Loading | null;
  loadError: Failure | null;
  /** What failed, to try again in another way. */
  failed: LoadRequest | null;
  /** A notice of the engine about the load of the running model, for example that it could not be kept. */
  notice: string | null;
  /** The running model died (device lost, worker gone) and waits to be loaded again. */
  trouble: Failure | null;
}

/** Work on one entry of the library, one at a time. */
export interface LibraryJob {
  kind: 'check' | 'export' | 'import' | 'remove' | 'calibrate';
  /** Entry; null for an import. */
  key: string | null;
  name: string;
  progress: Progress | null;
  overall: number | null;
}

export interface LibrarySlice {
  /** Null until asked for the first time. */
  models: LibraryModel[] | null;
  space: LibrarySpace | null;
  /** Why the list could not be read. */
  failure: Failure | null;
  job: LibraryJob | null;
  /** What went wrong with the last work, and on which entry. */
  jobFailure: { key: string | null; failure: Failure } | null;
  /** What the last work did, and to which entry. */
  done: { key: string; kind: 'check' | 'export' | 'calibrate'; state: LibraryModel['state'] } | null;
}

/** The connection to the hub: in memory only. */
export interface HubSlice {
  token: string;
  revision: string;
}

/** What is undone with one press. */
export type Step = 'typing' | 'example' | 'clear' | 'mask' | 'paste' | 'file' | 'link' | 'list' | 'compose';

export interface Written {
  fill: Pick<FillSlice, 'text' | 'masks' | 'ownWords' | 'truncate'>;
  read: Pick<ReadSlice, 'text'>;
  embed: Pick<EmbedSlice, 'lines' | 'query' | 'aside'>;
}
/** The views in which a user writes. */
export type Writing = keyof Written;
/** The views that ask the model; their slices hold a `RequestState`. */
export type Asking = 'fill' | 'pair' | 'read' | 'search' | 'embed';

/** How a view stood before each step, the newest last. */
interface History<V extends Writing> {
  undo: { step: Step; written: Written[V] }[];
  redo: { step: Step; written: Written[V] }[];
}
export type HistorySlice = { [V in Writing]: History<V> };

interface UiSlice {
  /** Read out by screen readers. */
  status: string;
  shortcutsOpen: boolean;
  updateReady: boolean;
  offlineReady: boolean;
  /** The text is too long to be kept. */
  textNotKept: boolean;
  /** What this browser refuses to keep for the page. */
  refused: readonly RefusedStorage[];
  /** Why the link that the page was opened with could not be read. */
  badLink: 'version' | 'damaged' | null;
  /** Files that were dropped on the page, until the user says what they are for. */
  dropped: Dropped | null;
  /** Files of a model on their way to the chooser. */
  handed: readonly PickedFile[] | null;
}

export interface AppState {
  settings: Settings;
  model: ModelSlice;
  fill: FillSlice;
  pair: PairSlice;
  read: ReadSlice;
  search: SearchSlice;
  embed: EmbedSlice;
  library: LibrarySlice;
  hub: HubSlice;
  check: CheckSlice;
  lesson: LessonSlice;
  history: HistorySlice;
  ui: UiSlice;
}

export const defaultSettings: Settings = {
  language: 'en',
  theme: 'system',
  k: 5,
  showIds: false,
  singleKeys: true,
  largeType: false,
  dtype: 'auto',
  hubUrl: '',
  keep: true,
  keepText: false,
  lastModel: null,
  lastKept: null,
  unfinished: null,
};

export const initialState = (): AppState => ({
  settings: defaultSettings,
  model: {
    current: null,
    generation: 0,
    choice: null,
    report: null,
    loading: null,
    loadError: null,
    failed: null,
    notice: null,
    trouble: null,
  },
  fill: initialFill,
  pair: initialPair,
  read: initialRead,
  search: initialSearch,
  embed: initialEmbed,
  library: { models: null, space: null, failure: null, job: null, jobFailure: null, done: null },
  hub: { token: '', revision: '' },
  check: initialCheck,
  lesson: initialLesson,
  history: { fill: { undo: [], redo: [] }, read: { undo: [], redo: [] }, embed: { undo: [], redo: [] } },
  ui: {
    status: '',
    shortcutsOpen: false,
    updateReady: false,
    offlineReady: false,
    textNotKept: false,
    refused: [],
    badLink: null,
    dropped: null,
    handed: null,
  },
});
