/**
 * Documents behind one another without padding, as a forward pass takes them. Attention does not cross from one to the next: each is a
 * sequence of its own in `cuSeqlens`, and its positions start at 0.
 */
import { InputError } from '../errors.ts';
import { type Document, type Resumable, sameOption, wholeNumber } from './documents.ts';

/** T tokens in S sequences. */
export interface PackedBatch {
  /** 0, 1, 2 … since the beginning of the stream: what the masks of a batch are drawn from. */
  number: number;
  ids: Uint32Array<ArrayBuffer>;
  /** [T]: place in its sequence, from 0. */
  positions: Uint32Array<ArrayBuffer>;
  /** [S + 1]: sequence i is tokens cuSeqlens[i] … cuSeqlens[i + 1]. */
  cuSeqlens: Uint32Array<ArrayBuffer>;
}

export interface PackOptions {
  /** The longest sequence, separators included: the model's context. Longer documents are cut into several. */
  context: number;
  /** The most tokens of a batch; default `context`. */
  tokens?: number;
  /** Ids put before and behind each document: [CLS] and [SEP]; default none. */
  before?: number;
  after?: number;
  /** Puts them around every part of a document that is cut, not only at its own ends; default false. */
  aroundParts?: boolean;
  /** Tokens from which a batch is chosen: more of them fill batches better. Default 8 batches. */
  pool?: number;
}

export interface PackState<S> {
  /** Of the options, as they must be again. */
  options: string;
  batches: number;
  /** Tokens of all batches so far. */
  tokens: number;
  /** The documents' stream before the first document of which something is still to come. */
  documents: S;
  /** Documents that were read from there. */
  read: number;
  /** What of them is still to come: [document, part]. */
  waiting: [number, number][];
}

/** A sequence that waits for its batch. */
interface Part<S> {
  ids: Uint32Array<ArrayBuffer>;
  /** Number of the document since the stream began or was restored, and of the part in it. */
  document: number;
  part: number;
  /** The documents' stream before that document. */
  before: S;
}

/**
 * Greedy best fit: a batch begins with the sequence that has waited longest, then always takes the longest that still fits. So no sequence
 * waits for ever, and in memory are the pool and one document.
 */
export class PackedBatches<S> implements Resumable<PackedBatch, PackState<S>> {
  readonly #documents: Resumable<Document, S>;
  readonly #options: Required<Omit<PackOptions, 'before' | 'after'>> & Pick<PackOptions, 'before' | 'after'>;
  /** In the order in which they came. */
  #waiting: Part<S>[] = [];
  #waitingTokens = 0;
  #read = 0;
  #hasEnded = false;
  #batches = 0;
  #tokens = 0;
  /** A state that is to be gone on from: its documents are read again at the next call. */
  #restored: PackState<S> | null = null;

  /** Errors: InputError for options that leave no room for a document. */
  constructor(documents: Resumable<Document, S>, options: PackOptions) {
    const { context, tokens = context, before, after, aroundParts = false, pool = 8 * tokens } = options;
    const separators = Number(before !== undefined) + Number(after !== undefined);
    wholeNumber('context', context, separators + 1);
    wholeNumber('tokens', tokens, context);
    wholeNumber('pool', pool, tokens);
    if (before !== undefined) wholeNumber('before', before, 0);
    if (after !== undefined) wholeNumber('after', after, 0);
    this.#documents = documents;
    this.#options = { context, tokens, before, after, aroundParts, pool };
  }

  async next(): Promise<PackedBatch | null> {
    await this.#readAgain();
    await this.#fillPool();
    if (this.#waiting.length === 0) return null;
    const parts = this.#choose();
    const batch = packed(this.#batches, parts);
    this.#batches++;
    this.#tokens += batch.ids.length;
    return batch;
  }

  state(): PackState<S> {
    if (this.#restored) return structuredClone(this.#restored);
    const oldest = this.#waiting[0];
    const first = oldest?.document ?? this.#read;
    return {
      options: JSON.stringify(this.#options),
      batches: this.#batches,
      tokens: this.#tokens,
      documents: oldest?.before ?? this.#documents.state(),
      read: this.#read - first,
      waiting: this.#waiting.map(({ document, part }) => [document - first, part]),
    };
  }

  restore(state: PackState<S>): void {
    sameOption('the options', state.options, JSON.stringify(this.#options));
    this.#documents.restore(state.documents);
    this.#restored = structuredClone(state);
    this.#batches = state.batches;
    this.#tokens = state.tokens;
  }

  /** Reads the documents of a restored state again and lets wait what waited then. */
  async #readAgain(): Promise<void> {
    const state = this.#restored;
    if (!state) return;
    this.#documents.restore(state.documents);
    const waiting = new Set(state.waiting.map(pair => pair.join()));
    this.#waiting = [];
    this.#waitingTokens = 0;
    this.#hasEnded = false;
    for (this.#read = 0; this.#read < state.read; ) {
      const isThere = await this.#readDocument((document, part) => waiting.has(`${document},${part}`));
      if (!isThere)
        throw new InputError('The source holds fewer documents than when the position was saved. Continue with the same source.');
    }
    this.#restored = null;
  }

  async #fillPool(): Promise<void> {
    while (!this.#hasEnded && this.#waitingTokens < this.#options.pool) this.#hasEnded = !(await this.#readDocument(() => true));
  }

  /** False: there is none. */
  async #readDocument(isWanted: (document: number, part: number) => boolean): Promise<boolean> {
    const before = this.#documents.state();
    const ids = await this.#documents.next();
    if (!ids) return false;
    const document = this.#read++;
    for (const [part, of] of cut(ids, this.#options).entries()) {
      if (!isWanted(document, part)) continue;
      this.#waiting.push({ ids: of, document, part, before });
      this.#waitingTokens += of.length;
    }
    return true;
  }

  /** By length the others are looked at once: what does not fit now will not fit later. Of equally long ones the first comes first. */
  #choose(): Part<S>[] {
    const [oldest, ...others] = this.#waiting as [Part<S>, ...Part<S>[]];
    const taken = new Set([oldest]);
    let room = this.#options.tokens - oldest.ids.length;
    for (const part of others.sort((a, b) => b.ids.length - a.ids.length)) {
      if (part.ids.length > room) continue;
      taken.add(part);
      room -= part.ids.length;
    }
    this.#waiting = this.#waiting.filter(part => !taken.has(part));
    this.#waitingTokens -= this.#options.tokens - room;
    return [...taken];
  }
}

/** A document with its separators as sequences of at most `context` tokens; none for an empty one. A rest that is a separator alone is left out. */
function cut(document: Document, { context, before, after, aroundParts }: PackOptions): Uint32Array<ArrayBuffer>[] {
  if (document.length === 0) return [];
  const start = before === undefined ? [] : [before];
  const end = after === undefined ? [] : [after];
  const parts: Uint32Array<ArrayBuffer>[] = [];
  if (aroundParts) {
    const room = context - start.length - end.length;
    for (let at = 0; at < document.length; at += room) parts.push(joined(start, document, at, Math.min(at + room, document.length), end));
    return parts;
  }
  const whole = joined(start, document, 0, document.length, end);
  const content = start.length + document.length;
  for (let at = 0; at < content; at += context) parts.push(whole.subarray(at, at + context));
  return parts;
}

function joined(start: readonly number[], document: Document, from: number, to: number, end: readonly number[]): Uint32Array<ArrayBuffer> {
  const out = new Uint32Array(start.length + to - from + end.length);
  out.set(start);
  for (let i = from; i < to; i++) out[start.length + i - from] = document[i]!;
  out.set(end, start.length + to - from);
  return out;
}

function packed<S>(number: number, parts: readonly Part<S>[]): PackedBatch {
  const cuSeqlens = new Uint32Array(parts.length + 1);
  parts.forEach(({ ids }, i) => {
    cuSeqlens[i + 1] = cuSeqlens[i]! + ids.length;
  });
  const tokens = cuSeqlens[parts.length]!;
  const batch: PackedBatch = { number, ids: new Uint32Array(tokens), positions: new Uint32Array(tokens), cuSeqlens };
  parts.forEach(({ ids }, i) => {
    batch.ids.set(ids, cuSeqlens[i]!);
    for (let p = 0; p < ids.length; p++) batch.positions[cuSeqlens[i]! + p] = p;
  });
  return batch;
}
