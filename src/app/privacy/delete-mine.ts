/** Deletes what this page keeps of its reader. */
import { setKeepText } from '../store/keep-text.ts';
import { library, refreshLibrary } from '../store/library.ts';
import { defaultSettings } from '../store/state.ts';
import { appState, patch } from '../store/store.ts';
import { databases, keptCaches, keptKeys, type StoredKind } from './stored.ts';

/** What is deleted only if asked for: it is no one's in particular, and takes long to fetch again. */
export interface AlsoDelete {
  models: boolean;
  offline: boolean;
}

/** Why something is still there. */
export interface Remains {
  kind: StoredKind;
  why: string;
}

/**
 * Deletes settings, kept text and index, and what is asked for besides. `refused`: where the browser keeps nothing, so that there is nothing
 * to delete. Returns what could not be deleted; nothing throws.
 */
export async function deleteMine(also: AlsoDelete, refused: ReadonlySet<StoredKind>): Promise<Remains[]> {
  const remains: Remains[] = [];
  const attempt = async (kind: StoredKind, work: () => unknown) => {
    if (refused.has(kind)) return;
    try {
      await work();
    } catch (error) {
      remains.push({ kind, why: error instanceof Error ? error.message : String(error) });
    }
  };
  await attempt('settings', deleteKeys);
  await attempt('index', async () => {
    for (const name of await databases()) await deleteDatabase(name);
  });
  if (also.models) await attempt('models', deleteModels);
  if (also.offline) await attempt('offline', deleteOffline);
  return remains;
}

/** The settings in memory become the first ones too: written again, they would bring back what was deleted. Language and look stay until the reload. */
function deleteKeys(): void {
  setKeepText(false);
  const { language, theme } = appState().settings;
  patch('settings', { ...defaultSettings, language, theme });
  for (const key of keptKeys()) localStorage.removeItem(key);
}

/** Empties the database first: its deletion waits as long as a view or another tab has it open, and then happens by itself. */
async function deleteDatabase(name: string): Promise<void> {
  const database = await settled(indexedDB.open(name));
  try {
    const stores = [...database.objectStoreNames];
    if (stores.length > 0) {
      const transaction = database.transaction(stores, 'readwrite');
      await Promise.all(stores.map(store => settled(transaction.objectStore(store).clear())));
    }
  } finally {
    database.close();
  }
  const deletion = indexedDB.deleteDatabase(name);
  await new Promise<void>((resolve, reject) => {
    deletion.onsuccess = () => resolve();
    deletion.onblocked = () => resolve();
    deletion.onerror = () => reject(deletion.error);
  });
}

function settled<T>(request: IDBRequest<T>): Promise<T> {
  return new Promise((resolve, reject) => {
    request.onsuccess = () => resolve(request.result);
    request.onerror = () => reject(request.error);
  });
}

async function deleteModels(): Promise<void> {
  try {
    for (const { key } of await library().list()) await library().remove(key);
  } finally {
    await refreshLibrary();
  }
}

/** The service worker goes first: it would answer for files that are no longer there. */
async function deleteOffline(): Promise<void> {
  const here = new URL('./', document.baseURI).href;
  const workers = (await navigator.serviceWorker?.getRegistrations?.()) ?? [];
  for (const worker of workers) if (worker.scope === here) await worker.unregister();
  for (const name of await keptCaches()) await caches.delete(name);
}
