/** Loading, replacing and reloading the model. A model that runs keeps running until the next one is ready. */
import type { Progress } from '../../engine/types.ts';
import { type ModelChoice, modelHost, nameOf } from '../engine.ts';
import { dictionaryOf } from '../i18n/dictionaries.ts';
import { isAbort, isModelGone, toFailure } from '../lib/failure.ts';
import { formatNumber } from '../lib/format.ts';
import { rateMeter } from '../lib/rate.ts';
import { changeSettings } from './settings.ts';
import { appState, patch } from './store.ts';
import { announce } from './ui.ts';

const PAINT_MS = 80;
let loading: AbortController | null = null;

/** Loads `choice` and, once it is ready, puts it in the place of the running model. Errors go to `model.loadError`. */
export async function loadModel(choice: ModelChoice): Promise<void> {
  loading?.abort();
  const controller = new AbortController();
  loading = controller;
  const { settings } = appState();
  const t = dictionaryOf(settings.language);
  const name = nameOf(choice);
  patch('model', { loading: { choice, progress: null, rate: null }, loadError: null });
  announce(t.status.loading(name));
  try {
    const model = await modelHost().open(choice, {
      dtype: settings.dtype,
      hubUrl: settings.hubUrl || undefined,
      signal: controller.signal,
      onProgress: progressPainter(choice, () => loading === controller),
    });
    if (controller.signal.aborted) {
      await model.dispose();
      return;
    }
    const report = await model.report();
    const before = appState().model;
    patch('model', { current: model, generation: before.generation + 1, choice, report, loading: null, trouble: null });
    // The old one is no longer reachable from the page; its end is nobody's business.
    void before.current?.dispose().catch(() => undefined);
    if (choice.kind !== 'files') changeSettings({ lastModel: choice.kind === 'mini' ? null : name });
    announce(t.status.ready(name));
  } catch (error) {
    if (loading !== controller) return;
    patch('model', { loading: null, loadError: controller.signal.aborted || isAbort(error) ? null : toFailure(error) });
  } finally {
    if (loading === controller) loading = null;
  }
}

/** Shows progress at most a dozen times a second, and says it aloud at each quarter. */
function progressPainter(choice: ModelChoice, isLoading: () => boolean): (progress: Progress) => void {
  const meter = rateMeter();
  let paintedAt = Number.NEGATIVE_INFINITY;
  let stage = '';
  let quarter = 0;
  return progress => {
    // A model that loads again by itself after a crash reports here too.
    if (!isLoading()) return;
    const now = performance.now();
    const rate = progress.unit === 'bytes' ? meter(progress.done, progress.total, now) : null;
    if (progress.stage === stage && now - paintedAt < PAINT_MS) return;
    paintedAt = now;
    stage = progress.stage;
    patch('model', { loading: { choice, progress, rate } });
    const share = progress.stage === 'files' && progress.total > 0 ? progress.done / progress.total : 0;
    if (Math.floor(share * 4) > quarter) {
      quarter = Math.floor(share * 4);
      const { language } = appState().settings;
      announce(dictionaryOf(language).status.progress(`${formatNumber(quarter * 25, language)} %`));
    }
  };
}

export function cancelLoading(): void {
  loading?.abort();
  loading = null;
  patch('model', { loading: null });
}

export function dismissLoadError(): void {
  patch('model', { loadError: null });
}

/** Loads the model that died, or the embedded one when none ever ran. */
export function reloadModel(): Promise<void> {
  return loadModel(appState().model.choice ?? { kind: 'mini' });
}

/** Fetches the report again: times and memory change with each request. */
export async function refreshReport(): Promise<void> {
  const { current, generation } = appState().model;
  if (!current) return;
  try {
    const report = await current.report();
    if (appState().model.generation === generation) patch('model', { report });
  } catch (error) {
    noteTrouble(error);
  }
}

/** A model that answers again (its worker started anew) needs no help any more. */
export function noteAnswer(): void {
  if (appState().model.trouble) patch('model', { trouble: null });
}

/** Keeps an error that means the model is gone; true when it was one. */
export function noteTrouble(error: unknown): boolean {
  const failure = toFailure(error);
  if (!isModelGone(failure.name)) return false;
  patch('model', { trouble: failure });
  announce(dictionaryOf(appState().settings.language).status.lost);
  return true;
}
