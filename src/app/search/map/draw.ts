/** Draws the map: PCA at once, UMAP when it is asked for; and finds the passages nearest to a point. */
import { dictionaryOf } from '../../i18n/dictionaries.ts';
import { isAbort, toFailure } from '../../lib/failure.ts';
import { formatNumber } from '../../lib/format.ts';
import { noteTrouble } from '../../store/model.ts';
import { appState, patch } from '../../store/store.ts';
import { announce } from '../../store/ui.ts';
import type { PassageRef } from '../state.ts';
import { nearestPassages } from '../vectors.ts';
import { pca } from './pca.ts';
import { sampleOf, vectorsFor } from './sample.ts';
import { Slices } from './slices.ts';
import { type Drawing, initialMap, type MapSlice, type Method } from './state.ts';
import { umapAside } from './umap-aside.ts';

/** Passages that are listed as the nearest of one. */
const NEAREST = 8;

const show = (part: Partial<MapSlice>): void => patch('search', { map: { ...appState().search.map, ...part } });

let drawing: AbortController | null = null;
let searching: AbortController | null = null;

/** The reader stops it; what was drawn stays. */
export function stopDrawing(): void {
  drawing?.abort();
  drawing = null;
  show({ running: null });
}

/** Draws the documents as they are, if they are not drawn yet. */
export async function drawUnasked(): Promise<void> {
  const { documents, map, indexing } = appState().search;
  if (indexing || documents === map.drawing?.documents) return;
  await draw('pca');
}

/** Draws anew. Errors go to `map.failure`; what was drawn before stays. */
export async function draw(method: Method): Promise<void> {
  drawing?.abort();
  const { documents, model, map } = appState().search;
  const { refs, total } = sampleOf(documents);
  if (!model || refs.length === 0) {
    show({ ...initialMap, column: map.column });
    return;
  }
  drawing = new AbortController();
  const mine = drawing;
  show({ running: { method, share: null }, failure: null });
  try {
    const slices = new Slices(mine.signal);
    const data = await vectorsFor(documents, refs, model.dim, slices);
    const places =
      method === 'pca'
        ? await pca(data, model.dim, slices)
        : { xy: await umapAside(data, model.dim, mine.signal, share => show({ running: { method, share } })), shares: null };
    mine.signal.throwIfAborted();
    take({ method, documents, refs, total, ...places });
  } catch (error) {
    if (!mine.signal.aborted && !isAbort(error)) show({ failure: toFailure(error) });
  } finally {
    if (drawing === mine) {
      drawing = null;
      show({ running: null });
    }
  }
}

function take(next: Drawing): void {
  const { map } = appState().search;
  // The points of another drawing of the same passages are the same passages.
  const isSame = map.drawing?.documents === next.documents;
  show(isSame ? { drawing: next } : { ...initialMap, column: map.column, drawing: next });
  const { language } = appState().settings;
  announce(dictionaryOf(language).map.drawn(formatNumber(next.refs.length, language)));
}

export const setColumn = (column: string | null): void => show({ column });
export const setInside = (inside: readonly number[]): void => show({ inside });

/** Looks at one passage closely: the passages nearest to it are searched among all, not only among those that are drawn. */
export async function choose(ref: PassageRef): Promise<void> {
  searching?.abort();
  searching = new AbortController();
  const { signal } = searching;
  show({ chosen: ref, neighbours: null, neighbourFailure: null });
  const { documents, model } = appState().search;
  if (!model || !appState().model.current) return;
  try {
    const vector = await vectorsFor(documents, [ref], model.dim, new Slices(signal));
    const found = await nearestPassages(vector, NEAREST + 1, signal);
    signal.throwIfAborted();
    const neighbours = found.filter(({ doc, passage }) => doc !== ref.doc || passage !== ref.passage).slice(0, NEAREST);
    show({ neighbours });
    const { language } = appState().settings;
    announce(dictionaryOf(language).map.found(formatNumber(neighbours.length, language)));
  } catch (error) {
    if (!signal.aborted && !isAbort(error) && !noteTrouble(error)) show({ neighbourFailure: toFailure(error) });
  }
}
