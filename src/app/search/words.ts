/** Search by words: BM25 over the passages, on folded words. */
import MiniSearch from 'minisearch';
import { term, wordsOf } from './fold.ts';
import { passageCount, passageText } from './passages.ts';
import type { Doc, PassageRef } from './state.ts';

interface Entry {
  id: string;
  text: string;
}

export interface WordHit extends PassageRef {
  score: number;
  /** The folded words of the passage that were met. */
  terms: readonly string[];
}

const idOf = ({ id }: Doc, passage: number): string => `${id}/${passage}`;

/** So many passages are added at once, so that the page can answer in between. */
const AT_ONCE = 500;

/** The last word of a query stands for so many words that begin like it, the most frequent ones: a few letters begin thousands. */
const CONTINUATIONS = 12;
/** What such a word counts beside one that was typed. */
const CONTINUED = 0.4;

export class WordIndex {
  /** How often each folded word was seen. */
  #seen = new Map<string, number>();
  #search = this.#empty();
  /** The passages that are in it, by document. */
  #held = new Map<string, Doc>();
  #work: Promise<void> = Promise.resolve();

  #empty(): MiniSearch<Entry> {
    this.#seen.clear();
    const processTerm = (word: string): string | null => {
      const folded = term(word);
      if (folded !== null) this.#seen.set(folded, (this.#seen.get(folded) ?? 0) + 1);
      return folded;
    };
    return new MiniSearch<Entry>({ fields: ['text'], tokenize: wordsOf, processTerm, searchOptions: { processTerm: folded => folded } });
  }

  /** Adds what is new in `documents` and takes out what is gone. */
  update(documents: readonly Doc[]): Promise<void> {
    this.#work = this.#work.then(() => this.#update(documents));
    return this.#work;
  }

  async #update(documents: readonly Doc[]): Promise<void> {
    const now = new Map(documents.map(doc => [doc.id, doc]));
    const isGone = ([id, { passages }]: [string, Doc]) => now.get(id)?.passages !== passages;
    if ([...this.#held].some(isGone)) {
      this.#held.clear();
      this.#search = this.#empty();
    }
    for (const doc of documents) {
      if (this.#held.has(doc.id)) continue;
      const entries = Array.from({ length: passageCount(doc) }, (_, i) => ({ id: idOf(doc, i), text: passageText(doc, i) }));
      await this.#search.addAllAsync(entries, { chunkSize: AT_ONCE });
      this.#held.set(doc.id, doc);
    }
  }

  /** The best passages, best first. The last word counts as a beginning too, as it may still be typed. */
  find(query: string, limit: number): WordHit[] {
    const asked = wordsOf(query)
      .map(term)
      .filter(folded => folded !== null);
    const terms = [...asked, ...(/\s$/.test(query) ? [] : this.#continuations(asked.at(-1) ?? ''))];
    const found = this.#search.search(terms.join(' '), {
      combineWith: 'OR',
      boostTerm: (_, i) => (i < asked.length ? 1 : CONTINUED),
    });
    return found.slice(0, limit).map(({ id, score, terms }) => {
      const [doc = '', passage = ''] = String(id).split('/');
      return { doc, passage: Number(passage), score, terms };
    });
  }

  #continuations(beginning: string): string[] {
    if (beginning.length < 3) return [];
    return [...this.#seen]
      .filter(([word]) => word.length > beginning.length && word.startsWith(beginning))
      .sort((a, b) => b[1] - a[1])
      .slice(0, CONTINUATIONS)
      .map(([word]) => word);
  }
}
