/**
 * The life of a view's request: its cost is told, it runs, it is stopped. The newest one wins, an older one that still runs is aborted.
 * What a view asks and what it makes of the answer is its own (fill/fill.ts, embed/embed.ts).
 */
import type { CostEstimate, EstimateOptions, OnProgress } from '../../types.ts';
import { isAbort, toFailure } from '../lib/failure.ts';
import { paintPace } from '../lib/pace.ts';
import { noteTrouble, refreshReport } from './model.ts';
import type { RequestState } from './request-state.ts';
import type { Asking } from './state.ts';
import { appState, patch } from './store.ts';
import { announce } from './ui.ts';

/** What a request is computed with. */
export interface Ask {
  /** Aborted when a newer request came or the user stopped this one. */
  signal: AbortSignal;
  onProgress: OnProgress;
}

export interface Request {
  /** Puts the cost of computing `texts` into the view's slice, null where it cannot be told. Answers null when a newer request came meanwhile. */
  tellCost(texts: readonly string[]): Promise<{ cost: CostEstimate | null } | null>;
  /** Puts it aside until the user presses: it was stopped, or would take long. What was shown stays. */
  hold(why: 'stopped' | 'long'): void;
  /** There is nothing to ask. */
  rest(): void;
  /**
   * Runs `does`, which answers the sentence that screen readers say; null: nothing is said. An error goes to the slice's `failure`,
   * one of a dead model to `model.trouble`; aborting is no error. `isBusy`: false where the answer is there at once.
   */
  run(does: (ask: Ask) => Promise<string | null>, isBusy?: boolean): Promise<void>;
}

/** `options`: what `tellCost` estimates, asked anew each time. */
export function createRequest(view: Asking, options: () => EstimateOptions): Request {
  let newest: AbortController | null = null;
  const show = (part: Partial<RequestState>) => patch(view, part);

  function begin(): AbortController {
    newest?.abort();
    newest = new AbortController();
    return newest;
  }

  function end(): void {
    newest?.abort();
    newest = null;
  }

  return {
    async tellCost(texts) {
      const asked = begin();
      const cost = await estimate(texts, options());
      if (newest !== asked) return null;
      show({ cost });
      return { cost };
    },
    hold(why) {
      end();
      show({ running: false, progress: null, held: why, ...(why === 'long' && { failure: null }) });
    },
    rest() {
      end();
      show({ running: false, progress: null, held: null, failure: null });
    },
    async run(does, isBusy = true) {
      const asked = begin();
      const { signal } = asked;
      show({ running: isBusy, progress: null, held: null });
      const isDue = paintPace();
      const onProgress: OnProgress = progress => {
        // Notices of the engine about the model are stored too.
        if (progress.notice !== undefined) patch('model', { notice: progress.notice });
        if (progress.stage === 'run' && isDue() && newest === asked) show({ progress });
      };
      try {
        const said = await does({ signal, onProgress });
        if (said === null || signal.aborted) return;
        announce(said);
        void refreshReport();
      } catch (error) {
        if (signal.aborted || isAbort(error)) return;
        if (!noteTrouble(error)) show({ failure: toFailure(error) });
      } finally {
        if (newest === asked) {
          newest = null;
          show({ running: false, progress: null });
        }
      }
    },
  };
}

/** Null where it cannot be told; the request itself will say why. */
async function estimate(texts: readonly string[], options: EstimateOptions): Promise<CostEstimate | null> {
  const { current } = appState().model;
  if (!current || texts.length === 0) return null;
  try {
    return await current.estimate(texts, options);
  } catch {
    return null;
  }
}
