/** Acting a moment after something changed: what the reader types is asked when the typing pauses. */
import type { AppState } from './state.ts';
import { useAppStore } from './store.ts';

const PAUSE_MS = 220;

/** Runs `action` when the part of the state that `pick` takes has changed and then stayed the same for a moment. Returns a function that stops it. */
export function afterChange(pick: (state: AppState) => readonly unknown[], action: () => Promise<void>): () => void {
  let timer: ReturnType<typeof setTimeout> | null = null;
  const unsubscribe = useAppStore.subscribe((state, before) => {
    const now = pick(state);
    const then = pick(before);
    if (now.every((value, i) => value === then[i])) return;
    if (timer !== null) clearTimeout(timer);
    timer = setTimeout(() => {
      timer = null;
      void action();
    }, PAUSE_MS);
  });
  return () => {
    if (timer !== null) clearTimeout(timer);
    unsubscribe();
  };
}
