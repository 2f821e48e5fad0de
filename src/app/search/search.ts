/** Search as the reader types: by words, by meaning, or both joined. The newest query wins. */
import { dictionaryOf } from '../i18n/dictionaries.ts';
import { formatNumber } from '../lib/format.ts';
import { noteAnswer } from '../store/model.ts';
import { createRequest } from '../store/request.ts';
import { appState, patch } from '../store/store.ts';
import { fuse } from './fuse.ts';
import { countAll } from './passages.ts';
import type { Mode, SearchResult } from './state.ts';
import { isSameModel, nearestPassages, runningModel } from './vectors.ts';
import { WordIndex } from './words.ts';

/** Passages that each way of searching puts into the fusion, and passages that are shown. */
const DEEP = 100;
const SHOWN = 20;

const request = createRequest('search', () => ({ kind: 'embed' }));
const words = new WordIndex();

export const setQuery = (query: string): void => patch('search', { query });
export const setMode = (mode: Mode): void => patch('search', { mode });

/** Why the meaning cannot be searched now. */
function withoutMeaning(): SearchResult['without'] {
  const made = runningModel();
  const { model, documents } = appState().search;
  if (!made) return 'no-model';
  if (!model || countAll(documents).done === 0) return 'no-vectors';
  return isSameModel(model, made) ? null : 'other-model';
}

/** Searches what stands in the field. Errors go to `search.failure`. */
export async function searchNow(): Promise<void> {
  const { documents, query, mode } = appState().search;
  const asked = query.trim();
  if (asked === '' || documents.length === 0) {
    request.rest();
    patch('search', { result: null });
    return;
  }
  await request.run(async ({ signal }) => {
    const startedAt = performance.now();
    const without = mode === 'words' ? null : withoutMeaning();
    await words.update(documents);
    if (signal.aborted) return null;
    const found = words.find(query, DEEP);
    const byWords = mode === 'meaning' ? [] : found;
    const byMeaning = mode === 'words' || without ? [] : await meaningOf(asked, signal);
    if (signal.aborted) return null;
    const hits = fuse(byWords, byMeaning, SHOWN);
    const terms = [...new Set(found.flatMap(hit => hit.terms))];
    patch('search', { failure: null, result: { query: asked, mode, hits, terms, without, elapsedMs: performance.now() - startedAt } });
    const { language } = appState().settings;
    return dictionaryOf(language).search.found(formatNumber(hits.length, language));
  });
}

async function meaningOf(query: string, signal: AbortSignal) {
  const { current, report } = appState().model;
  if (!current || !report) return [];
  const { prompts, maxTokens } = report.embedding;
  const { data } = await current.embed([query], {
    maxTokens: maxTokens ?? report.architecture.context,
    normalize: true,
    ...('query' in prompts && { promptName: 'query' }),
    signal,
  });
  noteAnswer();
  return nearestPassages(data, DEEP, signal);
}
