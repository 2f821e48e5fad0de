/**
 * Undo and redo of what the user wrote, one history a view. It covers what the browser's own undo cannot: examples, clearing,
 * masks, another view, another model. Each change is recorded before it is made.
 */
import type { AppState, HistorySlice, Step, Writing, Written } from './state.ts';
import { appState, patch } from './store.ts';

/** Keystrokes in one field with less than this between them are undone together. */
const PAUSE_MS = 1000;
/** What is kept of the past at most, in steps and in characters. */
const MOST_STEPS = 300;
const MOST_CHARACTERS = 20_000_000;

const snapshots = {
  fill: ({ fill: { text, masks, ownWords, truncate } }: AppState) => ({ text, masks, ownWords, truncate }),
  read: ({ read: { text } }: AppState) => ({ text }),
  embed: ({ embed: { lines, query, aside } }: AppState) => ({ lines, query, aside }),
};

interface Entry {
  step: Step;
  written: Written[Writing];
}

let lastTyped: { place: string; at: number } | null = null;

/** Remembers how `view` stands. `place` is the field that is typed in: keystrokes there that follow one another are one step. */
export function record<V extends Writing>(view: V, step: Step, place = ''): void {
  const now = performance.now();
  const goesOn = step === 'typing' && lastTyped?.place === view + place && now - lastTyped.at < PAUSE_MS;
  lastTyped = step === 'typing' ? { place: view + place, at: now } : null;
  if (goesOn) return;
  const { undo } = appState().history[view];
  put(view, { undo: trim([...undo, { step, written: snapshots[view](appState()) }] as Entry[]), redo: [] });
}

export const undo = (view: Writing): void => move(view, 'undo', 'redo');
export const redo = (view: Writing): void => move(view, 'redo', 'undo');

function move(view: Writing, from: 'undo' | 'redo', to: 'undo' | 'redo'): void {
  const history = appState().history[view];
  const entry = history[from].at(-1);
  if (!entry) return;
  lastTyped = null;
  const now = { step: entry.step, written: snapshots[view](appState()) };
  if (view === 'fill') patch('fill', { ...(entry.written as Written['fill']), applied: null });
  else if (view === 'read') patch('read', { ...(entry.written as Written['read']), chosen: null });
  else patch('embed', { ...(entry.written as Written['embed']), paste: null });
  put(view, { ...history, [from]: history[from].slice(0, -1), [to]: [...history[to], now] });
}

function put(view: Writing, part: { undo: readonly Entry[]; redo: readonly Entry[] }): void {
  patch('history', { [view]: part } as Partial<HistorySlice>);
}

/** The newest steps that fit. */
function trim(steps: Entry[]): Entry[] {
  let characters = 0;
  const newest = steps.slice(-MOST_STEPS);
  const first = newest.findLastIndex(({ written }) => {
    characters += 'text' in written ? written.text.length : written.lines.reduce((sum, line) => sum + line.text.length, 0);
    return characters > MOST_CHARACTERS;
  });
  return first < 0 ? newest : newest.slice(Math.min(first + 1, newest.length - 1));
}
