/** Loading, replacing and reloading the model. A model that runs keeps running until the next one is ready. */
import type { Progress } from '../../types.ts';
import { dictionaryOf } from '../i18n/dictionaries.ts';
import { isFetched, type ModelChoice, modelHost, nameOf } from '../lib/engine.ts';
import { isAbort, isModelGone, toFailure } from '../lib/failure.ts';
import { formatShare } from '../lib/format.ts';
import { overallMeter } from '../lib/overall.ts';
import { paintPace } from '../lib/pace.ts';
import { askToPersist } from '../lib/persist.ts';
import { rateMeter } from '../lib/rate.ts';
import { connection, dropPartial, refreshLibrary } from './library.ts';
import { changeSettings } from './settings.ts';
import type { LoadRequest } from './state.ts';
import { appState, patch } from './store.ts';
import { announce } from './ui.ts';

let loading: AbortController | null = null;
/** The newest load, until it has ended. */
let run: Promise<void> = Promise.resolve();

/** Loads `choice` and, once it is ready, puts it in the place of the running model. Errors go to `model.loadError`. */
export function loadModel(choice: ModelChoice, asked: Partial<Omit<LoadRequest, 'choice'>> = {}): Promise<void> {
  run = load(choice, asked);
  return run;
}

async function load(choice: ModelChoice, asked: Partial<Omit<LoadRequest, 'choice'>>): Promise<void> {
  loading?.abort();
  const controller = new AbortController();
  loading = controller;
  const { settings } = appState();
  const t = dictionaryOf(settings.language);
  const name = nameOf(choice);
  const request: LoadRequest = { choice, dtype: asked.dtype ?? settings.dtype, keep: asked.keep ?? settings.keep };
  const keeps = request.keep && isFetched(choice);
  patch('model', {
    loading: { ...request, progress: null, overall: null, rate: null, movedAt: performance.now(), notice: null, stopping: false },
    loadError: null,
    failed: null,
  });
  announce(t.status.loading(name));
  if (keeps) {
    changeSettings({ unfinished: name });
    // Asked when the user presses the button, as browsers require; this load does not depend on the answer.
    void askToPersist();
  }
  const painter = progressPainter(() => loading === controller);
  try {
    const { onProgress } = painter;
    const model = await modelHost().open(choice, {
      ...connection(),
      dtype: request.dtype,
      keep: request.keep,
      signal: controller.signal,
      onProgress,
    });
    if (controller.signal.aborted) {
      await model.dispose();
      return;
    }
    const report = await model.report();
    const before = appState().model;
    patch('model', {
      current: model,
      generation: before.generation + 1,
      choice,
      report,
      loading: null,
      notice: painter.notice(),
      trouble: null,
    });
    // Nothing in the page uses the old one any more, so an error while it is freed does not matter.
    void before.current?.dispose().catch(() => undefined);
    // The first model starts by itself, so it is not what the user wants to be offered next time.
    if (choice.kind === 'mini' && before.current) changeSettings({ lastModel: null, lastKept: null });
    if (isFetched(choice)) changeSettings({ lastModel: name, lastKept: null, unfinished: null });
    if (choice.kind === 'kept') changeSettings({ lastModel: null, lastKept: { key: choice.key, name } });
    announce(t.status.ready(name));
  } catch (error) {
    if (loading !== controller) return;
    const stopped = controller.signal.aborted || isAbort(error);
    patch('model', { loading: null, loadError: stopped ? null : toFailure(error), failed: stopped ? null : request });
  } finally {
    if (loading === controller) loading = null;
    if (isFetched(choice)) await refreshLibrary();
  }
}

/** Shows progress at most a dozen times a second, and tells screen readers at each quarter. */
function progressPainter(isLoading: () => boolean): { onProgress: (progress: Progress) => void; notice: () => string | null } {
  const rateOf = rateMeter();
  const overallOf = overallMeter();
  const isDue = paintPace();
  let stage = '';
  let quarter = 0;
  // Notices about the files of the model stay after the load (they could not be kept, or were repaired); others only describe the moment.
  let lasting: string | null = null;
  let passing: string | null = null;
  let noticedIn = '';
  let movedAt = performance.now();
  let done = -1;
  return {
    notice: () => lasting,
    onProgress(progress) {
      // A model that loads itself again after a crash reports here too.
      const { loading: shown } = appState().model;
      if (!isLoading() || !shown) return;
      const now = performance.now();
      const measured = progress.unit === 'bytes' ? rateOf(progress.done, progress.total, now) : null;
      const overall = overallOf(progress);
      const noticed = progress.notice !== undefined && progress.notice !== passing;
      if (progress.notice !== undefined) {
        passing = progress.notice;
        noticedIn = progress.stage;
        if (progress.stage === 'files') lasting = progress.notice;
      } else if (progress.stage !== noticedIn || progress.done > (shown.progress?.done ?? 0)) {
        // It went on.
        passing = null;
      }
      if (progress.stage !== stage || progress.done !== done) movedAt = now;
      done = progress.done;
      if (!isDue(noticed || progress.stage !== stage)) return;
      stage = progress.stage;
      const { bytesPerSecond, etaMs } = progress;
      const rate = bytesPerSecond === undefined ? measured : { bytesPerSecond, secondsLeft: etaMs === undefined ? null : etaMs / 1000 };
      patch('model', { loading: { ...shown, progress, overall, rate, movedAt, notice: passing } });
      const reached = Math.floor((overall ?? 0) * 4);
      if (reached > quarter && reached < 4) {
        quarter = reached;
        const { language } = appState().settings;
        announce(dictionaryOf(language).status.progress(formatShare(quarter / 4, language)));
      }
    },
  };
}

/** Whether what a load has done so far can be kept and gone on with later. */
export function canPause(): boolean {
  const shown = appState().model.loading;
  const stage = shown?.progress?.stage;
  return shown?.keep === true && isFetched(shown.choice) && (stage === 'download' || stage === 'verify' || stage === 'quantize');
}

/** Stops the load. A download stays where it is, and the next load of the same model goes on from there; with `discard` it goes. */
export async function stopLoading({ discard = false } = {}): Promise<void> {
  const shown = appState().model.loading;
  if (!shown || !loading) return;
  const { choice, dtype } = shown;
  const controller = loading;
  const pausing = canPause();
  if (pausing) {
    patch('model', { loading: { ...shown, stopping: true } });
    announce(dictionaryOf(appState().settings.language).status.paused);
    controller.abort();
    await run;
  } else {
    controller.abort();
    loading = null;
    patch('model', { loading: null });
  }
  if (discard) {
    changeSettings({ unfinished: null });
    await dropPartial(choice, dtype);
  }
}

export function dismissLoadError(): void {
  patch('model', { loadError: null, failed: null });
}

export function dismissNotice(): void {
  patch('model', { notice: null });
}

/** Loads the model that died, or the embedded one when none ever ran. */
export function reloadModel(): Promise<void> {
  return loadModel(appState().model.choice ?? { kind: 'mini' });
}

/** Asks for the model's report again, as times and memory change with each request. */
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

/** Clears the failure of a model that answers again, after its worker was started again. */
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
