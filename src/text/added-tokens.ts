/** Added tokens: strings that become one token before the model sees the text ([MASK], [CLS] …). */
import { TokenizerError } from '../errors.ts';
import { type Aligned, aligned, slice } from './aligned.ts';
import { spend } from './allowance.ts';
import { array, boolean, integer, type Json, object, string } from './json.ts';
import type { Normalizer } from './normalizers.ts';
import { isWhitespace, rustWord } from './unicode.ts';
import { maxId } from './wordpiece.ts';

/** Characters of all added tokens together. The longest list in use has some 6 000 tokens. */
const maxAddedUnits = 1_000_000;

export interface AddedToken {
  readonly id: number;
  readonly content: string;
  readonly singleWord: boolean;
  readonly lstrip: boolean;
  readonly rstrip: boolean;
  /** Matched in the normalised text, by its normalised content. */
  readonly normalized: boolean;
  readonly special: boolean;
}

/**
 * Reads `added_tokens`. `overrides` is `added_tokens_decoder` of tokenizer_config.json: transformers adds these tokens
 * again over those of tokenizer.json, so that its flags (a mask's `lstrip`) win.
 * A token outside the model's vocabulary gets the next free id in the reference; a file that says otherwise is refused.
 */
export function readAddedTokens(value: unknown, vocab: ReadonlyMap<string, number>, modelSize: number, overrides: unknown): AddedToken[] {
  const byId = new Map<number, AddedToken>();
  const ids = new Map<string, number>();
  let highest = -1;
  const add = (token: AddedToken, key: string) => {
    const { content, id } = token;
    if (content === '') throw new TokenizerError(`${key}.content is empty.`, { key });
    const expected = ids.get(content) ?? vocab.get(content) ?? (highest >= modelSize ? highest + 1 : modelSize);
    if (id !== expected) {
      throw new TokenizerError(`${key}.id of ${JSON.stringify(content.slice(0, 40))} is ${id}, the vocabulary makes it ${expected}.`, {
        key,
      });
    }
    highest = Math.max(highest, id);
    ids.set(content, id);
    byId.set(id, token);
  };
  const list = value === undefined || value === null ? [] : array(value, 'added_tokens');
  list.forEach((entry, i) => {
    const key = `added_tokens[${i}]`;
    const json = object(entry, key);
    add(readToken(json, integer(json.id, `${key}.id`, 0, maxId), key), `tokenizer.json: ${key}`);
  });
  if (overrides !== undefined && overrides !== null) {
    const entries = Object.entries(object(overrides, 'added_tokens_decoder')).sort((a, b) => Number(a[0]) - Number(b[0]));
    for (const [id, entry] of entries) {
      const key = `added_tokens_decoder[${id.slice(0, 20)}]`;
      add(readToken(object(entry, key), integer(Number(id), key, 0, maxId), key), `tokenizer_config.json: ${key}`);
    }
  }
  return [...byId.values()].sort((a, b) => a.id - b.id);
}

function readToken(json: Json, id: number, key: string): AddedToken {
  const special = boolean(json.special, `${key}.special`, false);
  return {
    id,
    content: string(json.content, `${key}.content`),
    singleWord: boolean(json.single_word, `${key}.single_word`, false),
    lstrip: boolean(json.lstrip, `${key}.lstrip`, false),
    rstrip: boolean(json.rstrip, `${key}.rstrip`, false),
    normalized: boolean(json.normalized, `${key}.normalized`, !special),
    special,
  };
}

export function normalizedContent(token: AddedToken, normalizer: Normalizer): string {
  return normalizer(aligned(token.content, 0)).text;
}

/** A part of a text: plain, or one added token. */
export interface Part {
  readonly doc: Aligned;
  readonly token: AddedToken | null;
}

/** Finds added tokens: leftmost first, the longest at one place. */
export class AddedTokenFinder {
  /** A tree of the contents, a UTF-16 unit an edge: (node, unit) → node. Node 0 is the root. */
  private readonly edges = new Map<number, number>();
  private readonly tokenAt = new Map<number, AddedToken>();
  private readonly start: RegExp | null;

  /** `normalizer` is applied to the contents of tokens that are matched after normalisation. */
  constructor(tokens: readonly AddedToken[], normalizer: Normalizer | null) {
    const firsts = new Set<string>();
    let nodes = 1;
    let units = 0;
    for (const token of tokens) {
      const content = normalizer ? normalizedContent(token, normalizer) : token.content;
      if (content === '') {
        throw new TokenizerError(`The added token ${JSON.stringify(token.content.slice(0, 40))} is empty after normalisation.`, {
          id: token.id,
        });
      }
      units += content.length;
      if (units > maxAddedUnits) {
        throw new TokenizerError(`The added tokens have over ${maxAddedUnits} characters together, which no tokenizer in use has.`, {
          id: token.id,
        });
      }
      firsts.add(`\\u${content.charCodeAt(0).toString(16).padStart(4, '0')}`);
      let node = 0;
      for (let i = 0; i < content.length; i++) {
        const edge = node * 0x10000 + content.charCodeAt(i);
        const next = this.edges.get(edge);
        if (next === undefined) this.edges.set(edge, nodes);
        node = next ?? nodes++;
      }
      // Of two with the same content, after normalisation, the first counts.
      if (!this.tokenAt.has(node)) this.tokenAt.set(node, token);
    }
    // Without the u flag the class is of UTF-16 units, as the edges are.
    this.start = firsts.size > 0 ? new RegExp(`[${[...firsts].join('')}]`, 'g') : null;
  }

  /** Cuts a text at the added tokens. White space that a token strips goes to the token. */
  split(doc: Aligned): Part[] {
    const { text } = doc;
    const parts: Part[] = [];
    let done = 0;
    this.each(text, (token, from, to) => {
      let start = from;
      let stop = to;
      if (token.singleWord && (endsWithWord(text, from) || startsWithWord(text, to))) return;
      if (token.lstrip) {
        while (start > done && isWhitespace(text.charCodeAt(start - 1))) start--;
        start = Math.max(start, done);
      }
      if (token.rstrip) while (stop < text.length && isWhitespace(text.charCodeAt(stop))) stop++;
      if (done < start) parts.push({ doc: slice(doc, done, start), token: null });
      parts.push({ doc: slice(doc, start, stop), token });
      done = stop;
    });
    if (done === 0 && parts.length === 0) return [{ doc, token: null }];
    if (done < text.length) parts.push({ doc: slice(doc, done, text.length), token: null });
    return parts;
  }

  private each(text: string, visit: (token: AddedToken, from: number, to: number) => void): void {
    const { start } = this;
    if (!start) return;
    for (let at = 0; at < text.length; ) {
      start.lastIndex = at;
      const found = start.exec(text);
      if (!found) return;
      const from = found.index;
      let hit: AddedToken | undefined;
      let end = from + 1;
      let read = from;
      for (let node: number | undefined = 0; read < text.length; ) {
        node = this.edges.get(node * 0x10000 + text.charCodeAt(read++));
        if (node === undefined) break;
        const token = this.tokenAt.get(node);
        if (token) [hit, end] = [token, read];
      }
      spend(10 * (read - from), 'added_tokens');
      if (hit) visit(hit, from, end);
      at = end;
    }
  }
}

function endsWithWord(text: string, end: number): boolean {
  if (end <= 0) return false;
  const low = text.charCodeAt(end - 1);
  const pair = low >= 0xdc00 && low < 0xe000 && end > 1;
  return rustWord.test(text.slice(pair ? end - 2 : end - 1, end));
}

function startsWithWord(text: string, start: number): boolean {
  const code = text.codePointAt(start);
  return code !== undefined && rustWord.test(String.fromCodePoint(code));
}
