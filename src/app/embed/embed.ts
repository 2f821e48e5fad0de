/** The embeddings view: a list of texts, a query, and their vectors. */
import { dictionaryOf } from '../i18n/dictionaries.ts';
import { isAbort, toFailure } from '../lib/failure.ts';
import { formatDuration } from '../lib/format.ts';
import { estimate, isLong, paintRun } from '../store/cost.ts';
import { record } from '../store/history.ts';
import { noteAnswer, noteTrouble, refreshReport } from '../store/model.ts';
import type { EmbedSlice, Line } from '../store/state.ts';
import { appState, patch } from '../store/store.ts';
import { announce } from '../store/ui.ts';
import { columnOf, tableLines, tableOf, textLines } from './pasted.ts';

/** As many texts as a list and the fields for them can be read and typed in; the command line has no such limit. */
export const TEXT_LIMIT = 500;

let nextId = 2;
const line = (text: string): Line => ({ id: nextId++, text });

/** Texts as lines of the list; one empty line where there are none. */
export const linesOf = (texts: readonly string[]): Line[] => (texts.length > 0 ? texts : ['']).map(line);

/** Puts the example in the place of what is there. */
export function setExample(texts: readonly string[], query: string): void {
  record('embed', 'example');
  patch('embed', { lines: linesOf(texts), query, aside: [], paste: null });
}

export function clearLines(): void {
  record('embed', 'clear');
  patch('embed', { lines: linesOf([]), aside: [], paste: null });
}

export function addLine(): void {
  const { lines } = appState().embed;
  if (lines.length >= TEXT_LIMIT) return;
  record('embed', 'list');
  patch('embed', { lines: [...lines, line('')], paste: null });
}

export function removeLine(id: number): void {
  const lines = appState().embed.lines.filter(each => each.id !== id);
  record('embed', 'list');
  patch('embed', { lines: lines.length > 0 ? lines : [line('')], paste: null });
}

const breaks = (text: string): number => text.match(/\r\n?|\n/g)?.length ?? 0;

/** Changes one text. More line breaks than before came at once, as in a paste: whether they part texts is then the reader's to say. */
export function setLine(id: number, text: string): void {
  const { lines } = appState().embed;
  const before = lines.find(each => each.id === id)?.text ?? '';
  if (breaks(text) > breaks(before)) takeSeveral(id, text);
  else {
    record('embed', 'typing', String(id));
    patch('embed', { lines: lines.map(each => (each.id === id ? { id, text } : each)), paste: null });
  }
}

/**
 * Several lines that came into the text `id`. They become a text each at once where they all have room and look like texts, which
 * can be changed afterwards; else nothing happens before the reader has said what they are.
 */
export function takeSeveral(id: number, whole: string): void {
  const { lines } = appState().embed;
  const parts = textLines(whole);
  if (parts.length < 2) {
    record('embed', 'paste');
    patch('embed', { lines: lines.map(each => (each.id === id ? { id, text: parts[0] ?? '' } : each)), paste: null });
    return;
  }
  const room = TEXT_LIMIT - lines.length + 1;
  const records = tableLines(parts);
  const table = tableOf(records);
  patch('embed', { paste: { id, whole, parts: table ? records : parts, table, room, before: lines, taken: null } });
  if (parts.length <= room && table === null) takePasted('lines');
}

/** Takes what came as a text a line, the same without its first line, one text, or one column of a table. What has no room is put aside. */
export function takePasted(as: 'lines' | 'body' | 'whole' | { column: number }): void {
  const { paste } = appState().embed;
  if (!paste) return;
  const { id, whole, parts, table, before, room, taken } = paste;
  if (taken === null) record('embed', 'paste');
  const texts = (() => {
    if (as === 'whole') return [whole.trim()];
    if (typeof as === 'object') return table ? columnOf(parts, table, as.column) : [];
    return as === 'body' ? parts.slice(1) : parts;
  })();
  const fitting = texts.slice(0, room);
  const aside = [...appState().embed.aside, ...texts.slice(room)];
  const lines = before.flatMap(each => (each.id === id ? [{ id, text: fitting[0] ?? '' }, ...fitting.slice(1).map(line)] : [each]));
  patch('embed', { lines, aside, paste: as === 'lines' ? { ...paste, taken: 'lines' } : null });
}

export const dropPasted = (): void => patch('embed', { paste: null });

/** Adds texts behind those that are there; what has no room is put aside. */
export function addTexts(texts: readonly string[]): void {
  record('embed', 'paste');
  append(texts, appState().embed.aside);
}

/** Adds texts that were put aside, as many as have room now. */
export function takeAside(): void {
  record('embed', 'paste');
  append(appState().embed.aside, []);
}

function append(texts: readonly string[], aside: readonly string[]): void {
  const filled = appState().embed.lines.filter(each => each.text.trim() !== '');
  const room = Math.max(0, TEXT_LIMIT - filled.length);
  patch('embed', { lines: [...filled, ...texts.slice(0, room).map(line)], aside: [...aside, ...texts.slice(room)], paste: null });
}

/** The lines of a file, as if they had been pasted behind the texts that are there. */
export function takeFile(text: string): void {
  const filled = appState().embed.lines.filter(each => each.text.trim() !== '');
  const last = line('');
  patch('embed', { lines: [...filled, last] });
  takeSeveral(last.id, text);
}

export function dropAside(): void {
  record('embed', 'clear');
  patch('embed', { aside: [] });
}

export function setQuery(query: string): void {
  record('embed', 'typing', 'query');
  patch('embed', { query });
}

/** The texts that count, in order: trimmed, empty ones left out. */
export const textsOf = (lines: EmbedSlice['lines']): string[] => lines.map(each => each.text.trim()).filter(text => text !== '');

let running: AbortController | null = null;
/** Vectors of the model that runs, by text, so that a keystroke costs one text. */
let known = new Map<string, Float32Array>();
let knownGeneration = -1;

/** The texts and the query as they stand, and those among them that have no vector of the running model yet. */
function wanted(): { texts: string[]; query: string; missing: string[]; store: Map<string, Float32Array> } {
  const { embed, model } = appState();
  if (knownGeneration !== model.generation) {
    known = new Map();
    knownGeneration = model.generation;
  }
  const store = known;
  const texts = textsOf(embed.lines);
  const query = embed.query.trim();
  const missing = [...new Set(query ? [...texts, query] : texts)].filter(text => !store.has(text));
  return { texts, query, missing: texts.length > 0 ? missing : [], store };
}

/** What follows a change: tells the cost, then embeds, unless that would take long: then it waits for a press. */
export async function compareUnasked(): Promise<void> {
  running?.abort();
  const controller = new AbortController();
  running = controller;
  const { model } = appState();
  const { missing } = wanted();
  const cost = model.current && missing.length > 0 ? await estimate(model.current, missing, 'embed') : null;
  if (running !== controller) return;
  patch('embed', { cost });
  if (isLong(cost)) {
    running = null;
    patch('embed', { running: false, progress: null, held: 'long', failure: null });
    return;
  }
  await compare();
}

/** Stops the request that runs; what was shown stays. */
export function stopComparing(): void {
  running?.abort();
  running = null;
  patch('embed', { running: false, progress: null, held: 'stopped' });
}

/** Embeds the texts that have no vector yet and puts all together; an older request is stopped. Errors go to `embed.failure`. */
export async function compare(): Promise<void> {
  running?.abort();
  running = null;
  const { model, settings } = appState();
  const { texts, query, missing, store } = wanted();
  if (!model.current || texts.length === 0) {
    const empty = texts.length === 0 ? { result: null, cost: null } : {};
    patch('embed', { running: false, progress: null, held: null, failure: null, ...empty });
    return;
  }
  const controller = new AbortController();
  running = controller;
  const { signal } = controller;
  patch('embed', { running: missing.length > 0, progress: null, held: null });
  const onProgress = paintRun(progress => running === controller && patch('embed', { progress }));
  try {
    const startedAt = performance.now();
    if (missing.length > 0) {
      // A model's own settings count (a sentence-transformers folder); similarity is the cosine, whatever their length.
      const maxTokens = model.report?.embedding.maxTokens ?? model.report?.architecture.context;
      const { data, dim } = await model.current.embed(missing, { maxTokens, signal, onProgress });
      for (const [i, text] of missing.entries()) store.set(text, data.slice(i * dim, (i + 1) * dim));
      if (signal.aborted) return;
      noteAnswer();
    }
    const elapsedMs = performance.now() - startedAt;
    const vectorOf = (text: string) => store.get(text) ?? new Float32Array();
    const vectors = texts.map(vectorOf);
    patch('embed', {
      failure: null,
      result: { texts, vectors, dim: vectors[0]?.length ?? 0, query: query ? { text: query, vector: vectorOf(query) } : null, elapsedMs },
    });
    if (missing.length > 0) {
      announce(dictionaryOf(settings.language).status.embedded(texts.length, formatDuration(elapsedMs, settings.language)));
      void refreshReport();
    }
  } catch (error) {
    if (signal.aborted || isAbort(error)) return;
    if (!noteTrouble(error)) patch('embed', { failure: toFailure(error) });
  } finally {
    if (running === controller) {
      running = null;
      patch('embed', { running: false, progress: null });
    }
  }
}
