/**
 * The page works offline after its first visit: the service worker keeps the shell and the embedded model. A new version
 * waits until the user agrees, since a reload would lose the text.
 */
import { patch } from '../store/store.ts';

let update: ((reload?: boolean) => Promise<void>) | null = null;

/** Registers the service worker of the built page; the development server has none. */
export async function registerOffline(): Promise<void> {
  if (!import.meta.env.PROD || !('serviceWorker' in navigator)) return;
  const { registerSW } = await import('virtual:pwa-register');
  update = registerSW({
    onNeedRefresh: () => patch('ui', { updateReady: true }),
    onOfflineReady: () => patch('ui', { offlineReady: true }),
  });
}

export function applyUpdate(): void {
  void update?.(true);
}
