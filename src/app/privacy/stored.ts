/** What this page keeps in the browser, and how much of it. */
import { library } from '../store/library.ts';
import type { RefusedStorage } from '../store/state.ts';

export const storedKinds = ['settings', 'text', 'index', 'models', 'offline'] as const;
export type StoredKind = (typeof storedKinds)[number];

export interface Stored {
  kind: StoredKind;
  /** Null: it is there, and the browser does not say how large. */
  bytes: number | null;
  refused: boolean;
}

/** Everything of this page begins so, in storages that it may share with other pages of its origin. */
const PREFIX = 'affinage';
const TEXT_KEY = 'affinage.text';

export const keptKeys = (): string[] => Object.keys(localStorage).filter(key => key.startsWith(`${PREFIX}.`));

/** Names of the page's databases; the index of documents is `affinage-index`. */
export async function databases(): Promise<string[]> {
  const all = await indexedDB.databases();
  return all.flatMap(({ name }) => (name?.startsWith(PREFIX) ? [name] : []));
}

/** Names of the page's caches: its measurements of the adapter, and its files as the service worker keeps them, named after its address. */
export async function keptCaches(): Promise<string[]> {
  const scope = new URL('./', document.baseURI).href;
  return (await caches.keys()).filter(name => name.startsWith(PREFIX) || name.endsWith(scope));
}

const sizeOfKeys = (keys: readonly string[]): number =>
  keys.reduce((sum, key) => sum + new Blob([key, localStorage.getItem(key) ?? '']).size, 0);

const measures: Record<StoredKind, () => Promise<number | null>> = {
  settings: async () => sizeOfKeys(keptKeys().filter(key => key !== TEXT_KEY)),
  text: async () => sizeOfKeys(keptKeys().filter(key => key === TEXT_KEY)),
  async index() {
    if ((await databases()).length === 0) return 0;
    // Only Chromium tells the parts of its estimate.
    const { usageDetails } = (await navigator.storage.estimate()) as StorageEstimate & { usageDetails?: { indexedDB?: number } };
    return usageDetails?.indexedDB ?? null;
  },
  models: async () => (await library().list()).reduce((sum, { bytes }) => sum + bytes, 0),
  async offline() {
    let bytes = 0;
    for (const name of await keptCaches()) {
      const cache = await caches.open(name);
      for (const request of await cache.keys()) {
        const answer = await cache.match(request);
        bytes += Number(answer?.headers.get('Content-Length') ?? 0) || ((await answer?.blob())?.size ?? 0);
      }
    }
    return bytes;
  },
};

/** Measures all of it. What the browser refuses is told as such; nothing throws. */
export function measureStored(): Promise<Stored[]> {
  return Promise.all(
    storedKinds.map(async (kind): Promise<Stored> => {
      try {
        return { kind, bytes: await measures[kind](), refused: false };
      } catch {
        return { kind, bytes: 0, refused: true };
      }
    }),
  );
}

/** What this browser refuses to keep, found out without keeping anything. */
export async function refusedStorages(): Promise<RefusedStorage[]> {
  const attempts: Record<RefusedStorage, () => unknown> = {
    settings: () => localStorage.getItem(TEXT_KEY),
    index: () => indexedDB.databases(),
    models: () => navigator.storage.getDirectory(),
  };
  const refused: RefusedStorage[] = [];
  for (const [name, attempt] of Object.entries(attempts) as [RefusedStorage, () => unknown][]) {
    try {
      await attempt();
    } catch {
      refused.push(name);
    }
  }
  return refused;
}
