/**
 * Unigram language model (Kudo 2018), as SentencePiece trains it: of all ways to cut a word into pieces, the one with the largest sum of
 * scores. Viterbi's algorithm over the positions of the word. Ties are decided as in Hugging Face's library: the first one found is kept,
 * with positions from left to right and pieces from short to long.
 */
import { InputError, TokenizerError } from '../errors.ts';
import { spend } from './allowance.ts';
import { array, badKey, boolean, integer, type Json, string } from './json.ts';
import { byteTokens, encodeChar } from './utf8.ts';
import { type Emit, maxId, type TokenModel } from './wordpiece.ts';

/** What an unknown character costs below the least score of a piece. */
const unknownPenalty = 10;
/** Longest piece accepted, in units. At each position at most this many characters are looked at, so the time is linear in the text. */
const maxPiece = 512;

export function readUnigram(json: Json, key: string): TokenModel {
  const list = array(json.vocab, `${key}.vocab`);
  if (list.length === 0 || list.length > maxId) throw badKey(`${key}.vocab`, list, `from 1 to ${maxId} pieces`);
  const pieces: string[] = [];
  const scores = new Float64Array(list.length);
  const vocab = new Map<string, number>();
  let least = Number.POSITIVE_INFINITY;
  list.forEach((entry, id) => {
    const at = `${key}.vocab[${id}]`;
    const pair = array(entry, at);
    if (pair.length !== 2) throw badKey(at, entry, 'a piece and its score');
    const piece = string(pair[0], `${at}[0]`);
    if (piece.length > maxPiece) {
      throw new TokenizerError(
        `tokenizer.json: ${at} has ${piece.length} characters; affinage takes pieces of at most ${maxPiece}. Use another model.`,
        { key: at },
      );
    }
    const score = readScore(pair[1], `${at}[1]`);
    pieces.push(piece);
    scores[id] = score;
    least = Math.min(least, score);
    // If a piece is listed twice the last entry is used, as in the reference.
    vocab.set(piece, id);
  });
  const unkId = json.unk_id === undefined || json.unk_id === null ? null : integer(json.unk_id, `${key}.unk_id`, 0, pieces.length - 1);
  const bytes = boolean(json.byte_fallback ?? undefined, `${key}.byte_fallback`, false) ? byteTokens(vocab) : null;
  const sorted = new SortedPieces(vocab);
  const unknownScore = least - unknownPenalty;

  const unknown = (text: string): number => {
    if (unkId !== null) return unkId;
    throw new InputError(
      `The text holds ${JSON.stringify(text.slice(0, 40))}, for which this tokenizer has no token, and its file names no unknown token ` +
        '(model.unk_id). Take it out of the text.',
      { text: text.slice(0, 40) },
    );
  };

  /** Best cut of a word as [start, end, …] from right to left; consecutive unknown characters are one piece. */
  const cut = (word: string): number[] => {
    const best = new Float64Array(word.length + 1);
    const from = new Int32Array(word.length + 1).fill(-1);
    const ids = new Int32Array(word.length + 1);
    for (let at = 0; at < word.length; ) {
      const here = best[at] ?? 0;
      const step = (word.codePointAt(at) ?? 0) > 0xffff ? 2 : 1;
      let single = false;
      sorted.each(word, at, (end, id) => {
        const score = (scores[id] ?? 0) + here;
        if (from[end] === -1 || score > (best[end] ?? 0)) {
          best[end] = score;
          from[end] = at;
          ids[end] = id;
        }
        if (end - at === step) single = true;
      });
      if (!single) {
        const end = at + step;
        const score = unknownScore + here;
        if (from[end] === -1 || score > (best[end] ?? 0)) {
          best[end] = score;
          from[end] = at;
          ids[end] = unknown(word.slice(at, end));
        }
      }
      at += step;
    }
    const ranges: number[] = [];
    let wasUnknown = false;
    for (let end = word.length; end > 0; end = from[end] ?? 0) {
      const start = from[end] ?? 0;
      const isUnknown = unkId !== null && ids[end] === unkId;
      if (isUnknown && wasUnknown) ranges[ranges.length - 2] = start;
      else ranges.push(start, end);
      wasUnknown = isUnknown;
    }
    return ranges;
  };

  const tokenize = (word: string, emit: Emit): void => {
    const ranges = cut(word);
    for (let r = ranges.length - 2; r >= 0; r -= 2) {
      const [start, end] = [ranges[r] ?? 0, ranges[r + 1] ?? 0];
      const text = word.slice(start, end);
      const id = vocab.get(text);
      if (id !== undefined) emit(id, start, end);
      else if (bytes && everyChar(text, list => list.every(byte => bytes[byte] !== undefined))) {
        everyChar(text, list => {
          for (const byte of list) emit(bytes[byte] ?? 0, start, end);
          return true;
        });
        // The reference shows the text itself as the string of the unknown token.
      } else emit(unknown(text), start, end, text);
    }
  };
  return { vocab, pieces, unkId, continuingPrefix: '', tokenize };
}

function everyChar(text: string, test: (bytes: number[]) => boolean): boolean {
  for (let i = 0; i < text.length; i += (text.codePointAt(i) ?? 0) > 0xffff ? 2 : 1) if (!test(encodeChar(text, i))) return false;
  return true;
}

/**
 * A score as the reference reads it: the digits as a whole number, then one division by a power of ten. For one score in seven this
 * differs in the last bit from the nearest double, and that bit may decide a tie between two cuts.
 */
function readScore(value: unknown, key: string): number {
  if (typeof value !== 'number' || !Number.isFinite(value)) throw badKey(key, value, 'a number');
  const parts = /^(-?)(\d)(?:\.(\d+))?e([+-]\d+)$/.exec(value.toExponential());
  if (!parts) return value;
  const [, sign, first = '', rest = '', exponent] = parts;
  const digits = Number(first + rest);
  const power = Number(exponent) - rest.length;
  if (power < -308 || power > 308) return value;
  const size = power < 0 ? digits / Number(`1e${-power}`) : digits * Number(`1e${power}`);
  return sign === '-' ? -size : size;
}

/** The pieces sorted by their units: pieces with the same beginning are neighbours, and each further unit narrows the range. */
class SortedPieces {
  readonly #pieces: string[];
  readonly #ids: Int32Array;
  /** Range of each first unit. */
  readonly #first = new Map<number, [number, number]>();

  constructor(vocab: ReadonlyMap<string, number>) {
    this.#pieces = [...vocab.keys()].filter(piece => piece !== '').sort();
    this.#ids = Int32Array.from(this.#pieces, piece => vocab.get(piece) ?? 0);
    this.#pieces.forEach((piece, i) => {
      const range = this.#first.get(piece.charCodeAt(0));
      if (range) range[1] = i + 1;
      else this.#first.set(piece.charCodeAt(0), [i, i + 1]);
    });
  }

  /** Every piece that stands in the text at unit `at`, from short to long. */
  each(text: string, at: number, visit: (end: number, id: number) => void): void {
    let [low, high] = this.#first.get(text.charCodeAt(at)) ?? [0, 0];
    for (let depth = 1; low < high; depth++) {
      if (depth % 32 === 0) spend(32 * 32, 'model');
      if (this.#pieces[low]?.length === depth) visit(at + depth, this.#ids[low++] ?? 0);
      if (low >= high || at + depth >= text.length) return;
      const unit = text.charCodeAt(at + depth);
      // If all pieces of the range continue with this unit, the range stays as it is.
      if (this.#unit(low, depth) !== unit) low = this.#bound(low, high, depth, unit);
      if (this.#unit(high - 1, depth) !== unit) high = this.#bound(low, high, depth, unit + 1);
    }
  }

  #unit(index: number, depth: number): number {
    return this.#pieces[index]?.charCodeAt(depth) ?? 0;
  }

  /** The first index in [low, high) whose unit at `depth` is `unit` or more. */
  #bound(low: number, high: number, depth: number, unit: number): number {
    let [from, to] = [low, high];
    while (from < to) {
      const middle = (from + to) >> 1;
      if (this.#unit(middle, depth) < unit) from = middle + 1;
      else to = middle;
    }
    return from;
  }
}
