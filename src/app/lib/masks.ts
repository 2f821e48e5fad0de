/**
 * The masks of the text that a user writes: which word each hides, kept through every edit. A word that the model reads as several tokens is hidden by
 * as many masks, its slots, which stand side by side and are shown again together.
 */
import { findMasks } from '../../text/masks.ts';
import { commonEnds } from './edits.ts';

/** One of the masks that hide a word of several tokens together. */
interface Slot {
  /** From 0. */
  at: number;
  of: number;
}

/** A mask in the text and the word that it hides, when the page hid it (null: typed by the user). */
export interface MaskSpan {
  start: number;
  end: number;
  word: string | null;
  /** Absent for a mask that hides a whole word by itself. */
  slot?: Slot;
}

interface Written {
  text: string;
  masks: MaskSpan[];
}

/** Between the slots of a word. */
const GAP = ' ';

/**
 * The masks of an edited text, each with the word that it already hid. A mask is the same one when it lies wholly
 * before or wholly after the edit. A word of which a slot was edited away is no longer known.
 */
export function carryMasks(oldText: string, oldMasks: readonly MaskSpan[], newText: string, maskToken?: string): MaskSpan[] {
  const spans = findMasks(newText, maskToken);
  if (oldMasks.length === 0) return spans.map(span => ({ ...span, word: null }));
  const { prefix, suffix } = commonEnds(oldText, newText);
  const shift = newText.length - oldText.length;
  const carried = spans.map((span): MaskSpan => {
    const before = span.end <= prefix ? span.start : null;
    const after = span.start >= newText.length - suffix ? span.start - shift : null;
    const same = oldMasks.find(mask => mask.start === before || mask.start === after);
    return { ...span, word: same?.word ?? null, ...(same?.slot && { slot: same.slot }) };
  });
  return wholeSlots(newText, carried);
}

/** Slots that do not make up their word any more become masks of no known word. */
export function wholeSlots(text: string, masks: readonly MaskSpan[]): MaskSpan[] {
  return masks.map((mask, i) => {
    if (!mask.slot) return mask;
    const { at, of } = mask.slot;
    const group = masks.slice(Math.max(0, i - at), i - at + of);
    const whole =
      i >= at &&
      group.length === of &&
      group.every(({ slot, word, start }, k) => {
        const next = group[k - 1];
        return slot?.at === k && slot.of === of && word === mask.word && (!next || text.slice(next.end, start) === GAP);
      });
    return whole ? mask : { start: mask.start, end: mask.end, word: null };
  });
}

/** Masks `from` to `to` (exclusive) hide one word with mask `index`. */
export function slotsOf(masks: readonly MaskSpan[], index: number): { from: number; to: number } {
  const slot = masks[index]?.slot;
  return slot ? { from: index - slot.at, to: index - slot.at + slot.of } : { from: index, to: index + 1 };
}

/**
 * The text with every mask written as `maskToken`, before one more of those joins: beside the model's own mask, <mask> would be
 * read as plain text. `move` carries a position outside the masks over.
 */
export function withOwnMasks(
  text: string,
  masks: readonly MaskSpan[],
  maskToken: string,
): Written & { move: (position: number) => number } {
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

/** Replaces the word [start, end) by `slots` times `maskToken`. */
export function hideWord(
  given: string,
  givenMasks: readonly MaskSpan[],
  word: { start: number; end: number },
  maskToken: string,
  slots = 1,
): Written {
  const { text, masks, move } = withOwnMasks(given, givenMasks, maskToken);
  const [start, end] = [move(word.start), move(word.end)];
  const hidden = Array.from({ length: slots }, (_, at): MaskSpan => {
    const from = start + at * (maskToken.length + GAP.length);
    return { start: from, end: from + maskToken.length, word: text.slice(start, end), ...(slots > 1 && { slot: { at, of: slots } }) };
  });
  const written = Array.from({ length: slots }, () => maskToken).join(GAP);
  const shift = written.length - (end - start);
  return {
    text: text.slice(0, start) + written + text.slice(end),
    masks: [...moved(masks, start, shift), ...hidden].sort((a, b) => a.start - b.start),
  };
}

/** Shows the word of mask `index` again, which takes the place of all its slots; a mask without a word stays. */
export function showWord(text: string, masks: readonly MaskSpan[], index: number): Written {
  const { from, to } = slotsOf(masks, index);
  const [first, last] = [masks[from], masks[to - 1]];
  if (!first || !last || first.word === null) return { text, masks: [...masks] };
  const shift = first.word.length - (last.end - first.start);
  return {
    text: text.slice(0, first.start) + first.word + text.slice(last.end),
    masks: moved(
      masks.filter((_, i) => i < from || i >= to),
      first.start,
      shift,
    ),
  };
}

/** The text with every hidden word shown. `move` carries a position outside the masks over. */
export function showAll(given: string, givenMasks: readonly MaskSpan[]): Written & { move: (position: number) => number } {
  let [text, masks] = [given, [...givenMasks]];
  const shifts: { end: number; shift: number }[] = [];
  for (let i = masks.length - 1; i >= 0; i--) {
    const mask = masks[i];
    if (mask?.word == null) continue;
    const length = text.length;
    i = slotsOf(masks, i).from;
    ({ text, masks } = showWord(text, masks, i));
    // Masks before this one have not moved, so its end is still that in the text as given.
    shifts.push({ end: mask.end, shift: text.length - length });
  }
  const move = (position: number) => shifts.reduce((moved, { end, shift }) => (end <= position ? moved + shift : moved), position);
  return { text, masks, move };
}

/** The text with one mask for every word that is hidden by several: what a whole word is scored in. `of`: for each mask given, its place among those left. */
export function withoutSlots(text: string, masks: readonly MaskSpan[]): { text: string; of: number[] } {
  let out = '';
  let at = 0;
  let count = -1;
  const of = masks.map(({ end, slot }) => {
    if (slot && slot.at > 0) {
      at = end;
      return count;
    }
    out += text.slice(at, end);
    at = end;
    return ++count;
  });
  return { text: out + text.slice(at), of };
}

const moved = (masks: readonly MaskSpan[], from: number, shift: number): MaskSpan[] =>
  masks.map(mask => (mask.start < from ? mask : { ...mask, start: mask.start + shift, end: mask.end + shift }));
