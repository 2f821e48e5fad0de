/** The documents of the index: taken from files or a field, cut into passages, kept on this device. */
import type { PickedFile } from '../../source/files.ts';
import { toFailure } from '../lib/failure.ts';
import { askToPersist } from '../lib/persist.ts';
import { noteTrouble } from '../store/model.ts';
import { appState, patch } from '../store/store.ts';
import { cut } from './chunks.ts';
import { edit, keep, onChangedElsewhere } from './edit.ts';
import type { IndexContent } from './files/index-file.ts';
import { type ReadDocument, type ReadFile, readFile, textDocument } from './files/read-file.ts';
import { tableDocument, tableOf } from './files/table.ts';
import { pauseIndexing, resume } from './indexing.ts';
import { dropAll, dropDocument, keepDocuments, keepSettings, keepVectors, onDeleted, readKept } from './kept.ts';
import { countAll } from './passages.ts';
import { type Chunking, type Doc, type FileNote, initialSearch, type PendingTable, type SearchSlice } from './state.ts';
import { forgetDocument, forgetVectors, holdVectors, isSameModel, setVectors } from './vectors.ts';

/** A search stays instant and the vectors fit in memory up to here. */
const MOST_PASSAGES = 250_000;
/** Longer than this the cutting of texts must not hold the page up, in ms. */
const PATIENCE = 30;

const note = (added: FileNote): void => patch('search', { notes: [...appState().search.notes, added] });
export const dismissNotes = (): void => patch('search', { notes: [] });

const settings = () => {
  const { model, chunking } = appState().search;
  return { model, chunking };
};

let opened: Promise<void> = Promise.resolve();

/** Reads what this browser keeps, once; again only when another tab has changed it. */
export function openKept(): Promise<void> {
  onChangedElsewhere(readAll);
  onDeleted(() => void pauseIndexing().then(forgetAll));
  if (appState().search.opening === 'waiting') opened = readAll();
  return opened;
}

async function readAll(): Promise<void> {
  patch('search', { opening: 'reading' });
  if (typeof indexedDB === 'undefined') {
    patch('search', { opening: 'done', keeping: 'unavailable' });
    return;
  }
  try {
    const kept = await readKept();
    holdVectors(kept?.vectors ?? new Map());
    const { documents, model, chunking } = kept ?? initialSearch;
    patch('search', { opening: 'done', documents, model, chunking, opened: null });
  } catch {
    patch('search', { opening: 'done', keeping: 'unavailable' });
  }
}

/** Takes files: documents at once, tables after the reader has said which column is the text. What cannot be read is said, file by file. */
export async function addFiles(files: readonly PickedFile[]): Promise<void> {
  await openKept();
  patch('search', { notes: [], reading: { done: 0, total: files.length } });
  const found: ReadDocument[] = [];
  for (const [i, file] of files.entries()) {
    // The file was moved or changed since it was picked, or a part of the page that reads it did not come.
    const read = await readFile(file).catch((): ReadFile => ({ kind: 'refused', note: { name: file.path, kind: 'unreadable' } }));
    patch('search', { reading: { done: i + 1, total: files.length } });
    if (read.kind === 'refused') note(read.note);
    else if (read.kind === 'index') await takeIndex(file.path, read.content);
    else {
      if (read.guessed) note({ name: file.path, kind: 'guessed' });
      if (read.kind === 'document') found.push(read.document);
      else patch('search', { tables: [...appState().search.tables, read.table] });
    }
  }
  patch('search', { reading: null });
  if (found.length > 0) await addDocuments(found);
}

export const addText = (name: string, text: string): Promise<boolean> => addDocuments([textDocument(name, text)]);

/** Changes how the first table that waits is understood. */
export function changeTable(asked: Partial<Pick<PendingTable, 'delimiter' | 'hasHeader' | 'column'>>): void {
  const [table, ...rest] = appState().search.tables;
  if (!table) return;
  const before = { delimiter: table.delimiter, hasHeader: table.hasHeader, column: table.column };
  // With another delimiter the columns are others.
  const next = tableOf(table.name, table.text, asked.delimiter === undefined ? { ...before, ...asked } : { delimiter: asked.delimiter });
  if (next) patch('search', { tables: [next, ...rest] });
}

export async function takeTable(): Promise<void> {
  const [table] = appState().search.tables;
  if (!table) return;
  const document = tableDocument(table);
  if (document.parts.length === 0) note({ name: table.name, kind: 'empty' });
  else if (!(await addDocuments([document]))) return;
  dropTable();
}

export const dropTable = (): void => patch('search', { tables: appState().search.tables.slice(1) });

/** Adds documents; their vectors are computed afterwards. False where nothing was added: another tab changes the index, or it is said why. */
export async function addDocuments(added: readonly ReadDocument[]): Promise<boolean> {
  await openKept();
  let taken = false;
  await edit(async () => {
    try {
      const documents: Doc[] = [];
      for (const each of added) documents.push({ ...each, id: crypto.randomUUID(), passages: await passagesOf(each.parts), done: 0 });
      taken = await take(documents);
    } catch (error) {
      report(error);
    }
    if (taken) void resume();
  });
  return taken;
}

function report(error: unknown): void {
  if (!noteTrouble(error)) patch('search', { indexFailure: toFailure(error) });
}

/** Puts documents behind those that are there, unless they are too many. */
async function take(documents: readonly Doc[]): Promise<boolean> {
  const { documents: before } = appState().search;
  if (countAll([...before, ...documents]).total > MOST_PASSAGES) {
    for (const { name } of documents) note({ name, kind: 'too-many' });
    return false;
  }
  patch('search', { documents: [...before, ...documents], indexFailure: null });
  await keep(() => keepDocuments(documents, settings()));
  void askToPersist();
  return true;
}

/** The passages of all parts; for tokens the model's tokenizer counts. */
async function passagesOf(parts: Doc['parts'], chunking: Chunking = appState().search.chunking): Promise<Uint32Array<ArrayBuffer>> {
  const { current } = appState().model;
  const places: number[] = [];
  let since = performance.now();
  for (const [part, { text }] of parts.entries()) {
    const spans = await cut(text, chunking, async piece => {
      if (!current) throw new Error('Without a model no tokens can be counted.');
      return (await current.tokenize(piece, { truncate: true })).offsets;
    });
    for (const [start, end] of spans) places.push(part, start, end);
    if (performance.now() - since > PATIENCE) {
      await new Promise(resolve => setTimeout(resolve));
      since = performance.now();
    }
  }
  return Uint32Array.from(places);
}

/** Cuts all documents anew, after which every vector is computed again. */
export async function setChunking(chunking: Chunking): Promise<void> {
  await pauseIndexing();
  await edit(async () => {
    try {
      const documents: Doc[] = [];
      for (const doc of appState().search.documents) documents.push({ ...doc, passages: await passagesOf(doc.parts, chunking), done: 0 });
      forgetVectors();
      patch('search', { chunking, documents, model: null, opened: null, indexFailure: null });
      await keep(() => keepDocuments(documents, settings()));
      void resume();
    } catch (error) {
      report(error);
    }
  });
}

export async function removeDocument(id: string): Promise<void> {
  await edit(async () => {
    forgetDocument(id);
    const { opened, documents } = appState().search;
    patch('search', { documents: documents.filter(each => each.id !== id), opened: opened?.doc === id ? null : opened });
    await keep(() => dropDocument(id));
  });
}

/** Deletes documents, vectors and settings of the index, here and on this device. */
export async function removeAll(): Promise<void> {
  await pauseIndexing();
  await edit(async () => {
    forgetAll();
    const { keeping } = appState().search;
    if (keeping === 'unavailable') return;
    // Once there is room again, what comes next is kept again.
    await dropAll().then(
      () => patch('search', { keeping: 'kept' }),
      () => patch('search', { keeping: 'unavailable' }),
    );
  });
}

/** The page itself holds no document any more. */
function forgetAll(): void {
  forgetVectors();
  const { opening, query, mode, keeping } = appState().search;
  patch('search', { ...initialSearch, opening, query, mode, keeping });
}

/** Takes a saved index. Its vectors are used where they fit what is there already. */
async function takeIndex(name: string, content: IndexContent): Promise<void> {
  await edit(async () => {
    const before = appState().search;
    if (before.documents.length === 0) {
      patch('search', { chunking: content.chunking, model: content.model });
      await keep(() => keepSettings(settings()));
    }
    const { chunking, model } = appState().search;
    const sameCut = chunking.mode === content.chunking.mode && (chunking.mode !== 'tokens' || chunking.tokens === content.chunking.tokens);
    const fits = sameCut && content.model !== null && (model === null || isSameModel(model, content.model));
    if (fits) patch('search', { model: content.model });
    const documents: Doc[] = [];
    const dim = content.model?.dim ?? 0;
    for (const [i, each] of content.documents.entries()) {
      const passages = sameCut ? each.passages : await passagesOf(each.parts);
      const doc: Doc = { ...each, id: crypto.randomUUID(), passages, done: fits ? each.done : 0 };
      const block = content.vectors[i];
      if (fits && block) setVectors(doc, block, dim);
      documents.push(doc);
    }
    if (!(await take(documents))) {
      for (const { id } of documents) forgetDocument(id);
      note({ name, kind: 'too-many' });
      return;
    }
    for (const [i, { id, done }] of documents.entries()) {
      const block = content.vectors[i];
      if (block && done > 0) await keep(() => keepVectors(id, 0, block));
    }
    void resume();
  });
}

export const openPassage = (opened: SearchSlice['opened']): void => patch('search', { opened });
