import { patch } from './store.ts';

const QUIET_MS = 1500;
let lastAt = Number.NEGATIVE_INFINITY;
let pending: ReturnType<typeof setTimeout> | null = null;

/** Says `text` to screen readers, at most once in a second and a half; of several the newest is said. */
export function announce(text: string): void {
  if (pending !== null) clearTimeout(pending);
  const say = () => {
    pending = null;
    lastAt = performance.now();
    patch('ui', { status: text });
  };
  const wait = lastAt + QUIET_MS - performance.now();
  if (wait <= 0) say();
  else pending = setTimeout(say, wait);
}

export function openShortcuts(shortcutsOpen: boolean): void {
  patch('ui', { shortcutsOpen });
}
