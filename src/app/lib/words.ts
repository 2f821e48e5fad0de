/**
 * The text as a reader sees it: words that can be hidden, masks that can be shown again, and what lies between.
 * Plain functions on strings, so that a keystroke costs one pass and tests need no page.
 */

/** Part of the text, [start, end) in UTF-16 code units; the pieces of a text join to the text again. */
export interface Piece {
  kind: 'word' | 'mask' | 'gap';
  start: number;
  end: number;
}

/** A mask in the text and the word that it hides, when the page hid it (null: typed by the reader). */
export interface MaskSpan {
  start: number;
  end: number;
  word: string | null;
}

/** What the reader may write for a mask whatever the model; the engine accepts the same. */
const PLACEHOLDERS = ['[MASK]', '<mask>'];

/** The strip shows at most this many words: thousands of buttons would slow the page down. */
export const STRIP_LIMIT = 600;

/** Numbers keep their decimal part; hyphens and apostrophes part words, since a mask stands for one token of the vocabulary. */
const WORD = /\p{N}+(?:[.,]\p{N}+)*(?![\p{L}\p{M}\p{N}])|[\p{L}\p{M}\p{N}]+/u;

const escapeForPattern = (text: string) => text.replace(/[.*+?^${}()|[\]\\]/g, '\\$&');

function maskPattern(maskToken: string | undefined): string {
  const all = maskToken && !PLACEHOLDERS.includes(maskToken) ? [...PLACEHOLDERS, maskToken] : PLACEHOLDERS;
  return all.map(escapeForPattern).join('|');
}

/** Every mask of `text`, in reading order. `maskToken`: the one of the loaded model, accepted beside the usual two. */
export function findMasks(text: string, maskToken?: string): { start: number; end: number }[] {
  const found: { start: number; end: number }[] = [];
  for (const match of text.matchAll(new RegExp(maskPattern(maskToken), 'g'))) {
    found.push({ start: match.index, end: match.index + match[0].length });
  }
  return found;
}

/** Cuts `text` into words, masks and gaps; after `limit` words the rest is one gap. */
export function cutText(text: string, maskToken?: string, limit = STRIP_LIMIT): { pieces: Piece[]; complete: boolean } {
  const pieces: Piece[] = [];
  const pattern = new RegExp(`(${maskPattern(maskToken)})|${WORD.source}`, 'gu');
  let at = 0;
  let count = 0;
  for (const match of text.matchAll(pattern)) {
    if (count === limit) break;
    const end = match.index + match[0].length;
    if (match.index > at) pieces.push({ kind: 'gap', start: at, end: match.index });
    pieces.push({ kind: match[1] === undefined ? 'word' : 'mask', start: match.index, end });
    at = end;
    count++;
  }
  const complete = count < limit || !new RegExp(pattern.source, 'u').test(text.slice(at));
  if (complete && at < text.length) pieces.push({ kind: 'gap', start: at, end: text.length });
  return { pieces, complete };
}

/**
 * The masks of an edited text, each with the word that it already hid. A mask is the same one when it lies wholly
 * before or wholly after the edit.
 */
export function carryMasks(oldText: string, oldMasks: readonly MaskSpan[], newText: string, maskToken?: string): MaskSpan[] {
  const spans = findMasks(newText, maskToken);
  if (oldMasks.length === 0) return spans.map(span => ({ ...span, word: null }));
  const shorter = Math.min(oldText.length, newText.length);
  let prefix = 0;
  while (prefix < shorter && oldText[prefix] === newText[prefix]) prefix++;
  let suffix = 0;
  while (suffix < shorter - prefix && oldText[oldText.length - 1 - suffix] === newText[newText.length - 1 - suffix]) suffix++;
  const shift = newText.length - oldText.length;
  return spans.map(span => {
    const before = span.end <= prefix ? span.start : null;
    const after = span.start >= newText.length - suffix ? span.start - shift : null;
    const same = oldMasks.find(mask => mask.start === before || mask.start === after);
    return { ...span, word: same?.word ?? null };
  });
}

/** Hides the word [start, end) behind `maskToken`. */
export function hideWord(
  text: string,
  masks: readonly MaskSpan[],
  word: { start: number; end: number },
  maskToken: string,
): { text: string; masks: MaskSpan[] } {
  const shift = maskToken.length - (word.end - word.start);
  const hidden = { start: word.start, end: word.start + maskToken.length, word: text.slice(word.start, word.end) };
  const moved = masks.map(mask => (mask.start < word.start ? mask : { ...mask, start: mask.start + shift, end: mask.end + shift }));
  return {
    text: text.slice(0, word.start) + maskToken + text.slice(word.end),
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

/** A filled sentence as parts: the reader's own text and the inserted words, in order. */
export type FilledPart = { text: string; mask: number | null };

/** A word to put in the place of a mask; a glued one continues the word before it. */
export interface Filling {
  word: string;
  glued: boolean;
}

/** A prediction as a filling: its sequence tells whether the engine glued it, by the blank that is gone before the mask. */
export function fillingOf(prediction: { token_str: string; sequence: string }, text: string, mask: { start: number }): Filling {
  const before = text.slice(0, mask.start);
  return { word: prediction.token_str, glued: /\s$/.test(before) && !prediction.sequence.startsWith(before) };
}

/** Puts one word in the place of each mask; everything else stays as the reader wrote it. */
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

/** The reader's own words: one between commas, semicolons or line ends; each once. */
export function splitOwnWords(input: string): string[] {
  const words = input.split(/[,;\n]/).map(word => word.trim());
  return [...new Set(words.filter(word => word !== ''))];
}
