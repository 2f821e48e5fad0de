/** Computing the vectors of the passages that have none, in batches. Each batch is kept at once: what is done stays, whatever happens next. */
import { dictionaryOf } from '../i18n/dictionaries.ts';
import { isAbort, toFailure } from '../lib/failure.ts';
import { formatNumber } from '../lib/format.ts';
import { paintPace } from '../lib/pace.ts';
import { rateMeter } from '../lib/rate.ts';
import { noteAnswer, noteTrouble, refreshReport } from '../store/model.ts';
import { appState, patch } from '../store/store.ts';
import { announce } from '../store/ui.ts';
import { edit, keep } from './edit.ts';
import { dropVectors, keepSettings, keepVectors } from './kept.ts';
import { countAll, passageCount, passageText } from './passages.ts';
import type { Doc } from './state.ts';
import { addVectors, forgetVectors, isSameModel, runningModel } from './vectors.ts';

/** Passages of a batch: small, so that a query in between waits little. */
const BATCH = 32;

let running: { controller: AbortController; ended: Promise<void> } | null = null;

/** Stopped by the reader: it goes on only when the reader says so. */
let isStopped = false;

/** The reader stops it. What is done stays. */
export function stopIndexing(): void {
  isStopped = true;
  running?.controller.abort();
}

/** Stops it before a change to what it works on. */
export async function pauseIndexing(): Promise<void> {
  running?.controller.abort();
  await running?.ended;
}

/** Computes what is missing with the model that runs, if the vectors there are of this model; nothing where another made them. */
async function indexPending(): Promise<void> {
  if (running) return running.ended;
  const controller = new AbortController();
  const ended = run(controller.signal).finally(() => {
    running = null;
    patch('search', { indexing: null });
  });
  running = { controller, ended };
  await ended;
}

/** Goes on with what is missing. */
export function resume(): Promise<boolean> {
  isStopped = false;
  return edit(indexPending);
}

/** Goes on by itself when a model is ready or the kept index was read, for example after the tab was closed half way. */
export async function resumeUnasked(): Promise<void> {
  const { opening, model } = appState().search;
  const made = runningModel();
  if (opening === 'done' && !isStopped && !running && firstPending() && made && (!model || isSameModel(model, made))) await resume();
}

/** The reader asks for vectors of the running model in the place of another one's. */
export async function recompute(): Promise<void> {
  await pauseIndexing();
  await edit(async () => {
    isStopped = false;
    forgetVectors();
    const { chunking, documents } = appState().search;
    patch('search', { model: null, documents: documents.map(doc => ({ ...doc, done: 0 })) });
    await keep(() => dropVectors({ model: null, chunking }));
    await indexPending();
  });
}

const firstPending = (): Doc | undefined => appState().search.documents.find(doc => doc.done < passageCount(doc));

async function run(signal: AbortSignal): Promise<void> {
  const { current, generation, report } = appState().model;
  const made = runningModel();
  const { model: before } = appState().search;
  if (!current || !report || !made || !firstPending() || (before && !isSameModel(before, made))) return;
  if (!before) {
    patch('search', { model: made });
    await keep(() => keepSettings({ model: made, chunking: appState().search.chunking }));
  }
  const maxTokens = report.embedding.maxTokens ?? report.architecture.context;
  const rateOf = rateMeter();
  const isDue = paintPace();
  const from = countAll(appState().search.documents).done;
  patch('search', { indexFailure: null });
  show(true);
  try {
    // Documents may come and go while this runs: each batch looks again.
    for (let doc = firstPending(); doc && !signal.aborted && appState().model.generation === generation; doc = firstPending()) {
      const { id, done, passages } = doc;
      const texts = Array.from({ length: Math.min(BATCH, passageCount(doc) - done) }, (_, i) => passageText(doc, done + i));
      const { data, dim } = await current.embed(texts, { maxTokens, normalize: true, signal });
      const now = appState().search.documents.find(each => each.id === id);
      if (now?.passages !== passages) continue;
      const block = addVectors(now, data, dim);
      patch('search', {
        documents: appState().search.documents.map(each => (each.id === id ? { ...each, done: done + texts.length } : each)),
      });
      await keep(() => keepVectors(id, done, block));
      noteAnswer();
      show();
    }
    const { settings, search } = appState();
    if (!signal.aborted)
      announce(dictionaryOf(settings.language).search.indexed(formatNumber(countAll(search.documents).done, settings.language)));
    void refreshReport();
  } catch (error) {
    if (!isAbort(error) && !noteTrouble(error)) patch('search', { indexFailure: toFailure(error) });
  }

  function show(atOnce = false): void {
    const { done, total } = countAll(appState().search.documents);
    const rate = rateOf(done - from, total - from, performance.now());
    if (isDue(atOnce)) patch('search', { indexing: { done, total, secondsLeft: rate?.secondsLeft ?? null } });
  }
}
