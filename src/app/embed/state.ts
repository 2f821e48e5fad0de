/** What the embeddings view holds. */
import { noRequest, type RequestState } from '../store/request-state.ts';
import type { Table } from './pasted.ts';

export interface EmbedResult {
  texts: string[];
  vectors: Float32Array[];
  dim: number;
  query: { text: string; vector: Float32Array } | null;
  elapsedMs: number;
}

export interface Line {
  id: number;
  text: string;
}

/** Several lines that came at once into one text. */
export interface Pasted {
  /** The text that they came into. */
  id: number;
  /** As one text: what stood in the field, with what came. */
  whole: string;
  parts: string[];
  /** They look like a table. */
  table: Table | null;
  /** How many of them have room as texts of their own. */
  room: number;
  /** The texts as they stood before. */
  before: Line[];
  /** Null while the user is asked. */
  taken: 'lines' | null;
}

export interface EmbedSlice extends RequestState {
  lines: Line[];
  query: string;
  /** Texts for which there was no room yet. */
  aside: string[];
  paste: Pasted | null;
  result: EmbedResult | null;
}

export const initialEmbed: EmbedSlice = {
  lines: [
    { id: 0, text: '' },
    { id: 1, text: '' },
  ],
  query: '',
  aside: [],
  paste: null,
  ...noRequest,
  result: null,
};
