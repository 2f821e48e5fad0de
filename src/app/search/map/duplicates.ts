/** Looks for near-duplicates among the passages as they are. */
import { dictionaryOf } from '../../i18n/dictionaries.ts';
import { isAbort, toFailure } from '../../lib/failure.ts';
import { formatNumber } from '../../lib/format.ts';
import { paintPace } from '../../lib/pace.ts';
import { appState, patch } from '../../store/store.ts';
import { announce } from '../../store/ui.ts';
import type { Doc } from '../state.ts';
import { copiesOf } from './copies.ts';
import { findPairs, pairsFrom } from './pairs.ts';
import { evenly, vectorsFor } from './sample.ts';
import { Slices } from './slices.ts';
import type { PairsSlice } from './state.ts';

const show = (part: Partial<PairsSlice>): void => patch('search', { pairs: { ...appState().search.pairs, ...part } });

let comparing: AbortController | null = null;
/** What was compared last, or is being compared. */
let asked: readonly Doc[] | null = null;

/** The reader stops it: it begins anew only when the reader says so, or the documents change. */
export function stopComparing(): void {
  comparing?.abort();
  comparing = null;
  show({ share: null, isStopped: true });
}

export const setThreshold = (threshold: number): void => show({ threshold });

/** Compares the documents as they are, if that was not done, begun or stopped before. */
export async function compareUnasked(): Promise<void> {
  const { documents, indexing } = appState().search;
  if (!indexing && documents !== asked) await compare();
}

/** Compares every pair. Errors go to `pairs.failure`. */
export async function compare(): Promise<void> {
  comparing?.abort();
  const { documents, model } = appState().search;
  asked = documents;
  comparing = new AbortController();
  const mine = comparing;
  // Pairs of other documents are not shown as those of these.
  show({ found: null, share: 0, isStopped: false, failure: null });
  try {
    const slices = new Slices(mine.signal);
    const dim = model?.dim ?? 1;
    const copies = await copiesOf(documents, slices);
    // A text is compared once, however many copies of it there are.
    const refs = evenly(copies.distinct);
    const data = await vectorsFor(documents, refs, dim, slices);
    const isDue = paintPace();
    const found = await findPairs(data, dim, slices, share => isDue() && show({ share }));
    mine.signal.throwIfAborted();
    show({ found: { ...found, ...copies, refs } });
    const { settings, search } = appState();
    const count = copies.copies.length + pairsFrom(found, search.pairs.threshold).count;
    announce(dictionaryOf(settings.language).map.pairs.count(formatNumber(count, settings.language)));
  } catch (error) {
    if (!mine.signal.aborted && !isAbort(error)) show({ failure: toFailure(error) });
  } finally {
    if (comparing === mine) {
      comparing = null;
      show({ share: null });
    }
  }
}
