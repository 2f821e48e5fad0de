/** Results as a table, and how the place of a passage is named. */
import type { Dictionary } from '../i18n/dictionaries.ts';
import { formatNumber, type Language } from '../lib/format.ts';
import { toCsv } from '../lib/table.ts';
import { findPassage, hasParts, passageText, placeOf } from './passages.ts';
import type { Doc, SearchResult } from './state.ts';

/** « page 3 sur 12 », « ligne 7 sur 40 »; empty for a text of one part. */
export function placeName(t: Dictionary, language: Language, doc: Doc, part: number): string {
  if (!hasParts(doc)) return '';
  const name = doc.kind === 'table' ? t.search.row : t.search.page;
  return name(formatNumber(part + 1, language), formatNumber(doc.parts.length, language));
}

/** One row a passage, as the spreadsheets of the reader's language take it. */
export function resultsCsv(t: Dictionary, language: Language, documents: readonly Doc[], { hits }: SearchResult): string {
  const rows = hits.flatMap((hit, i) => {
    const doc = findPassage(documents, hit);
    if (!doc) return [];
    const place = placeName(t, language, doc, placeOf(doc, hit.passage).part);
    const { words, meaning } = hit;
    const scores = [hit.score, words?.rank ?? '', words?.score ?? '', meaning?.rank ?? '', meaning?.cosine ?? ''];
    return [[i + 1, doc.name, place, passageText(doc, hit.passage), ...scores]];
  });
  return toCsv([t.search.exportHead, ...rows], language);
}
