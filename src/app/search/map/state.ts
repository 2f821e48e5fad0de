/** What the map and the near-duplicates hold. */
import type { Failure } from '../../lib/failure.ts';
import type { Doc, PassageRef } from '../doc.ts';
import type { Copies } from './copies.ts';
import type { Pairs } from './pairs.ts';

export type Method = 'pca' | 'umap';

export interface Drawing {
  method: Method;
  /** Of these documents, as they were; others are drawn anew. */
  documents: readonly Doc[];
  refs: readonly PassageRef[];
  /** Passages with a vector, of which `refs` are some. */
  total: number;
  /** [n, 2] */
  xy: Float32Array;
  /** The part of the variance along each axis, of PCA. */
  shares: readonly [number, number] | null;
}

export interface MapSlice {
  drawing: Drawing | null;
  /** What is being computed; `share`: the part that is done, null while unknown. */
  running: { method: Method; share: number | null } | null;
  failure: Failure | null;
  /** The column that gives the groups; null: the document. */
  column: string | null;
  /** The point that is looked at closely, and the passages nearest to it; null while they are searched. */
  chosen: PassageRef | null;
  neighbours: readonly (PassageRef & { cosine: number })[] | null;
  neighbourFailure: Failure | null;
  /** Points of the drawing inside the rectangle. */
  inside: readonly number[];
}

export const initialMap: MapSlice = {
  drawing: null,
  running: null,
  failure: null,
  column: null,
  chosen: null,
  neighbours: null,
  neighbourFailure: null,
  inside: [],
};

export interface FoundPairs extends Pairs, Copies {
  /** Those of `distinct` that were compared; the pairs are places in it. */
  refs: readonly PassageRef[];
}

export interface PairsSlice {
  found: FoundPairs | null;
  /** The part that is done; null while nothing is computed. */
  share: number | null;
  /** The reader stopped it. */
  isStopped: boolean;
  failure: Failure | null;
  /** Pairs with a lower cosine are not shown. */
  threshold: number;
}

export const initialPairs: PairsSlice = { found: null, share: null, isStopped: false, failure: null, threshold: 0.97 };
