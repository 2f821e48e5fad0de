/**
 * Streams of tokenised documents that can be stopped anywhere and continued elsewhere: what they have done so far is a few counters in plain
 * JSON, and no tokens are kept in it.
 */
import { InputError } from '../errors.ts';
import { integer } from './random.ts';

/** Token ids without separators; a stream keeps it, so it must not change afterwards. */
export type Document = ArrayLike<number>;

/** Where documents come from, always in the same order: files, a data set, a list. */
export interface DocumentSource {
  /** For messages. */
  name: string;
  /** The documents from number `from` (0 is the first) to the last. */
  read(from: number): AsyncIterable<Document>;
}

/** A stream with a state S (plain JSON). */
export interface Resumable<T, S> {
  /** The next item; null at the end, and again whenever it is asked. One call at a time. */
  next(): Promise<T | null>;
  /** What is done so far. It is a copy: what happens later does not change it. */
  state(): S;
  /** Goes on as a stream in that state would. Errors: InputError for a state that other options made. */
  restore(state: S): void;
}

/** The items of a stream for `for await`, from where it is. */
export async function* itemsOf<T, S>(stream: Resumable<T, S>): AsyncGenerator<T, void, undefined> {
  for (let item = await stream.next(); item !== null; item = await stream.next()) yield item;
}

export interface ShuffleOptions {
  seed: number;
  /** Documents that are held and shuffled among themselves; 1 leaves the source's order. Default 1024. */
  block?: number;
  /** How often the source is read, in another order each time; Infinity: without end. Default 1. */
  epochs?: number;
}

export interface ShuffleState {
  seed: number;
  block: number;
  epoch: number;
  /** Number of the first document of the block. */
  first: number;
  /** Documents of the block that have been given. */
  given: number;
}

/**
 * The documents of a source, block by block, each block in an order of its own. In memory is one block. Errors: InputError for a source without
 * documents.
 */
export class ShuffledDocuments implements Resumable<Document, ShuffleState> {
  readonly #source: DocumentSource;
  readonly #epochs: number;
  #at: ShuffleState;
  /** In the order in which they are given; null: not yet read. */
  #held: Document[] | null = null;
  #reading: AsyncIterator<Document> | null = null;

  constructor(source: DocumentSource, { seed, block = 1024, epochs = 1 }: ShuffleOptions) {
    wholeNumber('seed', seed, 0);
    wholeNumber('block', block, 1);
    if (epochs !== Number.POSITIVE_INFINITY) wholeNumber('epochs', epochs, 1);
    this.#source = source;
    this.#epochs = epochs;
    this.#at = { seed, block, epoch: 0, first: 0, given: 0 };
  }

  async next(): Promise<Document | null> {
    while (this.#at.epoch < this.#epochs) {
      this.#held ??= await this.#readBlock();
      const document = this.#held[this.#at.given];
      if (document) {
        this.#at.given++;
        return document;
      }
      if (this.#held.length === 0 && this.#at.first === 0) throw new InputError(`${this.#source.name} holds no documents.`);
      const isLast = this.#held.length < this.#at.block;
      this.#held = null;
      if (isLast) {
        await this.#close();
        this.#at = { ...this.#at, epoch: this.#at.epoch + 1, first: 0, given: 0 };
      } else this.#at = { ...this.#at, first: this.#at.first + this.#at.block, given: 0 };
    }
    return null;
  }

  state(): ShuffleState {
    return { ...this.#at };
  }

  restore(state: ShuffleState): void {
    sameOption('seed', state.seed, this.#at.seed);
    sameOption('block', state.block, this.#at.block);
    this.#at = { ...state };
    this.#held = null;
    this.#close().catch(() => {}); // what was being read is given up, so its end is nobody's concern
  }

  async #readBlock(): Promise<Document[]> {
    const { seed, block, epoch, first } = this.#at;
    const reading = this.#reading ?? this.#source.read(first)[Symbol.asyncIterator]();
    this.#reading = null; // after a failure the block is read again from its start: an iterator that threw would claim to be at its end
    const held: Document[] = [];
    while (held.length < block) {
      const { done, value } = await reading.next();
      if (done) break;
      held.push(value);
    }
    this.#reading = reading;
    // Fisher and Yates' shuffle.
    for (let i = held.length - 1; i > 0; i--) {
      const j = integer(i + 1, seed, epoch, first, i);
      [held[i], held[j]] = [held[j]!, held[i]!];
    }
    return held;
  }

  async #close(): Promise<void> {
    const reading = this.#reading;
    this.#reading = null;
    await reading?.return?.();
  }
}

/** Errors: InputError that names the option. */
export function wholeNumber(name: string, value: number, least: number): void {
  if (!Number.isSafeInteger(value) || value < least) throw new InputError(`${name} is ${value}; accepted: a whole number from ${least}.`);
}

/** A state goes on only under the options that made it. */
export function sameOption(name: string, inState: unknown, here: unknown): void {
  if (inState === here) return;
  throw new InputError(`The saved position was made with ${name} ${inState}, and ${name} is now ${here}. Continue with the same options.`);
}
