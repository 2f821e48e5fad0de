/**
 * Words of a French text as a reader clicks on them, and which tokens they are.
 *
 * `Intl.Segmenter` finds the words (UAX #29: "12,5" and "l'infarctus" are one). Further rules follow French medical writing: an elided
 * article is a word of its own (l' | infarctus, but aujourd'hui whole), a compound with hyphens is one word (bêta-bloquant), a pronoun
 * behind a hyphen is a word of its own (est | ce). Positions are UTF-16 units, ranges [start, end).
 */
import { findMasks } from './masks.ts';

export interface Word {
  readonly start: number;
  readonly end: number;
  readonly text: string;
  /** A mask placeholder as typed ([MASK], <mask>), which a page shows as a gap. */
  readonly isMask: boolean;
}

/** An elided word before its apostrophe, and the rest of the word. */
const elision = /^(?:[cdjlmnstz]|qu|jusqu|lorsqu|puisqu|quoiqu|presqu|quelqu)['’](?=[\p{L}\p{N}])/iu;
const hyphen = /^[-\u2010\u2011]$/u;
/** Words that follow a verb or a demonstrative behind a hyphen: est-ce, dit-elle, a-t-il, celui-ci. */
const clitic = /^(?:je|tu|il|elle|on|nous|vous|ils|elles|ce|t|le|la|les|lui|leur|moi|toi|y|en|ci|là|même|mêmes)$/iu;

let segmenter: Intl.Segmenter | undefined;

/** The words of a text in order, without white space and punctuation. `ownMask`: the tokenizer's mask token. */
export function words(text: string, ownMask?: string): Word[] {
  const out: Word[] = [];
  let from = 0;
  for (const mask of findMasks(text, ownMask)) {
    plainWords(text, from, mask.start, out);
    out.push({ start: mask.start, end: mask.end, text: text.slice(mask.start, mask.end), isMask: true });
    from = mask.end;
  }
  plainWords(text, from, text.length, out);
  return out;
}

function plainWords(text: string, from: number, to: number, out: Word[]): void {
  if (from >= to) return;
  segmenter ??= new Intl.Segmenter('fr', { granularity: 'word' });
  const ranges: [number, number][] = [];
  /** The segment before was a hyphen that touches the word before it. */
  let hyphenated = false;
  for (const { segment, index, isWordLike } of segmenter.segment(text.slice(from, to))) {
    const start = from + index;
    const end = start + segment.length;
    const last = ranges.at(-1);
    if (!isWordLike) {
      hyphenated = hyphen.test(segment) && last?.[1] === start;
      continue;
    }
    const head = elision.exec(segment)?.[0].length ?? 0;
    const compound =
      hyphenated && last !== undefined && /^\p{L}/u.test(segment) && !clitic.test(segment) && /\p{L}$/u.test(text.slice(...last));
    hyphenated = false;
    if (compound) last[1] = end;
    else {
      if (head > 0) ranges.push([start, start + head]);
      ranges.push([start + head, end]);
    }
  }
  for (const [start, end] of ranges) out.push({ start, end, text: text.slice(start, end), isMask: false });
}

/**
 * For each range (words) the tokens that overlap it: [first, last + 1) into `offsets`, both equal when there are none.
 * Both lists in reading order; tokens of no width (special tokens) are skipped. One pass over each list.
 */
export function tokensOf(
  ranges: readonly { start: number; end: number }[],
  offsets: readonly (readonly [number, number])[],
): [number, number][] {
  let at = 0;
  return ranges.map(({ start, end }) => {
    while (at < offsets.length && (width(offsets[at]) === 0 || (offsets[at]?.[1] ?? 0) <= start)) at++;
    let stop = at;
    while (stop < offsets.length && (width(offsets[stop]) === 0 || (offsets[stop]?.[0] ?? 0) < end)) stop++;
    while (stop > at && width(offsets[stop - 1]) === 0) stop--;
    // The last token may reach into the next range, so the next range looks at it again.
    const found: [number, number] = [at, stop];
    at = Math.max(at, stop - 1);
    return found;
  });
}

function width(offset: readonly [number, number] | undefined): number {
  return offset ? offset[1] - offset[0] : 0;
}
