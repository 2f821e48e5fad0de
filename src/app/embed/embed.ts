/** The embeddings view: a list of texts, a query, and their vectors. */
import { dictionaryOf } from '../i18n/dictionaries.ts';
import { formatDuration } from '../lib/format.ts';
import { isLong } from '../store/cost.ts';
import { record } from '../store/history.ts';
import { line, linesOf, textsOf } from '../store/lines.ts';
import { noteAnswer } from '../store/model.ts';
import { createRequest } from '../store/request.ts';
import { appState, patch } from '../store/store.ts';
import { columnOf, tableLines, tableOf, textLines } from './pasted.ts';

/** As many texts as a list and the fields for them can be read and typed in; the command line has no such limit. */
export const TEXT_LIMIT = 500;

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

/** Changes one text. If it has more line breaks than before, lines were pasted: whether each is a text of its own is then decided in `takeSeveral`. */
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
 * can be changed afterwards; else nothing happens before the user has said what they are.
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

/** Adds texts after those in the list; those that have no room are set aside. */
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

/** The lines of a file, as if they had been pasted after the texts in the list. */
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

const request = createRequest('embed', () => ({ kind: 'embed' }));
/** Vectors of the running model, by text, so that after a keystroke only one text is computed again. */
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

/** Runs after a change: shows the cost, then embeds. A request that would take long waits until the user presses the button. */
export async function compareUnasked(): Promise<void> {
  const told = await request.tellCost(wanted().missing);
  if (!told) return;
  if (isLong(told.cost)) request.hold('long');
  else await compare();
}

/** Stops the request that runs; what was shown stays. */
export const stopComparing = (): void => request.hold('stopped');

/** Embeds the texts that have no vector yet and puts all together; an older request is stopped. Errors go to `embed.failure`. */
export async function compare(): Promise<void> {
  const { model, settings } = appState();
  const { current } = model;
  const { texts, query, missing, store } = wanted();
  if (!current || texts.length === 0) {
    request.rest();
    if (texts.length === 0) patch('embed', { result: null, cost: null });
    return;
  }
  await request.run(async ({ signal, onProgress }) => {
    const startedAt = performance.now();
    if (missing.length > 0) {
      // A model's own settings count (a sentence-transformers folder); similarity is the cosine, whatever their length.
      const maxTokens = model.report?.embedding.maxTokens ?? model.report?.architecture.context;
      const { data, dim } = await current.embed(missing, { maxTokens, signal, onProgress });
      for (const [i, text] of missing.entries()) store.set(text, data.slice(i * dim, (i + 1) * dim));
      if (signal.aborted) return null;
      noteAnswer();
    }
    const elapsedMs = performance.now() - startedAt;
    const vectorOf = (text: string) => store.get(text) ?? new Float32Array();
    const vectors = texts.map(vectorOf);
    const found = query ? { text: query, vector: vectorOf(query) } : null;
    patch('embed', { failure: null, result: { texts, vectors, dim: vectors[0]?.length ?? 0, query: found, elapsedMs } });
    if (missing.length === 0) return null;
    return dictionaryOf(settings.language).status.embedded(texts.length, formatDuration(elapsedMs, settings.language));
  }, missing.length > 0);
}
