/** Speed of a download over its last seconds, and the time that is left. */

const WINDOW_MS = 4000;

export interface Rate {
  bytesPerSecond: number;
  /** Null while the size is unknown or nothing moves. */
  secondsLeft: number | null;
}

/** Give it (done, total, now). It returns a rate once it has half a second of history. */
export function rateMeter(): (done: number, total: number, nowMs: number) => Rate | null {
  let samples: { at: number; done: number }[] = [];
  return (done, total, nowMs) => {
    samples.push({ at: nowMs, done });
    // Keep one sample older than the window as its left end.
    while (samples.length > 2 && (samples[1]?.at ?? nowMs) < nowMs - WINDOW_MS) samples = samples.slice(1);
    const first = samples[0];
    if (!first || nowMs - first.at < 500) return null;
    const bytesPerSecond = ((done - first.done) * 1000) / (nowMs - first.at);
    return { bytesPerSecond, secondsLeft: total > 0 && bytesPerSecond > 0 ? (total - done) / bytesPerSecond : null };
  };
}
