/** What the check of this device holds. */
import type { Progress } from '../../types.ts';
import type { CheckForm, DeviceCheck } from '../../verify/types.ts';
import type { Failure } from '../lib/failure.ts';

export interface CheckSlice {
  running: { form: CheckForm; progress: Progress | null } | null;
  result: DeviceCheck | null;
  failure: Failure | null;
}

export const initialCheck: CheckSlice = { running: null, result: null, failure: null };
