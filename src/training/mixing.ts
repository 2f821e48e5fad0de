/** Several streams of documents as one, by their shares of the tokens. */
import { InputError } from '../errors.ts';
import type { Document, Resumable } from './documents.ts';
import { sameOption } from './documents.ts';

/** A stream and its share of the tokens: any positive numbers, of which only the ratios count. */
export interface MixedSource<S> {
  documents: Resumable<Document, S>;
  share: number;
}

export interface MixState<S> {
  shares: number[];
  /** Tokens given by each. */
  tokens: number[];
  /** Whether it has no more documents. */
  ended: boolean[];
  sources: S[];
}

/**
 * Each time the stream that is furthest behind its share gives a document, so after any number of tokens each is within one document
 * of its share. One that ends leaves; the others go on among themselves.
 */
export class MixedDocuments<S> implements Resumable<Document, MixState<S>> {
  readonly #sources: readonly Resumable<Document, S>[];
  readonly #shares: readonly number[];
  #tokens: number[];
  #ended: boolean[];

  /** Errors: InputError for no source and for a share that is not positive. */
  constructor(sources: readonly MixedSource<S>[]) {
    if (sources.length === 0) throw new InputError('There is no source of documents to mix. Give at least one.');
    for (const { share } of sources) {
      if (!(share > 0 && share < Number.POSITIVE_INFINITY)) throw new InputError(`A share is ${share}; accepted: a number over 0.`);
    }
    this.#sources = sources.map(({ documents }) => documents);
    this.#shares = sources.map(({ share }) => share);
    this.#tokens = sources.map(() => 0);
    this.#ended = sources.map(() => false);
  }

  async next(): Promise<Document | null> {
    for (let i = this.#furthestBehind(); i >= 0; i = this.#furthestBehind()) {
      const document = await this.#sources[i]!.next();
      if (document) {
        this.#tokens[i]! += document.length;
        return document;
      }
      this.#ended[i] = true;
    }
    return null;
  }

  state(): MixState<S> {
    const sources = this.#sources.map(documents => documents.state());
    return { shares: [...this.#shares], tokens: [...this.#tokens], ended: [...this.#ended], sources };
  }

  restore(state: MixState<S>): void {
    sameOption('shares', state.shares.join(' : '), this.#shares.join(' : '));
    this.#tokens = [...state.tokens];
    this.#ended = [...state.ended];
    this.#sources.forEach((documents, i) => {
      documents.restore(state.sources[i]!);
    });
  }

  /** −1: all have ended. The first of those that are equally far behind. */
  #furthestBehind(): number {
    let found = -1;
    let least = Number.POSITIVE_INFINITY;
    this.#tokens.forEach((tokens, i) => {
      const done = tokens / this.#shares[i]!;
      if (this.#ended[i] || done >= least) return;
      found = i;
      least = done;
    });
    return found;
  }
}
