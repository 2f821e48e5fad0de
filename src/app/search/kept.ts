/**
 * The index as this browser keeps it, in IndexedDB `affinage-index`: documents with their passages, vectors in blocks as they were
 * computed, so that a tab that is closed loses at most one block, and one record of settings.
 */
import { type DBSchema, type IDBPDatabase, openDB } from 'idb';
import type { Chunking, Doc, VectorModel } from './state.ts';

interface KeptDocument extends Omit<Doc, 'done'> {
  /** Documents are shown in the order in which they came. */
  order: number;
}

interface KeptSettings {
  model: VectorModel | null;
  chunking: Chunking;
}

interface Schema extends DBSchema {
  documents: { key: string; value: KeptDocument };
  /** By document and first passage. */
  vectors: { key: [string, number]; value: Uint16Array<ArrayBuffer> };
  settings: { key: 'settings'; value: KeptSettings };
}

let opened: Promise<IDBPDatabase<Schema>> | null = null;
let whenDeleted = (): void => undefined;

/** `forget` is called when the whole database is deleted from elsewhere: the panel of what this page keeps, the browser's own tools. */
export function onDeleted(forget: () => void): void {
  whenDeleted = forget;
}

function database(): Promise<IDBPDatabase<Schema>> {
  opened ??= openDB<Schema>('affinage-index', 1, {
    upgrade(db) {
      db.createObjectStore('documents', { keyPath: 'id' });
      db.createObjectStore('vectors');
      db.createObjectStore('settings');
    },
    // A newer page wants to change the database: this one lets go and opens it again when it next needs it.
    blocking: (_now, wanted, event) => {
      (event.target as IDBDatabase).close();
      opened = null;
      if (wanted === null) whenDeleted();
    },
    terminated: () => {
      opened = null;
    },
  });
  // A failure is not remembered: storage may be allowed later.
  opened.catch(() => {
    opened = null;
  });
  return opened;
}

const ofDocument = (id: string): IDBKeyRange => IDBKeyRange.bound([id], [id, []]);

export interface Kept extends KeptSettings {
  documents: Doc[];
  vectors: Map<string, Uint16Array<ArrayBuffer>>;
}

/** All that is kept; null for nothing. Errors: those of IndexedDB. */
export async function readKept(): Promise<Kept | null> {
  const db = await database();
  const transaction = db.transaction(['documents', 'vectors', 'settings']);
  const settings = await transaction.objectStore('settings').get('settings');
  if (!settings) return null;
  const heads = (await transaction.objectStore('documents').getAll()).sort((a, b) => a.order - b.order);
  const { model, chunking } = settings;
  const dim = model?.dim ?? 0;
  const vectors = new Map<string, Uint16Array<ArrayBuffer>>();
  const documents: Doc[] = [];
  for (const { order: _, ...head } of heads) {
    const all = new Uint16Array((head.passages.length / 3) * dim);
    let done = 0;
    for (let cursor = await transaction.objectStore('vectors').openCursor(ofDocument(head.id)); cursor; cursor = await cursor.continue()) {
      // Behind a gap nothing counts: it is computed again.
      if (dim === 0 || cursor.key[1] !== done) break;
      all.set(cursor.value, done * dim);
      done += cursor.value.length / dim;
    }
    documents.push({ ...head, done });
    vectors.set(head.id, all);
  }
  return { model, chunking, documents, vectors };
}

export async function keepSettings(settings: KeptSettings): Promise<void> {
  await (await database()).put('settings', settings, 'settings');
}

/** Writes documents down; vectors that stand under their ids go, since their passages may be others now. */
export async function keepDocuments(documents: readonly Doc[], settings: KeptSettings): Promise<void> {
  const transaction = (await database()).transaction(['documents', 'vectors', 'settings'], 'readwrite');
  let order = Date.now();
  // Only what is wrong with the whole is reported: a single failed request aborts it.
  void transaction.objectStore('settings').put(settings, 'settings');
  for (const { done: _, ...head } of documents) {
    void transaction.objectStore('vectors').delete(ofDocument(head.id));
    const before = await transaction.objectStore('documents').get(head.id);
    await transaction.objectStore('documents').put({ ...head, order: before?.order ?? order++ });
  }
  await transaction.done;
}

/** Vectors of a document, from one passage on. */
export async function keepVectors(id: string, from: number, block: Uint16Array<ArrayBuffer>): Promise<void> {
  await (await database()).put('vectors', block, [id, from]);
}

export async function dropVectors(settings: KeptSettings): Promise<void> {
  const transaction = (await database()).transaction(['vectors', 'settings'], 'readwrite');
  await Promise.all([
    transaction.objectStore('vectors').clear(),
    transaction.objectStore('settings').put(settings, 'settings'),
    transaction.done,
  ]);
}

export async function dropDocument(id: string): Promise<void> {
  const transaction = (await database()).transaction(['documents', 'vectors'], 'readwrite');
  await Promise.all([
    transaction.objectStore('documents').delete(id),
    transaction.objectStore('vectors').delete(ofDocument(id)),
    transaction.done,
  ]);
}

/** Everything goes, the settings too. */
export async function dropAll(): Promise<void> {
  const transaction = (await database()).transaction(['documents', 'vectors', 'settings'], 'readwrite');
  await Promise.all([
    ...(['documents', 'vectors', 'settings'] as const).map(name => transaction.objectStore(name).clear()),
    transaction.done,
  ]);
}
