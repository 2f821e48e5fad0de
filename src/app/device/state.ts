/** What the check of this device holds. */
import type { Progress } from '../../types.ts';
import type { CheckForm, DeviceCheck, TrainingCheck } from '../../verify/types.ts';
import type { Failure } from '../lib/failure.ts';

export interface CheckSlice {
  running: { form: CheckForm; progress: Progress | null } | null;
  result: DeviceCheck | null;
  failure: Failure | null;
  /** The check of training, which is one of its own. */
  training: { running: { progress: Progress | null } | null; result: TrainingCheck[] | null; failure: Failure | null };
}

export const initialCheck: CheckSlice = {
  running: null,
  result: null,
  failure: null,
  training: { running: null, result: null, failure: null },
};
