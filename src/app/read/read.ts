/** The reading view: a long text, and how much each of its words surprises the model. */
import { wordsOf } from '../../text/read-words.ts';
import { dictionaryOf } from '../i18n/dictionaries.ts';
import { formatDuration } from '../lib/format.ts';
import { isLong } from '../store/cost.ts';
import { record } from '../store/history.ts';
import { noteAnswer } from '../store/model.ts';
import { createRequest } from '../store/request.ts';
import type { Step } from '../store/state.ts';
import { appState, patch } from '../store/store.ts';
import type { Around, ReadMode, ReadResult, ReadSlice } from './state.ts';
import { STEPS, scaleOf, stepBegin, surprising } from './words.ts';

/** Alternatives a word. */
const ALTERNATIVES = 5;
/** Tokens of the first portion in exact mode, and how long (ms) the later ones shall take: results come in steadily, on a slow adapter too. */
const FIRST_PORTION = 4;
const PORTION_MS = 700;
const MOST_PORTION = 512;

export function setReadText(text: string, step: Step = 'typing'): void {
  record('read', step, 'text');
  patch('read', { text: step === 'file' ? text.replace(/\r\n?/g, '\n') : text, chosen: null, writing: step === 'typing' || text === '' });
}

export const setRead = (part: Partial<Pick<ReadSlice, 'writing' | 'shown' | 'threshold' | 'chosen'>>): void => patch('read', part);
export const setMode = (mode: ReadMode): void => patch('read', { mode });
export const setAround = (around: Around): void => patch('read', { around });

/** `around` as the engine takes it: only in exact mode. */
function options(): { mode: ReadMode; around?: number } {
  const { mode, around } = appState().read;
  return mode === 'exact' && around > 0 ? { mode, around } : { mode };
}

const request = createRequest('read', () => {
  const { mode, around } = options();
  return { kind: `surprisal-${mode}`, ...(around !== undefined && { around }) };
});

/** What an answer depends on. */
const keyOf = (): string => {
  const { read, model } = appState();
  return JSON.stringify([model.generation, read.mode, read.around, read.text]);
};

/** Runs after a change: tells the time, then reads. What would take long waits for the reader. */
export async function readUnasked(): Promise<void> {
  const { read } = appState();
  const { text, result } = read;
  if (result?.key === keyOf() && result.done === result.total) return;
  const told = await request.tellCost(text.trim() === '' ? [] : [text]);
  if (!told) return;
  // The time of an exact reading that cannot be told may be hours.
  if (isLong(told.cost) || (read.mode === 'exact' && told.cost?.ms == null)) request.hold('long');
  else await readText();
}

/** Stops the reading; the words that came stay. */
export const stopReading = (): void => request.hold('stopped');

/** Reads the current text; an older request that still runs is stopped. Errors go to `read.failure`. */
export async function readText(): Promise<void> {
  const { read, model, settings } = appState();
  const { current } = model;
  const { text, mode } = read;
  if (!current || text.trim() === '') {
    request.rest();
    if (text.trim() === '') patch('read', { result: null, cost: null });
    return;
  }
  const key = keyOf();
  await request.run(async ({ signal, onProgress }) => {
    const startedAt = performance.now();
    const show = (part: Omit<ReadResult, 'key' | 'text' | 'mode' | 'scale' | 'elapsedMs'>) => {
      noteAnswer();
      patch('read', {
        failure: null,
        result: { key, text, mode, ...part, scale: scaleOf(text, part.words), elapsedMs: performance.now() - startedAt },
      });
    };
    if (mode === 'fast') {
      const answer = await current.surprisal(text, { mode, topK: ALTERNATIVES, signal, onProgress });
      if (signal.aborted) return null;
      show({ words: wordsOf(text, answer), done: answer.total, total: answer.total, windows: answer.windows.length });
    } else {
      // What was stopped goes on where it was.
      const before = read.result?.key === key && read.result.done < read.result.total ? read.result : null;
      let words: ReadResult['words'] = before?.words ?? [];
      let size = FIRST_PORTION;
      for (let done = before?.done ?? 0, total = Number.POSITIVE_INFINITY; done < total; ) {
        const from = performance.now();
        const answer = await current.surprisal(text, { ...options(), mode, topK: ALTERNATIVES, from: done, to: done + size, signal });
        if (signal.aborted) return null;
        words = wordsOf(text, answer, words);
        done += answer.bits.length;
        total = answer.bits.length === 0 ? done : answer.total;
        show({ words, done, total, windows: 0 });
        onProgress({ stage: 'run', done, total, unit: 'items' });
        size = Math.min(MOST_PORTION, Math.max(FIRST_PORTION, Math.round((size * PORTION_MS) / (performance.now() - from))));
      }
    }
    const { result } = appState().read;
    if (!result) return null;
    const found = surprising(text, result.words, thresholdOf(appState().read)).length;
    return dictionaryOf(settings.language).read.said(result.words.length, found, formatDuration(result.elapsedMs, settings.language));
  });
}

/** A word of fewer bits had a quarter of the probability or more: nothing to point at. One of more had less than a thousandth: always something. */
const LEAST_BITS = 2;
const MOST_BITS = 10;

/** Bits from which a word counts as surprising. */
export const thresholdOf = ({ threshold, result }: ReadSlice): number =>
  threshold ?? (result ? Math.min(MOST_BITS, Math.max(LEAST_BITS, stepBegin(STEPS, result.scale))) : Number.POSITIVE_INFINITY);

/** Goes to the next surprising word, or back to the one before; from the last to the first. False where there is none. */
export function jump(by: 1 | -1): boolean {
  const { read } = appState();
  if (!read.result) return false;
  const found = surprising(read.result.text, read.result.words, thresholdOf(read));
  if (found.length === 0) return false;
  const at = read.chosen ?? -1;
  const next = by > 0 ? (found.find(i => i > at) ?? found[0]) : (found.findLast(i => i < at) ?? found.at(-1));
  patch('read', { chosen: next ?? null });
  return true;
}
