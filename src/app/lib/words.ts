/**
 * The text as a user sees it: words that can be hidden, masks that can be shown again, and what lies between.
 * Plain functions on strings, so that a keystroke costs one pass and tests need no page.
 */
import { findMasks } from '../../text/masks.ts';

/** Part of the text, [start, end) in UTF-16 code units; the pieces of a text join to the text again. */
export interface Piece {
  kind: 'word' | 'mask' | 'gap';
  start: number;
  end: number;
}

/** A mask in the text and the word that it hides, when the page hid it (null: typed by the user). */
export interface MaskSpan {
  start: number;
  end: number;
  word: string | null;
}

/** The strip shows at most this many words: thousands of buttons would slow the page down. */
export const STRIP_LIMIT = 600;

/** The strip reads at most this many characters, as a regular expression cannot hold an endless word. */
const STRIP_CHARACTERS = 20_000;

/** Numbers keep their decimal part; hyphens and apostrophes separate words, since a mask stands for one token of the vocabulary. */
const WORD = /\p{N}+(?:[.,]\p{N}+)*(?![\p{L}\p{M}\p{N}])|[\p{L}\p{M}\p{N}]+/u;

/** Cuts a text into words, masks and gaps; what comes after `limit` words or STRIP_CHARACTERS is left out. */
export function cutText(whole: string, maskToken?: string, limit = STRIP_LIMIT): { pieces: Piece[]; complete: boolean } {
  const text = whole.length > STRIP_CHARACTERS ? whole.slice(0, STRIP_CHARACTERS) : whole;
  const pieces: Piece[] = [];
  let count = 0;
  let at = 0;
  const add = (kind: Piece['kind'], start: number, end: number) => {
    if (start > at) pieces.push({ kind: 'gap', start: at, end: start });
    pieces.push({ kind, start, end });
    at = end;
    count++;
  };
  for (const mask of [...findMasks(text, maskToken), null]) {
    const pattern = new RegExp(WORD, 'gu');
    pattern.lastIndex = at;
    const until = mask?.start ?? text.length;
    const between = text.slice(0, until);
    for (let match = pattern.exec(between); match; match = pattern.exec(between)) {
      if (count === limit) return { pieces, complete: false };
      add('word', match.index, match.index + match[0].length);
    }
    if (!mask) break;
    if (count === limit) return { pieces, complete: false };
    add('mask', mask.start, mask.end);
  }
  if (at < text.length) pieces.push({ kind: 'gap', start: at, end: text.length });
  return { pieces, complete: text.length === whole.length };
}

/**
 * Groups pieces between which no line may break: what stands between blanks, such as « l’ », « effort » and « , ». A gap that
 * has blanks is cut at them, and its blanks stand alone.
 */
export function groupPieces(pieces: readonly Piece[], text: string): Piece[][] {
  const units: Piece[][] = [];
  let open: Piece[] | null = null;
  const add = (piece: Piece) => {
    if (open) open.push(piece);
    else {
      open = [piece];
      units.push(open);
    }
  };
  for (const piece of pieces) {
    if (piece.kind !== 'gap') {
      add(piece);
      continue;
    }
    let { start } = piece;
    for (const part of text.slice(piece.start, piece.end).split(/(\s+)/)) {
      if (part === '') continue;
      const gap: Piece = { kind: 'gap', start, end: start + part.length };
      start = gap.end;
      if (/\S/.test(part)) {
        add(gap);
      } else {
        units.push([gap]);
        open = null;
      }
    }
  }
  return units;
}

/**
 * The masks of an edited text, each with the word that it already hid. A mask is the same one when it lies wholly
 * before or wholly after the edit.
 */
export function carryMasks(oldText: string, oldMasks: readonly MaskSpan[], newText: string, maskToken?: string): MaskSpan[] {
  const spans = findMasks(newText, maskToken);
  if (oldMasks.length === 0) return spans.map(span => ({ ...span, word: null }));
  const { prefix, suffix } = commonEnds(oldText, newText);
  const shift = newText.length - oldText.length;
  return spans.map(span => {
    const before = span.end <= prefix ? span.start : null;
    const after = span.start >= newText.length - suffix ? span.start - shift : null;
    const same = oldMasks.find(mask => mask.start === before || mask.start === after);
    return { ...span, word: same?.word ?? null };
  });
}

/** Whether an edited text is still the text that it was: at least half of the longer one stands there unchanged. */
export function isSameText(before: string, after: string): boolean {
  const { prefix, suffix } = commonEnds(before, after);
  return 2 * (prefix + suffix) >= Math.max(before.length, after.length);
}

/** Where in `after` that ends which differs from `before`. */
export const changedEnd = (before: string, after: string): number => after.length - commonEnds(before, after).suffix;

/** Characters that two texts have in common at their beginnings and, apart from those, at their ends. */
function commonEnds(a: string, b: string): { prefix: number; suffix: number } {
  const shorter = Math.min(a.length, b.length);
  let prefix = 0;
  while (prefix < shorter && a[prefix] === b[prefix]) prefix++;
  let suffix = 0;
  while (suffix < shorter - prefix && a[a.length - 1 - suffix] === b[b.length - 1 - suffix]) suffix++;
  return { prefix, suffix };
}

/**
 * The text with every mask written as `maskToken`, before one more of those joins: beside the model's own mask, <mask> would be
 * read as plain text. `move` carries a position outside the masks over.
 */
export function withOwnMasks(
  text: string,
  masks: readonly MaskSpan[],
  maskToken: string,
): { text: string; masks: MaskSpan[]; move: (position: number) => number } {
  let out = '';
  let at = 0;
  const own = masks.map(mask => {
    out += text.slice(at, mask.start);
    const start = out.length;
    out += maskToken;
    at = mask.end;
    return { ...mask, start, end: out.length };
  });
  const move = (position: number) =>
    masks.reduce((moved, mask) => (mask.end <= position ? moved + maskToken.length - (mask.end - mask.start) : moved), position);
  return { text: out + text.slice(at), masks: own, move };
}

/** Replaces the word [start, end) by `maskToken`. */
export function hideWord(
  given: string,
  givenMasks: readonly MaskSpan[],
  word: { start: number; end: number },
  maskToken: string,
): { text: string; masks: MaskSpan[] } {
  const { text, masks, move } = withOwnMasks(given, givenMasks, maskToken);
  const [start, end] = [move(word.start), move(word.end)];
  const shift = maskToken.length - (end - start);
  const hidden = { start, end: start + maskToken.length, word: text.slice(start, end) };
  const moved = masks.map(mask => (mask.start < start ? mask : { ...mask, start: mask.start + shift, end: mask.end + shift }));
  return {
    text: text.slice(0, start) + maskToken + text.slice(end),
    masks: [...moved, hidden].sort((a, b) => a.start - b.start),
  };
}

/** Shows the word of mask `index` again; a mask without a word stays. */
export function showWord(text: string, masks: readonly MaskSpan[], index: number): { text: string; masks: MaskSpan[] } {
  const mask = masks[index];
  if (!mask || mask.word === null) return { text, masks: [...masks] };
  const shift = mask.word.length - (mask.end - mask.start);
  return {
    text: text.slice(0, mask.start) + mask.word + text.slice(mask.end),
    masks: masks
      .filter((_, i) => i !== index)
      .map(other => (other.start < mask.start ? other : { ...other, start: other.start + shift, end: other.end + shift })),
  };
}

/** A filled sentence as parts: the user's own text and the inserted words, in order. */
export type FilledPart = { text: string; mask: number | null };

/** A word to put in the place of a mask; a glued one continues the word before it. */
export interface Filling {
  word: string;
  glued: boolean;
}

/** A prediction as a filling: what the engine put into its sequence, and whether it took the blank before the mask away. */
export function fillingOf(
  prediction: { token_str: string; sequence: string },
  text: string,
  mask: { start: number; end: number },
): Filling {
  const { sequence, token_str } = prediction;
  const before = text.slice(0, mask.start);
  const glued = !sequence.startsWith(before);
  const from = glued ? before.trimEnd().length : before.length;
  return { word: sequence.slice(from, sequence.length - (text.length - mask.end)) || token_str, glued };
}

/** Puts one word in the place of each mask; everything else stays as the user wrote it. */
export function fillText(text: string, masks: readonly { start: number; end: number }[], fillings: readonly Filling[]): FilledPart[] {
  const parts: FilledPart[] = [];
  let at = 0;
  masks.forEach((mask, i) => {
    const { word, glued } = fillings[i] ?? { word: '', glued: false };
    const before = text.slice(at, mask.start);
    if (before) parts.push({ text: glued ? before.trimEnd() : before, mask: null });
    parts.push({ text: word, mask: i });
    at = mask.end;
  });
  if (at < text.length) parts.push({ text: text.slice(at), mask: null });
  return parts;
}

/** The user's own words: one between commas, semicolons or line ends; each once. */
export function splitOwnWords(input: string): string[] {
  const words = input.split(/[,;\n]/).map(word => word.trim());
  return [...new Set(words.filter(word => word !== ''))];
}

/** The sentence with every mask filled by its chosen word, and those words, one a mask. */
export function filledWith(
  { text, masks, groups }: { text: string; masks: readonly MaskSpan[]; groups: readonly (readonly Predicted[])[] },
  selected: readonly number[],
): { filled: string; words: string[] } {
  const fillings = masks.map((mask, i) => {
    const chosen = groups[i]?.[selected[i] ?? 0];
    return chosen ? fillingOf(chosen, text, mask) : { word: text.slice(mask.start, mask.end), glued: false };
  });
  const parts = fillText(text, masks, fillings);
  return { filled: parts.map(part => part.text).join(''), words: fillings.map(filling => filling.word) };
}

/** What of a prediction tells how its word goes into the text. */
interface Predicted {
  token_str: string;
  sequence: string;
}
