/** What a view shows of its request: the same for every kind of request. */
import type { CostEstimate, Progress } from '../../types.ts';
import type { Failure } from '../lib/failure.ts';

export interface RequestState {
  running: boolean;
  /** Of a long run. */
  progress: Progress | null;
  /** Stopped by the user, or too long to begin unasked: waits for a press. */
  held: 'stopped' | 'long' | null;
  /** What the request as it stands costs; of texts only those that have no answer yet. */
  cost: CostEstimate | null;
  failure: Failure | null;
}

export const noRequest: RequestState = { running: false, progress: null, held: null, cost: null, failure: null };
