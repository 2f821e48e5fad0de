/** Documents of a list as a source for training; what was read last is remembered. */
import type { Document, DocumentSource } from '../training/documents.ts';

export interface ListedDocuments extends DocumentSource {
  /** Numbers of the documents that have been read, in that order. */
  reads: number[];
}

export function listedDocuments(documents: readonly Document[], name = 'list'): ListedDocuments {
  const reads: number[] = [];
  return {
    name,
    reads,
    async *read(from) {
      for (let i = from; i < documents.length; i++) {
        reads.push(i);
        yield documents[i]!;
      }
    },
  };
}

/** Documents of these lengths whose tokens all differ: 1000 · number + place. */
export function numberedDocuments(lengths: readonly number[], first = 0): number[][] {
  return lengths.map((length, i) => Array.from({ length }, (_, t) => 1000 * (first + i) + t));
}
