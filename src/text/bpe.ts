/** Byte-pair encoding (Sennrich et al. 2016) with merges by rank: over byte characters, or over characters with byte fallback. */
import { InputError, TokenizerError } from '../errors.ts';
import { array, badKey, boolean, foreign, type Json, optionalString, string } from './json.ts';
import { BytePositions, byteTokens, encodeChar } from './utf8.ts';
import { type Emit, readVocab, type TokenModel } from './wordpiece.ts';

/** Ids and ranks are below 2^22, positions below 2^31: pairs and queue entries fit a double exactly. */
const pairBase = 2 ** 22;
const positionBase = 2 ** 31;

export function readBpe(json: Json, key: string): TokenModel {
  const vocab = readVocab(json.vocab, `${key}.vocab`);
  if (json.dropout !== undefined && json.dropout !== null && json.dropout !== 0) throw foreign(`${key}.dropout`, json.dropout, '0 or null');
  const prefix = optionalString(json.continuing_subword_prefix, `${key}.continuing_subword_prefix`) ?? '';
  const suffix = optionalString(json.end_of_word_suffix, `${key}.end_of_word_suffix`) ?? '';
  const fuse = boolean(json.fuse_unk ?? undefined, `${key}.fuse_unk`, false);
  const whole = boolean(json.ignore_merges ?? undefined, `${key}.ignore_merges`, false);
  const fallback = boolean(json.byte_fallback ?? undefined, `${key}.byte_fallback`, false);
  const bytes = fallback ? byteTokens(vocab) : null;
  if (bytes && prefix + suffix !== '') throw foreign(`${key}.byte_fallback`, true, 'false beside a prefix or a suffix of pieces');
  const unk = optionalString(json.unk_token, `${key}.unk_token`);
  const { ranks, made } = readMerges(json.merges, `${key}.merges`, vocab, prefix);

  /** Merges the symbols of one word in place; returns the indices of those that are left, in order. */
  const merge = (ids: Int32Array, count: number): Int32Array => {
    const next = new Int32Array(count);
    const previous = new Int32Array(count);
    const dead = new Uint8Array(count);
    const queue = new Queue(count);
    const push = (left: number, right: number) => {
      const rank = ranks.get((ids[left] ?? 0) * pairBase + (ids[right] ?? 0));
      if (rank !== undefined) queue.push(rank * positionBase + left);
    };
    for (let i = 0; i < count; i++) {
      next[i] = i + 1;
      previous[i] = i - 1;
    }
    for (let i = 0; i + 1 < count; i++) push(i, i + 1);
    for (let entry = queue.pop(); entry >= 0; entry = queue.pop()) {
      const at = entry % positionBase;
      const right = next[at] ?? count;
      if (dead[at] || right >= count) continue;
      const id = made[Math.floor(entry / positionBase)] ?? 0;
      const now = ranks.get((ids[at] ?? 0) * pairBase + (ids[right] ?? 0));
      // The symbols of this entry may have changed since it was queued. It is used only if they still make the same token.
      if (now === undefined || made[now] !== id) continue;
      ids[at] = id;
      dead[right] = 1;
      const after = next[right] ?? count;
      next[at] = after;
      if (after < count) previous[after] = at;
      const before = previous[at] ?? -1;
      if (before >= 0) push(before, at);
      if (after < count) push(at, after);
    }
    return next;
  };

  /** The id of the unknown token. Looked up when a text needs it, as in the reference, because a file may name one that does not exist. */
  const unknown = (char: string): number | null => {
    if (unk === null) return null;
    const id = vocab.get(unk);
    if (id !== undefined) return id;
    throw new InputError(
      `The text holds ${JSON.stringify(char)}, for which this tokenizer has no token: its unknown token ${JSON.stringify(unk.slice(0, 40))} ` +
        'is not in its vocabulary. Take the character out of the text.',
      { character: char },
    );
  };

  const run = (word: string, emit: Emit): void => {
    const symbols = new Symbols(bytes ? 3 * word.length : word.length);
    // An unknown token is not written at once: further ones may be fused with it, and as in the reference the byte tokens of a character are written before it.
    let waiting = -1;
    let waitingBytes = 0;
    for (let i = 0; i < word.length; ) {
      const step = (word.codePointAt(i) ?? 0) > 0xffff ? 2 : 1;
      const char = word.slice(i, i + step);
      const size = encodeChar(word, i);
      const id = vocab.get((i === 0 ? '' : prefix) + char + (i + step === word.length ? suffix : ''));
      i += step;
      if (id !== undefined) {
        if (waiting >= 0) symbols.add(waiting, waitingBytes);
        waiting = -1;
        symbols.add(id, size.length);
        continue;
      }
      if (bytes && size.every(b => bytes[b] !== undefined)) {
        for (const b of size) symbols.add(bytes[b] ?? 0, 1);
        continue;
      }
      const other = unknown(char);
      // Without an unknown token such a character is dropped and, as in the reference, does not count in the positions.
      if (other === null) continue;
      if (waiting >= 0 && !fuse) symbols.add(waiting, waitingBytes);
      waitingBytes = waiting >= 0 && fuse ? waitingBytes + size.length : size.length;
      waiting = other;
    }
    if (waiting >= 0) symbols.add(waiting, waitingBytes);
    const { ids, starts, count } = symbols;
    const next = merge(ids, count);
    const positions = new BytePositions(word);
    for (let i = 0; i < count; ) {
      const after = next[i] ?? count;
      emit(ids[i] ?? 0, positions.start(starts[i] ?? 0), positions.end(starts[after] ?? 0));
      i = after;
    }
  };

  return {
    vocab,
    unkId: (unk === null ? undefined : vocab.get(unk)) ?? null,
    continuingPrefix: prefix,
    tokenize(word, emit) {
      const direct = whole || (word.length < 2 && suffix === '') ? vocab.get(word) : undefined;
      if (direct !== undefined) emit(direct, 0, word.length);
      else run(word, emit);
    },
  };
}

/** Rank of each pair of ids, and the id that a rank makes. */
function readMerges(value: unknown, key: string, vocab: ReadonlyMap<string, number>, prefix: string) {
  const merges = array(value, key);
  if (merges.length >= pairBase) throw badKey(key, merges, `fewer than ${pairBase}`);
  const ranks = new Map<number, number>();
  const made = new Int32Array(merges.length);
  merges.forEach((merge, rank) => {
    // The first line of merges.txt; the reference skips it too.
    if (typeof merge === 'string' && merge.startsWith('#version')) return;
    const at = `${key}[${rank}]`;
    const parts = typeof merge === 'string' ? merge.split(' ') : array(merge, at).map((p, i) => string(p, `${at}[${i}]`));
    const [left, right] = parts;
    if (parts.length !== 2 || left === undefined || right === undefined) throw badKey(at, merge, 'two tokens');
    const [a, b, ab] = [vocab.get(left), vocab.get(right), vocab.get(left + right.slice(prefix.length))];
    if (a === undefined || b === undefined || ab === undefined) {
      throw new TokenizerError(`tokenizer.json: ${at} joins tokens that are not in the vocabulary.`, { key: at });
    }
    ranks.set(a * pairBase + b, rank);
    made[rank] = ab;
  });
  return { ranks, made };
}

/** The symbols of a word before merging: ids, and where each begins, counted in bytes of UTF-8. */
class Symbols {
  readonly ids: Int32Array;
  readonly starts: Int32Array;
  count = 0;

  constructor(capacity: number) {
    this.ids = new Int32Array(capacity);
    this.starts = new Int32Array(capacity + 1);
  }

  add(id: number, size: number): void {
    this.ids[this.count] = id;
    this.starts[this.count + 1] = (this.starts[this.count] ?? 0) + size;
    this.count++;
  }
}

/** A heap of doubles, smallest first. */
class Queue {
  private heap: Float64Array;
  private size = 0;

  constructor(capacity: number) {
    this.heap = new Float64Array(Math.max(8, capacity));
  }

  push(value: number): void {
    if (this.size === this.heap.length) {
      const larger = new Float64Array(this.size * 2);
      larger.set(this.heap);
      this.heap = larger;
    }
    let i = this.size++;
    while (i > 0) {
      const parent = (i - 1) >> 1;
      const above = this.heap[parent] ?? 0;
      if (above <= value) break;
      this.heap[i] = above;
      i = parent;
    }
    this.heap[i] = value;
  }

  /** The smallest value, or -1 when empty. */
  pop(): number {
    if (this.size === 0) return -1;
    const top = this.heap[0] ?? -1;
    const value = this.heap[--this.size] ?? 0;
    let i = 0;
    for (;;) {
      let child = 2 * i + 1;
      if (child >= this.size) break;
      if (child + 1 < this.size && (this.heap[child + 1] ?? 0) < (this.heap[child] ?? 0)) child++;
      const below = this.heap[child] ?? 0;
      if (below >= value) break;
      this.heap[i] = below;
      i = child;
    }
    this.heap[i] = value;
    return top;
  }
}
