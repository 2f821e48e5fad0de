/** Added tokens: strings that become one token before the model sees the text ([MASK], [CLS] …). */
import { TokenizerError } from '../errors.ts';
import type { Notes } from '../notes.ts';
import { type Aligned, aligned, slice } from './aligned.ts';
import { spend } from './allowance.ts';
import type { Normalizer } from './normalizers.ts';
import type { WrittenToken } from './special-tokens.ts';
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
  /** In the list of tokens this one appears with its normalised content. As in the reference, an earlier file that sets `normalized` is enough for that. */
  readonly readsNormalized: boolean;
}

/**
 * Gives the tokens their ids, in order. A token of the vocabulary keeps its id; any other gets the next free id, as in the reference,
 * even if its file writes another one, which becomes a note. A token that is listed again replaces the earlier one.
 */
export function placeAddedTokens(
  tokens: readonly WrittenToken[],
  vocab: ReadonlyMap<string, number>,
  modelSize: number,
  notes: Notes,
): AddedToken[] {
  const byId = new Map<number, AddedToken>();
  const ids = new Map<string, number>();
  let highest = -1;
  for (const { id: written, key, ...token } of tokens) {
    const { content } = token;
    if (content === '') continue;
    const id = ids.get(content) ?? vocab.get(content) ?? (highest >= modelSize ? highest + 1 : modelSize);
    if (id > maxId) throw new TokenizerError(`${key} gets id ${id}; ids end at ${maxId}.`, { key });
    if (written !== null && written !== id) {
      notes.add(
        `${key} writes id ${written} for ${JSON.stringify(content.slice(0, 40))}. affinage takes ${id}, which follows from the vocabulary, as transformers does.`,
      );
    }
    highest = Math.max(highest, id);
    ids.set(content, id);
    // Once special, a token stays special.
    const before = byId.get(id);
    const readsNormalized = token.normalized || (before?.readsNormalized ?? false);
    byId.set(id, { id, ...token, special: token.special || (before?.special ?? false), readsNormalized });
  }
  return [...byId.values()].sort((a, b) => a.id - b.id);
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
  /** Special tokens in a text are treated as plain text. */
  private readonly splitSpecial: boolean;

  /** `normalizer` is applied to the contents of tokens that are matched after normalisation. */
  constructor(tokens: readonly AddedToken[], normalizer: Normalizer | null, splitSpecial = false) {
    this.splitSpecial = splitSpecial;
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
      // If two have the same content after normalisation, the first one is used.
      if (!this.tokenAt.has(node)) this.tokenAt.set(node, token);
    }
    // Without the u flag the class matches UTF-16 units, like the edges of the tree.
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
      if (token.special && this.splitSpecial) return;
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
      spend(25 * (read - from), 'added_tokens');
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
