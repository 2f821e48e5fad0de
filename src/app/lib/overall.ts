/** One number for the progress of a whole load: fetching, verifying, quantizing, then reading, measuring and compiling. */
import type { Progress } from '../../types.ts';

/** Share of a pull in a load that has one: it takes minutes, the rest seconds. */
const PULL_SHARE = 0.9;

/** Where each stage of a load lies between its beginning and its end. */
const loadStages: Partial<Record<Progress['stage'], readonly [from: number, to: number]>> = {
  files: [0, 0.7],
  tune: [0.7, 0.85],
  compile: [0.85, 0.95],
  check: [0.95, 1],
};

/** Give it every progress report. It returns how much of the whole is done, 0 … 1, which never falls; null while nothing is known. */
export function overallMeter(): (progress: Progress) => number | null {
  let reached: number | null = null;
  let pulled = false;
  return ({ stage, done, total, overall }) => {
    let now: number | null = null;
    if (overall !== undefined) {
      pulled = true;
      now = PULL_SHARE * overall;
    } else {
      const place = loadStages[stage];
      if (place && total > 0) {
        const [from, to] = place;
        const before = pulled ? PULL_SHARE : 0;
        now = before + (1 - before) * (from + (to - from) * Math.min(1, done / total));
      }
    }
    if (now !== null && Number.isFinite(now)) reached = Math.min(1, Math.max(reached ?? 0, now));
    return reached;
  };
}
