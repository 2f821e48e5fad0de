/** The view is the hash, so that a link and the back button work. */
import { useSyncExternalStore } from 'react';

export const routes = ['fill', 'read', 'search', 'embed', 'models', 'device'] as const;
export type Route = (typeof routes)[number];

export function routeOf(hash: string): Route {
  // A link may hold a text after the view's name (open-link.ts).
  const name = hash.replace(/^#\/?/, '').replace(/\?.*$/s, '');
  return routes.find(route => route === name) ?? 'fill';
}

export const hrefOf = (route: Route): string => `#/${route}`;

const subscribe = (listener: () => void) => {
  addEventListener('hashchange', listener);
  return () => removeEventListener('hashchange', listener);
};

export function useRoute(): Route {
  return useSyncExternalStore(subscribe, () => routeOf(location.hash));
}

export function goTo(route: Route): void {
  location.hash = hrefOf(route);
}
