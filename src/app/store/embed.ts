/** The embeddings view: a list of texts, a query, and their vectors. */
import { dictionaryOf } from '../i18n/dictionaries.ts';
import { isAbort, toFailure } from '../lib/failure.ts';
import { formatDuration } from '../lib/format.ts';
import { estimate, isLong, paintRun } from './cost.ts';
import { noteAnswer, noteTrouble, refreshReport } from './model.ts';
import type { EmbedSlice } from './state.ts';
import { appState, patch } from './store.ts';
import { announce } from './ui.ts';

/** A matrix of more texts cannot be read; the command line has no such limit. */
export const TEXT_LIMIT = 50;

let nextId = 2;
const line = (text: string) => ({ id: nextId++, text });

export function setLines(texts: readonly string[]): void {
  const kept = texts.slice(0, TEXT_LIMIT).map(line);
  patch('embed', { lines: kept.length > 0 ? kept : [line('')] });
}

export function addLine(): void {
  const { lines } = appState().embed;
  if (lines.length < TEXT_LIMIT) patch('embed', { lines: [...lines, line('')] });
}

export function removeLine(id: number): void {
  const lines = appState().embed.lines.filter(each => each.id !== id);
  patch('embed', { lines: lines.length > 0 ? lines : [line('')] });
}

/** Changes one line; line breaks in `text` (a paste) make lines of their own, empty ones left out. */
export function setLine(id: number, text: string): void {
  const { lines } = appState().embed;
  const parts = text.split(/\r\n?|\n/);
  if (parts.length === 1) {
    patch('embed', { lines: lines.map(each => (each.id === id ? { id, text } : each)) });
    return;
  }
  const pasted = parts.map(part => part.trim()).filter(part => part !== '');
  const next = lines.flatMap(each => (each.id === id ? [{ id, text: pasted[0] ?? '' }, ...pasted.slice(1).map(line)] : [each]));
  patch('embed', { lines: next.slice(0, TEXT_LIMIT) });
}

export const setQuery = (query: string): void => patch('embed', { query });

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
      const maxTokens = model.report?.architecture.context;
      const { data, dim } = await model.current.embed(missing, { pooling: 'mean', normalize: true, maxTokens, signal, onProgress });
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
