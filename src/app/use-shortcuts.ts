import { useEffect } from 'react';
import { goTo, routes } from './lib/route.ts';
import { nextTheme } from './store/settings.ts';
import { appState } from './store/store.ts';
import { openShortcuts } from './store/ui.ts';

/** True where a plain key means a letter, or moves inside a control. */
function isTyping(target: EventTarget | null): boolean {
  return (
    target instanceof HTMLElement &&
    (target.isContentEditable || target.closest('input:not([type=radio]):not([type=checkbox]), textarea, select, [role=dialog]') !== null)
  );
}

/** Shortcuts of one key, which the reader may switch off (WCAG 2.1.4). The others belong to the view that they act on. */
export function useShortcuts(): void {
  useEffect(() => {
    const onKey = (event: KeyboardEvent) => {
      if (event.defaultPrevented || event.ctrlKey || event.metaKey || event.altKey) return;
      if (!appState().settings.singleKeys || isTyping(event.target)) return;
      const route = routes[Number(event.key) - 1];
      if (route) goTo(route);
      else if (event.key === '?') openShortcuts(true);
      else if (event.key === 't') nextTheme();
      else if (event.key === '/') document.querySelector<HTMLElement>('[data-main-field]')?.focus();
      else return;
      event.preventDefault();
    };
    addEventListener('keydown', onKey);
    return () => removeEventListener('keydown', onKey);
  }, []);
}
