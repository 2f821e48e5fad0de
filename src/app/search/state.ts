/** What the view of search holds. The vectors themselves are beside it, in vectors.ts: nothing is drawn from them. */
import type { Failure } from '../lib/failure.ts';
import { noRequest, type RequestState } from '../store/request-state.ts';
import type { Doc, PassageRef } from './doc.ts';
import { initialMap, initialPairs, type MapSlice, type PairsSlice } from './map/state.ts';

export type { Doc, Part, PassageRef } from './doc.ts';

/** The parts of the view. */
export type SearchPart = 'passages' | 'map' | 'duplicates';

/** How a text is cut into passages; `tokens` counts only in that mode. */
export interface Chunking {
  mode: 'sentence' | 'paragraph' | 'tokens';
  tokens: number;
}

/** What made the vectors; two of them can be compared only if all three are the same. */
export interface VectorModel {
  name: string;
  dim: number;
  pooling: string;
}

/** Why a file was not taken, or what the reader should know of one that was. */
export interface FileNote {
  name: string;
  kind:
    | 'too-big'
    | 'unreadable'
    | 'not-text'
    | 'empty'
    | 'pdf-no-text'
    | 'pdf-broken'
    | 'pdf-locked'
    | 'docx-broken'
    | 'index-broken'
    | 'too-many'
    | 'guessed';
  /** Bytes, of a file that is too big. */
  bytes?: number;
}

/** A table that waits for the reader to say which column is the text. */
export interface PendingTable {
  name: string;
  text: string;
  delimiter: string;
  hasHeader: boolean;
  /** Names of the columns, made up where there is no header. */
  header: readonly string[];
  /** The first rows, and how many there are. */
  preview: readonly (readonly string[])[];
  rows: number;
  /** The column that is the text. */
  column: number;
}

export type Mode = 'both' | 'words' | 'meaning';

export interface Hit extends PassageRef {
  /** Of the fused order: the sum of 1 / (60 + rank). */
  score: number;
  words: { rank: number; score: number } | null;
  meaning: { rank: number; cosine: number } | null;
}

export interface SearchResult {
  query: string;
  mode: Mode;
  hits: readonly Hit[];
  /** The folded words of the passages that the query met. */
  terms: readonly string[];
  /** Why the meaning was not searched though it was asked for. */
  without: 'no-model' | 'other-model' | 'no-vectors' | null;
  elapsedMs: number;
}

export interface SearchSlice extends RequestState {
  /** Whether what this browser keeps has been read. */
  opening: 'waiting' | 'reading' | 'done';
  /** `kept`: every change is written down on this device; otherwise why not. */
  keeping: 'kept' | 'unavailable' | 'full';
  /** Another tab is changing the index. */
  busyElsewhere: boolean;
  documents: readonly Doc[];
  /** What made the vectors; null while there are none. */
  model: VectorModel | null;
  chunking: Chunking;
  indexing: { done: number; total: number; secondsLeft: number | null } | null;
  indexFailure: Failure | null;
  /** The files that are being read. */
  reading: { done: number; total: number } | null;
  notes: readonly FileNote[];
  tables: readonly PendingTable[];
  query: string;
  mode: Mode;
  result: SearchResult | null;
  /** The passage whose document is shown; `isHit`: it was found, and is marked. */
  opened: (PassageRef & { isHit: boolean }) | null;
  part: SearchPart;
  map: MapSlice;
  pairs: PairsSlice;
}

export const initialSearch: SearchSlice = {
  ...noRequest,
  opening: 'waiting',
  keeping: 'kept',
  busyElsewhere: false,
  documents: [],
  model: null,
  chunking: { mode: 'sentence', tokens: 128 },
  indexing: null,
  indexFailure: null,
  reading: null,
  notes: [],
  tables: [],
  query: '',
  mode: 'both',
  result: null,
  opened: null,
  part: 'passages',
  map: initialMap,
  pairs: initialPairs,
};
