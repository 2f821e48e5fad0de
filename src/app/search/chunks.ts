/** Cutting a text into passages. A passage is [start, end) in the text, without the spaces around it; passages never overlap. */
import type { Chunking } from './state.ts';

export type Span = readonly [start: number, end: number];

/** A paragraph longer than this is cut between its sentences: a vector for more says little of each. */
const MOST_CHARACTERS = 1500;
/** A text is given to the tokenizer in pieces of this many characters, so that its length does not matter. */
const PIECE = 2000;

const segmenter = new Intl.Segmenter('fr', { granularity: 'sentence' });

/** After these a point ends no sentence: « le Dr. Martin », « cf. scanner ». */
const abbreviation = /(?:^|[\s(])(?:dr|pr|m|mm|mme|mlle|st|ste|cf|ex|env|art|fig|no|n|p|vol|inj|cp|gel|tel|tél|max|min|chap|éd|al)\.\s*$/i;

/** The offsets of a piece's tokens, special ones as [0, 0]. */
export type OffsetsOf = (piece: string) => Promise<readonly (readonly [number, number])[]>;

export async function cut(text: string, chunking: Chunking, offsetsOf: OffsetsOf): Promise<Span[]> {
  if (chunking.mode === 'sentence') return sentences(text);
  if (chunking.mode === 'paragraph') return paragraphs(text);
  return byTokens(text, chunking.tokens, offsetsOf);
}

/** The passage without the spaces around it; null for nothing but spaces. */
function trimmed(text: string, start: number, end: number): Span | null {
  const own = text.slice(start, end);
  const from = start + (own.length - own.trimStart().length);
  const to = start + own.trimEnd().length;
  return to > from ? [from, to] : null;
}

/** Sentences; those without a letter or a digit, such as a line of dashes, are none. */
export function sentences(text: string, from = 0, to = text.length): Span[] {
  const found: Span[] = [];
  let open: number | null = null;
  for (const { segment, index } of segmenter.segment(text.slice(from, to))) {
    const start: number = open ?? from + index;
    const end = from + index + segment.length;
    open = abbreviation.test(text.slice(start, end)) ? start : null;
    if (open === null) take(start, end);
  }
  if (open !== null) take(open, to);
  return found;

  function take(start: number, end: number): void {
    const span = trimmed(text, start, end);
    if (!span || !/[\p{L}\p{N}]/u.test(text.slice(...span))) return;
    // A sentence without end, for example a table in a PDF, is cut where there is a space.
    for (let at = span[0]; at < span[1]; ) {
      const rest = span[1] - at;
      const space = rest > MOST_CHARACTERS ? text.lastIndexOf(' ', at + MOST_CHARACTERS) : -1;
      const stop = rest <= MOST_CHARACTERS ? span[1] : space > at ? space : at + MOST_CHARACTERS;
      const piece = trimmed(text, at, stop);
      if (piece) found.push(piece);
      at = stop;
    }
  }
}

/** Paragraphs, between blank lines; a text without blank lines has one a line. */
export function paragraphs(text: string): Span[] {
  const gap = /\n[^\S\n]*\n/.test(text) ? /\n[^\S\n]*\n\s*/g : /\n+/g;
  const found: Span[] = [];
  let start = 0;
  for (const { index, 0: blank } of [...text.matchAll(gap), { index: text.length, 0: '' }]) {
    const span = trimmed(text, start, index);
    if (span) found.push(...(span[1] - span[0] > MOST_CHARACTERS ? grouped(sentences(text, ...span)) : [span]));
    start = index + blank.length;
  }
  return found;
}

/** Sentences side by side, as many as fit. */
function grouped(spans: readonly Span[]): Span[] {
  const groups: Span[] = [];
  for (const [start, end] of spans) {
    const last = groups.at(-1);
    if (last && end - last[0] <= MOST_CHARACTERS) groups[groups.length - 1] = [last[0], end];
    else groups.push([start, end]);
  }
  return groups;
}

/** Passages of at most `limit` tokens, cut between words; a word of more tokens stands alone. */
async function byTokens(text: string, limit: number, offsetsOf: OffsetsOf): Promise<Span[]> {
  const found: Span[] = [];
  let open: { start: number; end: number; tokens: number } | null = null;
  for (let at = 0; at < text.length; ) {
    const space = at + PIECE < text.length ? text.slice(at, at + PIECE).search(/\s\S*$/) : -1;
    const stop = at + PIECE >= text.length ? text.length : space > 0 ? at + space + 1 : at + PIECE;
    for (const word of words(text, at, await offsetsOf(text.slice(at, stop)))) {
      if (open && open.tokens + word.tokens <= limit) open = { start: open.start, end: word.end, tokens: open.tokens + word.tokens };
      else {
        if (open) found.push([open.start, open.end]);
        open = word;
      }
    }
    at = stop;
  }
  if (open) found.push([open.start, open.end]);
  return found.map(([start, end]) => trimmed(text, start, end)).filter(span => span !== null);
}

/** The words that tokens make up: a token that stands right behind another belongs to the same. */
function words(
  text: string,
  from: number,
  offsets: readonly (readonly [number, number])[],
): { start: number; end: number; tokens: number }[] {
  const found: { start: number; end: number; tokens: number }[] = [];
  for (const [start, end] of offsets) {
    if (end <= start) continue;
    const last = found.at(-1);
    if (last && (from + start <= last.end ? !/\s/.test(text.charAt(from + start)) : !/\s/.test(text.slice(last.end, from + start)))) {
      last.end = from + end;
      last.tokens++;
    } else found.push({ start: from + start, end: from + end, tokens: 1 });
  }
  return found;
}
