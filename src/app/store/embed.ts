/** The embeddings view: a list of texts, a query, and their vectors. */
import { dictionaryOf } from '../i18n/dictionaries.ts';
import { isAbort, toFailure } from '../lib/failure.ts';
import { formatDuration } from '../lib/format.ts';
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

/** Embeds the texts that have no vector yet and puts all together; an older request is stopped. Errors go to `embed.failure`. */
export async function compare(): Promise<void> {
  running?.abort();
  running = null;
  const { embed, model, settings } = appState();
  const texts = textsOf(embed.lines);
  const query = embed.query.trim();
  if (!model.current || texts.length === 0) {
    patch('embed', { running: false, failure: null, ...(texts.length === 0 ? { result: null } : {}) });
    return;
  }
  if (knownGeneration !== model.generation) {
    known = new Map();
    knownGeneration = model.generation;
  }
  const store = known;
  const wanted = [...new Set(query ? [...texts, query] : texts)];
  const missing = wanted.filter(text => !store.has(text));
  const controller = new AbortController();
  running = controller;
  const { signal } = controller;
  patch('embed', { running: missing.length > 0 });
  try {
    const startedAt = performance.now();
    if (missing.length > 0) {
      const maxTokens = model.report?.architecture.context;
      const { data, dim } = await model.current.embed(missing, { pooling: 'mean', normalize: true, maxTokens, signal });
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
      patch('embed', { running: false });
    }
  }
}
