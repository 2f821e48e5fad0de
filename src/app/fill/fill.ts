/** The fill-mask view: what the user writes, and the newest prediction for it. */
import type { FillMaskResult, Model, OnProgress, Prediction } from '../../types.ts';
import { dictionaryOf } from '../i18n/dictionaries.ts';
import { toFailure } from '../lib/failure.ts';
import { formatDuration } from '../lib/format.ts';
import { carryMasks, hideWord, isSameText, type MaskSpan, showWord, splitOwnWords, withOwnMasks } from '../lib/words.ts';
import { isLong } from '../store/cost.ts';
import { record } from '../store/history.ts';
import { noteAnswer } from '../store/model.ts';
import { createRequest } from '../store/request.ts';
import type { Step } from '../store/state.ts';
import { appState, patch } from '../store/store.ts';

const maskToken = (): string => appState().model.report?.maskToken ?? '[MASK]';

/** Puts `text` in the place of what is there. `step` tells how it came. */
export function setText(text: string, step: Step = 'typing'): void {
  const { fill } = appState();
  record('fill', step, 'text');
  changeText(text, fill.truncate && isSameText(fill.text, text));
}

/** What the page begins with. It is no step that can be undone. */
export const beginWith = (text: string): void => changeText(text, false);

function changeText(text: string, truncate: boolean): void {
  const { fill } = appState();
  patch('fill', { text, masks: carryMasks(fill.text, fill.masks, text, maskToken()), truncate });
}

export function hide(word: { start: number; end: number }): void {
  const { fill } = appState();
  record('fill', 'mask');
  patch('fill', hideWord(fill.text, fill.masks, word, maskToken()));
}

export function show(index: number): void {
  const { fill } = appState();
  record('fill', 'mask');
  patch('fill', showWord(fill.text, fill.masks, index));
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
  for (let i = masks.length - 1, last = Math.max(0, masks.length - count); i >= last; i--) {
    const mask = masks[i];
    if (!mask) break;
    ({ text, masks } = showWord(text, masks.with(i, { ...mask, word: mask.word ?? '' }), i));
  }
  patch('fill', { text, masks });
}

export function setOwnWords(ownWords: string): void {
  record('fill', 'typing', 'ownWords');
  patch('fill', { ownWords });
}
export const setTruncate = (truncate: boolean): void => patch('fill', { truncate });
export const setHovered = (hovered: { mask: number; index: number } | null): void => patch('fill', { hovered });

export function selectWord(mask: number, index: number): void {
  const selected = [...appState().fill.selected];
  selected[mask] = index;
  patch('fill', { selected });
}

/** The engine's answer with one list per mask, also for a single mask. */
function perMask(result: FillMaskResult): Prediction[][] {
  const nested = result.filter((item): item is Prediction[] => Array.isArray(item));
  const flat = result.filter((item): item is Prediction => !Array.isArray(item));
  return nested.length > 0 ? nested : [flat];
}

/**
 * The masks that the tokenizer read, where they are not those that are written: [mask] counts where it lowercases, a mask that
 * touches a word does not where it must stand alone. They are the tokens of the mask's id, without the blanks that they take.
 */
export async function masksAsRead(model: Model, text: string, written: readonly MaskSpan[]): Promise<MaskSpan[]> {
  const own = await model.tokenize(maskToken());
  const maskId = own.ids.find((_, i) => (own.offsets[i]?.[1] ?? 0) > 0);
  const { ids, offsets } = await model.tokenize(text, { truncate: true });
  return ids.flatMap((id, i) => {
    const [from = 0, to = 0] = offsets[i] ?? [];
    if (id !== maskId || from === to) return [];
    const taken = text.slice(from, to);
    const start = from + taken.length - taken.trimStart().length;
    const end = start + taken.trim().length;
    return [{ start, end, word: written.find(mask => mask.start === start)?.word ?? null }];
  });
}

/** Words to score besides the best ones: the user's own, and each hidden word that is not among the best of its mask. */
function wordsToScore(ownWords: readonly string[], masks: readonly MaskSpan[], groups: readonly Prediction[][]): string[] {
  const missing = masks.flatMap((mask, i) => (mask.word !== null && !groups[i]?.some(p => p.token_str === mask.word) ? [mask.word] : []));
  return [...new Set([...ownWords, ...missing])];
}

/**
 * Scores `words` at every mask. The engine answers one word per token and refuses a list with an unknown word: words that
 * share their first piece are asked again by themselves, unknown ones are left out.
 */
async function scoreWords(
  model: Model,
  text: string,
  words: readonly string[],
  options: { truncate: boolean; signal: AbortSignal; onProgress: OnProgress },
): Promise<Prediction[][]> {
  let left = words;
  let scored: Prediction[][] = [];
  while (left.length > 0) {
    try {
      const answer = perMask(await model.fillMask(text, { ...options, targets: left, topK: left.length }));
      scored = answer.map((group, mask) => [...(scored[mask] ?? []), ...group]);
      const found = new Set(answer[0]?.map(prediction => prediction.target));
      if (found.size === 0) break;
      left = left.filter(word => !found.has(word));
    } catch (error) {
      const { target } = toFailure(error).details;
      if (typeof target !== 'string' || !left.includes(target)) throw error;
      left = left.filter(word => word !== target);
    }
  }
  return scored;
}

const request = createRequest('fill', () => 'fill');

/** Runs after a change: shows the cost, then predicts. A prediction that would take long waits until the user presses the button. */
export async function predictUnasked(): Promise<void> {
  const { fill, model } = appState();
  const told = await request.tellCost(fill.masks.length > 0 ? [fill.text] : []);
  if (!told) return;
  const { cost } = told;
  const context = model.report?.architecture.context;
  // Texts are cut only while they are too long: one that fits again is read whole.
  if (cost && fill.truncate && cost.longestTokens < (context ?? 0)) {
    patch('fill', { truncate: false });
    return;
  }
  // The cost of a text over the context counts only up to the context. Such a text is predicted at once: the refusal is quick, and a cut was asked for.
  if (cost && isLong(cost) && cost.longestTokens < (context ?? Number.POSITIVE_INFINITY) && !fill.truncate) request.hold('long');
  else await predict();
}

/** Stops the prediction that runs; what was shown stays. */
export const stopPredicting = (): void => request.hold('stopped');

/** Asks the model for the current text; an older request that still runs is stopped. Errors go to `fill.failure`. */
export async function predict(): Promise<void> {
  const { fill, model, settings } = appState();
  const { current } = model;
  if (!current || fill.masks.length === 0) {
    request.rest();
    if (fill.masks.length === 0) patch('fill', { result: null, selected: [], cost: null });
    return;
  }
  const { text, truncate } = fill;
  await request.run(async ({ signal, onProgress }) => {
    const startedAt = performance.now();
    const groups = perMask(await current.fillMask(text, { topK: settings.k, truncate, signal, onProgress }));
    const elapsedMs = performance.now() - startedAt;
    const masks = groups.length === fill.masks.length ? fill.masks : await masksAsRead(current, text, fill.masks);
    if (signal.aborted) return null;
    noteAnswer();
    const ownWords = splitOwnWords(fill.ownWords);
    const words = wordsToScore(ownWords, masks, groups);
    const result = { text, masks, truncated: truncate, ownWords, groups, targets: null, elapsedMs };
    patch('fill', { failure: null, selected: groups.map(() => 0), hovered: null, result });
    if (words.length > 0) {
      const targets = await scoreWords(current, text, words, { truncate, signal, onProgress });
      if (signal.aborted) return null;
      patch('fill', { result: { ...result, targets } });
    }
    return dictionaryOf(settings.language).status.predicted(groups.length, formatDuration(elapsedMs, settings.language));
  });
}
