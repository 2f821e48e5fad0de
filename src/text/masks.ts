/**
 * Placeholders of masks in a text: those that a user may type, the text that the tokenizer gets instead, how offsets are mapped back to
 * the user's text, and the text with one mask filled in. All positions are UTF-16 units, ranges [start, end).
 */

/** Accepted whatever the model's own mask token is; the last is a gap as on a form, of three strokes or more. */
const placeholders = ['\\[MASK\\]', '<mask>', '\\[MASQUE\\]', '_{3,}'].join('|');

export interface Span {
  readonly start: number;
  readonly end: number;
}

export interface MaskedText {
  /** What the tokenizer gets: every placeholder replaced by the tokenizer's own mask token. */
  readonly text: string;
  /** The placeholders in the text as the user gave it, in reading order. */
  readonly masks: readonly Span[];
  /** A range of `text` as a range of the user's text. A range that cuts a mask is widened to the whole mask. */
  toOriginal(start: number, end: number): [number, number];
}

/**
 * Finds the placeholders of a text. `own` is the tokenizer's mask token. If it occurs in the text, only it is a mask, as in
 * transformers; the other placeholders are accepted for texts that were written for another model.
 */
export function findMasks(text: string, own?: string): Span[] {
  const written = own ? placesOf(own.replace(/[\\^$.*+?()[\]{}|]/g, '\\$&'), text) : [];
  return written.length > 0 ? written : placesOf(placeholders, text);
}

const placesOf = (pattern: string, text: string): Span[] =>
  Array.from(text.matchAll(new RegExp(pattern, 'g')), found => ({ start: found.index, end: found.index + found[0].length }));

/** The user's text made ready for a tokenizer whose mask token is `own`. Linear in the text. */
export function prepareMasks(original: string, own: string): MaskedText {
  const masks = findMasks(original, own);
  const parts: string[] = [];
  /** Where each mask stands in the new text. */
  const placed: Span[] = [];
  let from = 0;
  let length = 0;
  for (const mask of masks) {
    const between = original.slice(from, mask.start);
    parts.push(between, own);
    length += between.length;
    placed.push({ start: length, end: length + own.length });
    length += own.length;
    from = mask.end;
  }
  parts.push(original.slice(from));
  const last = (position: number): number => {
    let low = 0;
    let high = placed.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      if ((placed[middle]?.start ?? 0) <= position) low = middle + 1;
      else high = middle;
    }
    return low - 1;
  };
  const move = (position: number, side: 'start' | 'end'): number => {
    const i = last(position);
    const [mask, place] = [masks[i], placed[i]];
    if (!mask || !place) return position;
    if (position >= place.end) return position - place.end + mask.end;
    return position === place.start || side === 'start' ? mask.start : mask.end;
  };
  return { text: parts.join(''), masks, toOriginal: (start, end) => [move(start, 'start'), move(end, 'end')] };
}

/**
 * The text with the mask at `span` filled in; every other character stays as typed, other masks too.
 *
 * `tokenString` is the token as `Tokenizer.tokenString` gives it. A piece that continues a word (`##ite`) loses its
 * `prefix` and joins the word before it: the white space between them is removed. The own space of a token (byte-level vocabularies) is
 * inserted only where there is none yet.
 */
export function splice(original: string, span: Span, tokenString: string, isContinuation: boolean, prefix = '##'): string {
  const after = original.slice(span.end);
  if (isContinuation) {
    const piece = prefix !== '' && tokenString.startsWith(prefix) ? tokenString.slice(prefix.length) : tokenString;
    return original.slice(0, joinPoint(original, span.start)) + piece + after;
  }
  const spaced = tokenString.startsWith(' ') && (span.start === 0 || /\s/u.test(original[span.start - 1] ?? ''));
  return original.slice(0, span.start) + (spaced ? tokenString.slice(1) : tokenString) + after;
}

/** End of the word before a position: skips white space if a letter or digit precedes it; otherwise the position itself. */
function joinPoint(text: string, position: number): number {
  let at = position;
  while (at > 0 && /\s/u.test(text[at - 1] ?? '')) at--;
  const before = text.slice(Math.max(0, at - 2), at);
  return /[\p{L}\p{N}\p{M}]$/u.test(before) ? at : position;
}
