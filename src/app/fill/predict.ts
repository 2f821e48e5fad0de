/** What the fill-mask view asks the model: the best words of every mask, then the asked words, then what goes together and what may be asked next. */
import type { MaskedAnswer, Model, OnProgress, Prediction, TargetScore } from '../../types.ts';
import { dictionaryOf } from '../i18n/dictionaries.ts';
import { formatDuration } from '../lib/format.ts';
import { type MaskSpan, wholeSlots, withoutSlots } from '../lib/masks.ts';
import { splitOwnWords } from '../lib/words.ts';
import { isLong } from '../store/cost.ts';
import { noteAnswer } from '../store/model.ts';
import { createRequest } from '../store/request.ts';
import { appState, patch } from '../store/store.ts';
import { filterWords, isFiltering } from './filter.ts';
import { searchJointly, stopJoint } from './joint.ts';
import { readTokens } from './reading.ts';
import type { FillResult } from './state.ts';
import { prepared, prepareVariants, stopPreparing } from './variants.ts';

/** Words that are looked through for those that pass a filter; `predict` gives no more. */
const MOST_WORDS = 1000;
/** Hidden words are scored while there are no more of them: each is scored at every mask. */
const MOST_HIDDEN = 8;

const request = createRequest('fill', () => ({ kind: 'fill' }));

/** Runs after a change: shows the cost, then predicts. A prediction that would take long waits until the user presses the button. */
export async function predictUnasked(): Promise<void> {
  stopPreparing();
  stopJoint();
  const { fill, model } = appState();
  void readTokens();
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
    if (fill.masks.length === 0) patch('fill', { result: null, joint: null, applied: null, selected: [], cost: null });
    if (current && fill.text !== '') prepareVariants(wordsWanted());
    return;
  }
  const { text, truncate } = fill;
  await request.run(async ({ signal, onProgress }) => {
    const startedAt = performance.now();
    const topK = wordsWanted();
    const ready = truncate ? undefined : prepared(text, topK);
    const answer = ready ?? (await current.predict(text, { topK, truncate, signal, onProgress }));
    if (signal.aborted) return null;
    noteAnswer();
    const result = resultOf(answer, performance.now() - startedAt, ready !== undefined);
    patch('fill', { failure: null, selected: result.groups.map(() => 0), hovered: null, result });
    const words = wordsToScore(result);
    if (words.length > 0) {
      const targets = await scoreWords(current, result, words, { truncate, signal, onProgress });
      if (signal.aborted) return null;
      patch('fill', { result: { ...result, targets } });
    }
    searchJointly('unasked');
    if (!truncate) prepareVariants(topK);
    return dictionaryOf(settings.language).status.predicted(result.groups.length, formatDuration(result.elapsedMs, settings.language));
  });
}

/** Best words to ask for at a mask: as many as are shown, or enough to filter them. */
function wordsWanted(): number {
  const { fill, settings, model } = appState();
  return Math.min(isFiltering(fill.filter) ? MOST_WORDS : settings.k, model.report?.architecture.vocab ?? settings.k);
}

/** The masks are those that the tokenizer read; each has the word that it hides. */
function resultOf(answer: MaskedAnswer, elapsedMs: number, isPrepared: boolean): FillResult {
  const { fill, settings } = appState();
  const masks = answer.masks.map(({ start, end }): MaskSpan => fill.masks.find(mask => mask.start === start) ?? { start, end, word: null });
  const shown = answer.masks.map(({ predictions }) => filterWords(predictions, fill.filter, settings.k));
  return {
    text: answer.text,
    masks: wholeSlots(answer.text, masks),
    truncated: fill.truncate,
    ownWords: splitOwnWords(fill.ownWords),
    groups: shown.map(words => words.map(({ prediction }) => prediction)),
    ranks: shown.map(words => words.map(({ rank }) => rank)),
    rest: shown.map(words => Math.max(0, 1 - words.reduce((sum, { prediction }) => sum + prediction.score, 0))),
    entropy: answer.masks.map(mask => mask.entropy),
    targets: null,
    elapsedMs,
    prepared: isPrepared,
  };
}

/** Words to score besides the best ones: the user's own, and each hidden word that is not among the best of its mask. */
function wordsToScore({ ownWords, masks, groups }: FillResult): string[] {
  const isAmong = (word: string, group: readonly Prediction[] | undefined) => group?.some(p => p.token_str.trim() === word);
  const hidden = masks.filter(({ word, slot }) => word !== null && (slot?.at ?? 0) === 0);
  const missing =
    hidden.length > MOST_HIDDEN
      ? []
      : masks.flatMap(({ word, slot }, i) => (word !== null && (slot?.at === 0 || (!slot && !isAmong(word, groups[i]))) ? [word] : []));
  return [...new Set([...ownWords, ...missing])];
}

/** Scores `words` at every mask, in the text in which a word of several slots is hidden by one mask: the engine opens as many as each asked word needs. */
async function scoreWords(
  model: Model,
  { text, masks }: FillResult,
  words: readonly string[],
  options: { truncate: boolean; signal: AbortSignal; onProgress: OnProgress },
): Promise<TargetScore[][]> {
  const whole = withoutSlots(text, masks);
  const answer = await model.predict(whole.text, { ...options, targets: words, topK: 1 });
  return masks.map(({ slot }, i) => (slot && slot.at > 0 ? [] : (answer.masks[whole.of[i] ?? -1]?.targets ?? [])));
}
