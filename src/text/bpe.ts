/** Byte-pair encoding (Sennrich et al. 2016) with merges by rank, as byte-level tokenizers use it. */
import { TokenizerError } from '../errors.ts';
import { array, badKey, boolean, type Json, only, string } from './json.ts';
import { type Emit, readVocab, type TokenModel } from './wordpiece.ts';

/** Ids and ranks are below 2^22, positions below 2^31: pairs and queue entries fit a double exactly. */
const pairBase = 2 ** 22;
const positionBase = 2 ** 31;

export function readBpe(json: Json, key: string): TokenModel {
  const vocab = readVocab(json.vocab, `${key}.vocab`);
  only(json.dropout, `${key}.dropout`, [0]);
  only(json.byte_fallback, `${key}.byte_fallback`, [false]);
  only(json.continuing_subword_prefix, `${key}.continuing_subword_prefix`, ['']);
  only(json.end_of_word_suffix, `${key}.end_of_word_suffix`, ['']);
  const fuse = boolean(json.fuse_unk, `${key}.fuse_unk`, false);
  const whole = boolean(json.ignore_merges, `${key}.ignore_merges`, false);
  const unk = json.unk_token === null || json.unk_token === undefined ? null : string(json.unk_token, `${key}.unk_token`);
  const unkId = unk === null ? null : vocab.get(unk);
  if (unkId === undefined) throw badKey(`${key}.unk_token`, unk, 'a token of the vocabulary');

  const merges = array(json.merges, `${key}.merges`);
  if (merges.length >= pairBase) throw badKey(`${key}.merges`, merges, `fewer than ${pairBase}`);
  const rankOf = new Map<number, number>();
  const made = new Int32Array(merges.length);
  merges.forEach((merge, rank) => {
    const at = `${key}.merges[${rank}]`;
    const parts = typeof merge === 'string' ? merge.split(' ') : array(merge, at).map((p, i) => string(p, `${at}[${i}]`));
    const [left, right] = parts;
    if (parts.length !== 2 || left === undefined || right === undefined) throw badKey(at, merge, 'two tokens');
    const [a, b, ab] = [vocab.get(left), vocab.get(right), vocab.get(left + right)];
    if (a === undefined || b === undefined || ab === undefined) {
      throw new TokenizerError(`tokenizer.json: ${at} joins tokens that are not in the vocabulary.`, { key: at });
    }
    rankOf.set(a * pairBase + b, rank);
    made[rank] = ab;
  });

  /** Merges the symbols of one word in place; returns the indices of those that are left, in order. */
  const merge = (ids: Int32Array, count: number): Int32Array => {
    const next = new Int32Array(count);
    const previous = new Int32Array(count);
    const dead = new Uint8Array(count);
    const queue = new Queue(count);
    const push = (left: number, right: number) => {
      const rank = rankOf.get((ids[left] ?? 0) * pairBase + (ids[right] ?? 0));
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
      const now = rankOf.get((ids[at] ?? 0) * pairBase + (ids[right] ?? 0));
      // An entry whose symbols have changed since counts only if they still make the same token.
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

  const run = (word: string, emit: Emit): void => {
    const ids = new Int32Array(word.length);
    const starts = new Int32Array(word.length + 1);
    let count = 0;
    let place = 0;
    let fusing = false;
    for (let i = 0; i < word.length; ) {
      const step = (word.codePointAt(i) ?? 0) > 0xffff ? 2 : 1;
      const found = vocab.get(word.slice(i, i + step));
      const id = found ?? unkId;
      i += step;
      // Without an unknown token such a character is dropped and, as in the reference, takes no place.
      if (id === null) continue;
      const unknown = found === undefined;
      if (!(unknown && fuse && fusing)) {
        ids[count] = id;
        starts[count++] = place;
      }
      fusing = unknown;
      place += step;
    }
    starts[count] = place;
    const next = merge(ids, count);
    for (let i = 0; i < count; ) {
      const after = next[i] ?? count;
      emit(ids[i] ?? 0, starts[i] ?? 0, starts[after] ?? place);
      i = after;
    }
  };

  return {
    vocab,
    unkId,
    continuingPrefix: '',
    tokenize(word, emit) {
      const direct = word.length < 2 || whole ? vocab.get(word) : undefined;
      if (direct !== undefined) emit(direct, 0, word.length);
      else run(word, emit);
    },
  };
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
