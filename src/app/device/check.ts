/** The check of this device: golden inputs through every kernel and the embedded model. */
import type { CheckForm } from '../../verify/types.ts';
import { dictionaryOf } from '../i18n/dictionaries.ts';
import { modelHost } from '../lib/engine.ts';
import { isAbort, toFailure } from '../lib/failure.ts';
import { paintPace } from '../lib/pace.ts';
import { appState, patch } from '../store/store.ts';
import { announce } from '../store/ui.ts';

let running: AbortController | null = null;

/** Runs the check; its report, also of a device that fails, goes to `check.result`. */
export async function runCheck(form: CheckForm): Promise<void> {
  if (running) return;
  const controller = new AbortController();
  running = controller;
  patch('check', { running: { form, progress: null }, failure: null });
  const isDue = paintPace();
  try {
    const result = await modelHost().verify({
      form,
      signal: controller.signal,
      onProgress: progress => {
        if (running === controller && isDue()) patch('check', { running: { form, progress } });
      },
    });
    if (controller.signal.aborted) return;
    patch('check', { result });
    const t = dictionaryOf(appState().settings.language);
    announce(result.passed ? t.check.passed : t.check.failed);
  } catch (error) {
    if (!controller.signal.aborted && !isAbort(error)) patch('check', { failure: toFailure(error) });
  } finally {
    if (running === controller) {
      running = null;
      patch('check', { running: null });
    }
  }
}

export function cancelCheck(): void {
  running?.abort();
  running = null;
  patch('check', { running: null });
}
