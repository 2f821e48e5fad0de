/** Progress of one long request: on a terminal one changing line with the time left; elsewhere a line every ten seconds, so that a log stays short. */
import type { OnProgress } from '../types.ts';
import type { Io } from './command.ts';
import { duration } from './library.ts';

const noteEveryMs = 10_000;

/** `what` the items of the progress are: `tokens`. `now`: the clock, in ms. */
export function runProgress(io: Io, what: string, now: () => number = () => performance.now()): OnProgress {
  const start = now();
  let lastNote = start;
  return ({ stage, done, total, notice }) => {
    if (notice) return io.note(`affinage: ${notice}`);
    if (stage !== 'run' || total === 0) return;
    const elapsed = now() - start;
    const share = done / total;
    // Before the first item is done nothing is known of the time.
    const left = share > 0 && share < 1 ? `, ${duration((elapsed * (1 - share)) / share)} left` : '';
    const text = `${Math.floor(done)} of ${total} ${what} (${Math.floor(100 * share)} %)${left}`;
    io.status(text);
    if (io.stderrIsTerminal || now() - lastNote < noteEveryMs) return;
    lastNote = now();
    io.note(`affinage: ${text}`);
  };
}
