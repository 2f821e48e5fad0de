/** Predicts and compares as the user types: watches what a request depends on and asks again a moment after it last changed. */
import { compareUnasked } from '../embed/embed.ts';
import { predictUnasked } from '../fill/fill.ts';
import { resumeUnasked } from '../search/indexing.ts';
import { searchNow } from '../search/search.ts';
import type { AppState } from '../store/state.ts';
import { useAppStore } from '../store/store.ts';

const PAUSE_MS = 220;

/** Runs `action` when the part of the state that `pick` takes has changed and then stayed the same for a moment. Returns a function that stops it. */
function afterChange(pick: (state: AppState) => readonly unknown[], action: () => Promise<void>): () => void {
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

/** Starts watching; returns a function that stops it. */
export function watch(): () => void {
  const stops = [
    afterChange(({ fill, settings, model }) => [fill.text, fill.ownWords, fill.truncate, settings.k, model.generation], predictUnasked),
    afterChange(({ embed, model }) => [embed.lines, embed.query, model.generation], compareUnasked),
    // While vectors are computed the documents change with each batch: the answer is renewed when all are there.
    afterChange(
      ({ search, model }) => [
        search.query,
        search.mode,
        search.documents.length,
        search.chunking,
        search.indexing === null,
        search.model,
        model.generation,
      ],
      searchNow,
    ),
    afterChange(({ search, model }) => [search.opening, model.generation], resumeUnasked),
  ];
  return () => {
    for (const stop of stops) stop();
  };
}
