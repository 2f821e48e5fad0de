/**
 * What the reader may ask next: the text with one more of its words hidden, for every word, answered in one batch while nothing else is to do. A press on a
 * word is then answered at once.
 */
import type { MaskedAnswer } from '../../types.ts';
import { hideWord, showAll } from '../lib/masks.ts';
import { cutText } from '../lib/words.ts';
import { appState } from '../store/store.ts';
import { maskToken, slotsFor } from './fill.ts';

/** The reader may still be typing. */
const PAUSE_MS = 500;
/** For longer texts nothing is prepared. */
const MOST_WORDS = 64;
/** Nor if it would take longer than this here. */
const QUICK_MS = 1500;

let running: AbortController | null = null;
let kept = { key: '', answers: new Map<string, MaskedAnswer>() };

const keyOf = (topK: number): string => `${appState().model.generation} ${topK}`;

/** The answer for `text`, if it is there already. */
export const prepared = (text: string, topK: number): MaskedAnswer | undefined =>
  kept.key === keyOf(topK) ? kept.answers.get(text) : undefined;

export function stopPreparing(): void {
  running?.abort();
  running = null;
}

/** Answers what may be asked next, after a pause. Failing does no harm: the answer is then computed when it is asked for. */
export function prepareVariants(topK: number): void {
  stopPreparing();
  const asked = new AbortController();
  running = asked;
  const timer = setTimeout(() => void prepare(topK, asked.signal).catch(() => undefined), PAUSE_MS);
  asked.signal.addEventListener('abort', () => clearTimeout(timer));
}

async function prepare(topK: number, signal: AbortSignal): Promise<void> {
  const { fill, model } = appState();
  if (!model.current) return;
  const base = fill.oneAtATime ? showAll(fill.text, fill.masks) : fill;
  const { pieces, complete } = cutText(base.text, maskToken(), MOST_WORDS);
  const words = pieces.filter(piece => piece.kind === 'word');
  if (!complete || words.length === 0) return;
  const { offsets } = await model.current.tokenize(base.text);
  const key = keyOf(topK);
  const texts = words
    .map(word => hideWord(base.text, base.masks, word, maskToken(), slotsFor(offsets, word)).text)
    .filter(text => !(kept.key === key && kept.answers.has(text)));
  if (texts.length === 0) return;
  const { ms } = await model.current.estimate(texts);
  if (ms === null || ms > QUICK_MS || signal.aborted) return;
  const answers = await model.current.predict(texts, { topK, signal });
  const before = kept.key === key ? [...kept.answers].slice(-2 * MOST_WORDS) : [];
  kept = { key, answers: new Map([...before, ...answers.map((answer): [string, MaskedAnswer] => [answer.text, answer])]) };
}
