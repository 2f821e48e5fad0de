/**
 * The text as a user sees it: words, masks, and what lies between; and the text with its masks filled in.
 * Plain functions on strings, so that a keystroke costs one pass and tests need no page.
 */
import { findMasks } from '../../text/masks.ts';

/** Part of the text, [start, end) in UTF-16 code units; the pieces of a text join to the text again. */
export interface Piece {
  kind: 'word' | 'mask' | 'gap';
  start: number;
  end: number;
}

/** The strip shows at most this many words: thousands of buttons would slow the page down. */
export const STRIP_LIMIT = 1500;

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
