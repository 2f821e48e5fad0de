/** Searches as the reader types, and goes on with vectors when a model is ready. */
import { afterChange } from '../store/after-change.ts';
import { openKept } from './documents.ts';
import { resumeUnasked } from './indexing.ts';
import { searchNow } from './search.ts';

/** Reads what is kept and starts watching; returns a function that stops it. What is being computed goes on. */
export function watchSearch(): () => void {
  const stops = [
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
  // What changed while the view was away.
  void openKept().then(searchNow).then(resumeUnasked);
  return () => {
    for (const stop of stops) stop();
  };
}
