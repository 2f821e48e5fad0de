/** The fill-mask view: what the user writes, hides and shows. What the model is asked for it is in predict.ts. */
import { isSameText } from '../lib/edits.ts';
import { carryMasks, hideWord, showAll, showWord, withOwnMasks } from '../lib/masks.ts';
import { record } from '../store/history.ts';
import type { Step } from '../store/state.ts';
import { appState, patch } from '../store/store.ts';
import { readTokens } from './reading.ts';
import type { FillSlice, Reading, WordFilter } from './state.ts';

export const maskToken = (): string => appState().model.report?.maskToken ?? '[MASK]';

/** A word of more tokens is hidden by so many masks. */
const MOST_SLOTS = 8;

/** Puts `text` in the place of what is there. `step` tells how it came. */
export function setText(text: string, step: Step = 'typing'): void {
  const { fill } = appState();
  record('fill', step, 'text');
  changeText(text, fill.truncate && isSameText(fill.text, text));
  if (step === 'typing') patch('fill', { writing: true });
  else if (step !== 'compose') patch('fill', { writing: text === '' });
}

/** What the page begins with. It is no step that can be undone. */
export function beginWith(text: string): void {
  changeText(text, false);
  patch('fill', { writing: text === '' });
}

function changeText(text: string, truncate: boolean): void {
  const { fill } = appState();
  patch('fill', { text, masks: carryMasks(fill.text, fill.masks, text, maskToken()), truncate, applied: null });
}

/** Masks that hide a word: as many as it has tokens. */
export function slotsFor(offsets: Reading['offsets'], word: { start: number; end: number }): number {
  const tokens = offsets.filter(([from, to]) => from < to && from < word.end && to > word.start).length;
  return Math.min(MOST_SLOTS, Math.max(1, tokens));
}

/** Hides the word [start, end) of the text, by a mask for each of its tokens. */
export async function hide(word: { start: number; end: number }): Promise<void> {
  const asked = appState().fill.text;
  const reading = await readTokens();
  const { fill } = appState();
  if (fill.text !== asked) return;
  const slots = reading ? slotsFor(reading.offsets, word) : 1;
  const base = fill.oneAtATime ? showAll(fill.text, fill.masks) : { ...fill, move: (at: number) => at };
  record('fill', 'mask');
  const place = { start: base.move(word.start), end: base.move(word.end) };
  const written = hideWord(base.text, base.masks, place, maskToken(), slots);
  patch('fill', { ...written, applied: null, current: written.masks.findIndex(mask => mask.start >= place.start) });
}

export function show(index: number): void {
  const { fill } = appState();
  record('fill', 'mask');
  patch('fill', { ...showWord(fill.text, fill.masks, index), applied: null });
}

/** Shows every word that the page hid. */
export function showHidden(): void {
  const { fill } = appState();
  record('fill', 'mask');
  const { text, masks } = showAll(fill.text, fill.masks);
  patch('fill', { text, masks, applied: null });
}

/** Puts a mask in place of [start, end); returns where the cursor belongs afterwards. */
export function insertMask(from: number, to: number): number {
  const { fill } = appState();
  const { text, masks, move } = withOwnMasks(fill.text, fill.masks, maskToken());
  const [start, end] = [move(from), move(to)];
  // After an elision, a bracket or a hyphen no blank belongs.
  const before = /[^\s’'([«-]/.test(text.slice(Math.max(0, start - 1), start)) ? ' ' : '';
  const after = /^[\p{L}\p{N}]/u.test(text.slice(end, end + 2)) ? ' ' : '';
  const inserted = before + maskToken() + after;
  record('fill', 'mask', 'text');
  patch('fill', { text, masks });
  changeText(text.slice(0, start) + inserted + text.slice(end), fill.truncate);
  return start + inserted.length;
}

/** Removes the last `count` masks, which are after the cut of a long text: each is replaced by the word that it hides, and a mask that the user typed is deleted. */
export function dropLastMasks(count: number): void {
  record('fill', 'mask');
  let { text, masks } = appState().fill;
  const left = Math.max(0, masks.length - count);
  while (masks.length > left) {
    const mask = masks.at(-1);
    if (!mask) break;
    const last = masks.length - 1;
    ({ text, masks } = showWord(text, mask.slot ? masks : masks.with(last, { ...mask, word: mask.word ?? '' }), last));
  }
  patch('fill', { text, masks });
}

export function setOwnWords(ownWords: string): void {
  record('fill', 'typing', 'ownWords');
  patch('fill', { ownWords });
}

export const setFill = (part: Partial<Pick<FillSlice, 'truncate' | 'hovered' | 'writing' | 'current' | 'tab' | 'oneAtATime'>>): void =>
  patch('fill', part);

export const setFilter = (part: Partial<WordFilter>): void => patch('fill', { filter: { ...appState().fill.filter, ...part } });

/** The word that stands in the place of a mask. */
export function selectWord(mask: number, index: number): void {
  const selected = [...appState().fill.selected];
  selected[mask] = index;
  patch('fill', { selected, applied: null, current: mask });
}

/** Puts a joint filling into the text; null: each mask's own word again. */
export const applyJoint = (applied: number | null): void => patch('fill', { applied });
