import { useEffect } from 'react';
import { nextTheme } from '../store/settings.ts';
import { appState } from '../store/store.ts';
import { openShortcuts } from '../store/ui.ts';
import { goTo, type Route, routes } from './route.ts';

/** True where a plain key means a letter, or moves inside a control. */
function isTyping(target: EventTarget | null): boolean {
  return (
    target instanceof HTMLElement &&
    (target.isContentEditable || target.closest('input:not([type=radio]):not([type=checkbox]), textarea, select, [role=dialog]') !== null)
  );
}

/** In a list, letters go to the words that begin with them. */
const isInList = (target: EventTarget | null): boolean => target instanceof HTMLElement && target.closest('[role=listbox]') !== null;

/**
 * The view that a digit leads to. The digit keys also count by their place on the keyboard, as French keyboards write digits only
 * with Shift. If the character that such a key writes is a shortcut itself, that one counts.
 */
function routeOfKey({ key, code }: KeyboardEvent): Route | undefined {
  const digit = /^[1-9]$/.test(key) ? key : /^[?/a-z]$/i.test(key) ? undefined : /^Digit([1-9])$/.exec(code)?.[1];
  return routes[Number(digit) - 1];
}

/** Shortcuts of one key, which the user may switch off (WCAG 2.1.4). The others belong to the view that they act on. */
export function useShortcuts(): void {
  useEffect(() => {
    const onKey = (event: KeyboardEvent) => {
      if (event.defaultPrevented || event.ctrlKey || event.metaKey || event.altKey || event.getModifierState('AltGraph')) return;
      if (!appState().settings.singleKeys || isTyping(event.target)) return;
      const route = routeOfKey(event);
      if (route) goTo(route);
      else if (event.key === '?') openShortcuts(true);
      else if (event.key.toLowerCase() === 't' && !isInList(event.target)) nextTheme();
      else if (event.key === '/') document.querySelector<HTMLElement>('[data-main-field]')?.focus();
      else return;
      event.preventDefault();
    };
    addEventListener('keydown', onKey);
    return () => removeEventListener('keydown', onKey);
  }, []);
}
