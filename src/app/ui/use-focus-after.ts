import { useEffect, useRef } from 'react';

/**
 * When `state` changes and the element that had the focus disappears from the page, gives the focus to the element that `next` returns.
 * Otherwise a keyboard or a screen reader would start again from the top of the page.
 */
export function useFocusAfter(state: unknown, next: () => HTMLElement | null): void {
  const before = useRef(state);
  const latest = useRef(next);
  useEffect(() => {
    latest.current = next;
  });
  useEffect(() => {
    if (before.current === state) return;
    before.current = state;
    // A disabled button loses the focus only after this frame.
    const timer = setTimeout(() => {
      const { activeElement } = document;
      if (activeElement === null || activeElement === document.body) latest.current()?.focus({ preventScroll: true });
    }, 50);
    return () => clearTimeout(timer);
  }, [state]);
}
