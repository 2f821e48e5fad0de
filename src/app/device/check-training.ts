/** The check of training: what `affinage train --check` runs, in a worker of its own. */
import { dictionaryOf } from '../i18n/dictionaries.ts';
import { modelHost } from '../lib/engine.ts';
import { isAbort, toFailure } from '../lib/failure.ts';
import { paintPace } from '../lib/pace.ts';
import { appState, patch } from '../store/store.ts';
import { announce } from '../store/ui.ts';
import type { CheckSlice } from './state.ts';

let running: AbortController | null = null;

const set = (part: Partial<CheckSlice['training']>): void => patch('check', { training: { ...appState().check.training, ...part } });

/** Runs the check; its lines go to `check.training.result`, and an earlier result stays until then. */
export async function runTrainingCheck(): Promise<void> {
  if (running) return;
  const controller = new AbortController();
  running = controller;
  set({ running: { progress: null }, failure: null });
  const isDue = paintPace();
  try {
    const result = await modelHost().verifyTraining({
      signal: controller.signal,
      onProgress: progress => {
        if (running === controller && isDue()) set({ running: { progress } });
      },
    });
    if (controller.signal.aborted) return;
    set({ result });
    const t = dictionaryOf(appState().settings.language);
    announce(result.every(({ failure }) => failure === null) ? t.check.training.good : t.check.training.bad);
  } catch (error) {
    if (!controller.signal.aborted && !isAbort(error)) set({ failure: toFailure(error) });
  } finally {
    if (running === controller) {
      running = null;
      set({ running: null });
    }
  }
}

export function cancelTrainingCheck(): void {
  running?.abort();
  running = null;
  set({ running: null });
}
