/** WordPiece (Schuster & Nakajima 2012, as in BERT): the longest piece of the vocabulary first, from the left. */
import { TokenizerError } from '../errors.ts';
import { spend } from './allowance.ts';
import { integer, type Json, object, string } from './json.ts';
import { countCodePoints } from './unicode.ts';

/** Writes the pieces of one word: id, units [start, end) within the word, and the string of the token if it is not its entry in the vocabulary. */
export type Emit = (id: number, start: number, end: number, token?: string) => void;

export interface TokenModel {
  readonly vocab: ReadonlyMap<string, number>;
  /** Every token by id, where a vocabulary may name one twice. */
  readonly pieces?: readonly string[];
  readonly unkId: number | null;
  /** Prefix of a piece that continues a word, or '' where pieces have none. */
  readonly continuingPrefix: string;
  tokenize(word: string, emit: Emit): void;
}

/** Greatest id accepted: far above any real vocabulary, and small enough to pack two ids into a double. */
export const maxId = (1 << 22) - 1;

/** Reads `model.vocab`: every token once, every id once. */
export function readVocab(value: unknown, key: string): Map<string, number> {
  const vocab = new Map<string, number>();
  const seen = new Set<number>();
  for (const [token, id] of Object.entries(object(value, key))) {
    const n = integer(id, `${key}[${JSON.stringify(token.slice(0, 40))}]`, 0, maxId);
    if (seen.has(n))
      throw new TokenizerError(`tokenizer.json: ${key} gives id ${n} to two tokens, so the id has no one meaning. Use another model.`, {
        key,
        id: n,
      });
    seen.add(n);
    vocab.set(token, n);
  }
  if (vocab.size === 0) throw new TokenizerError(`tokenizer.json: ${key} is empty: the file names no token. Use another model.`, { key });
  return vocab;
}

export function readWordPiece(json: Json, key: string): TokenModel {
  const vocab = readVocab(json.vocab, `${key}.vocab`);
  const unk = string(json.unk_token, `${key}.unk_token`);
  const prefix = string(json.continuing_subword_prefix, `${key}.continuing_subword_prefix`);
  const maxChars = integer(json.max_input_chars_per_word, `${key}.max_input_chars_per_word`, 0, Number.MAX_SAFE_INTEGER);
  const unkId = vocab.get(unk);
  if (unkId === undefined) {
    throw new TokenizerError(`tokenizer.json: ${key}.unk_token ${JSON.stringify(unk.slice(0, 40))} is not in the vocabulary.`, { key });
  }
  // Pieces by their text without the prefix. No piece is longer than the longest token, which keeps long words linear.
  const first = vocab;
  const later = new Map<string, number>();
  let longestFirst = 1;
  let longestLater = 1;
  for (const [token, id] of vocab) {
    longestFirst = Math.max(longestFirst, token.length);
    if (token.startsWith(prefix)) {
      later.set(token.slice(prefix.length), id);
      longestLater = Math.max(longestLater, token.length - prefix.length);
    }
  }
  const pieces: number[] = [];
  return {
    vocab,
    unkId,
    continuingPrefix: prefix,
    tokenize(word, emit) {
      if (word.length > maxChars && countCodePoints(word) > maxChars) {
        emit(unkId, 0, word.length);
        return;
      }
      pieces.length = 0;
      for (let start = 0; start < word.length; ) {
        const table = start === 0 ? first : later;
        let end = Math.min(word.length, start + (start === 0 ? longestFirst : longestLater));
        let id: number | undefined;
        while (end > start) {
          // Each try reads that many characters. The cost matters only if a file sets a very high limit on the length of words.
          spend(1 + ((end - start) >> 3), 'model');
          // A cut inside a surrogate pair is never in the vocabulary: its tokens are well-formed.
          id = table.get(start === 0 && end === word.length ? word : word.slice(start, end));
          if (id !== undefined) break;
          end--;
        }
        if (id === undefined) {
          emit(unkId, 0, word.length);
          return;
        }
        pieces.push(id, start, end);
        start = end;
      }
      for (let i = 0; i < pieces.length; i += 3) emit(pieces[i] ?? 0, pieces[i + 1] ?? 0, pieces[i + 2] ?? 0);
    },
  };
}
