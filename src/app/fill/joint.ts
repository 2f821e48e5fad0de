/** Words for several masks that go together: asked by itself where it is quick, else at a press. */
import { isAbort, toFailure } from '../lib/failure.ts';
import { noteTrouble } from '../store/model.ts';
import { appState, patch } from '../store/store.ts';

/** The engine searches for so many masks at most. */
export const MOST_JOINT = 8;
/** Unasked for no more masks, and if the search takes no longer. */
const MOST_UNASKED = 4;
const QUICK_MS = 2000;
const FILLINGS = 5;
/** Partial fillings that the engine follows at once. */
const BEAMS = 8;

let running: AbortController | null = null;

export function stopJoint(): void {
  running?.abort();
  running = null;
}

/** Searches for the text of the newest answer. */
export function searchJointly(why: 'unasked' | 'asked'): void {
  const { fill, model } = appState();
  const { result, cost } = fill;
  stopJoint();
  const count = result?.masks.length ?? 0;
  if (!model.current || !result || count < 2 || count > MOST_JOINT || result.truncated) {
    patch('fill', { joint: null, applied: null });
    return;
  }
  const isQuick = count <= MOST_UNASKED && cost?.ms != null && cost.ms * BEAMS * (count - 1) <= QUICK_MS;
  if (why === 'unasked' && !isQuick) {
    patch('fill', { joint: null, applied: null });
    return;
  }
  void search(result.text);
}

async function search(text: string): Promise<void> {
  const { current } = appState().model;
  if (!current) return;
  const asked = new AbortController();
  running = asked;
  patch('fill', { joint: { text, fillings: null, failure: null }, applied: null });
  try {
    const fillings = await current.fillJointly(text, { topK: FILLINGS, beams: BEAMS, signal: asked.signal });
    if (running === asked) patch('fill', { joint: { text, fillings, failure: null } });
  } catch (error) {
    if (asked.signal.aborted || isAbort(error)) return;
    if (!noteTrouble(error)) patch('fill', { joint: { text, fillings: null, failure: toFailure(error) } });
  } finally {
    if (running === asked) running = null;
  }
}
