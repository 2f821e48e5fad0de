/** The words of a text with their surprise, as files. */
import type { ModelReport } from '../../types.ts';
import type { Dictionary } from '../i18n/dictionaries.ts';
import type { Language } from '../lib/format.ts';
import { toCsv } from '../lib/table.ts';
import type { ReadResult } from './state.ts';

export function readCsv({ text, words }: ReadResult, language: Language, t: Dictionary): string {
  const head = [t.read.position, t.fill.word, t.read.bits, t.fill.rank, t.page.export.tokens, t.read.expected];
  const rows = words.map(({ start, end, bits, rank, tokens, best }) => [
    start,
    text.slice(start, end),
    bits,
    rank ?? '',
    tokens,
    best.map(({ word }) => word.trim()).join(' '),
  ]);
  return toCsv([head, ...rows], language);
}

export function readJson({ text, mode, words, done, total }: ReadResult, around: number, report: ModelReport | null): string {
  return JSON.stringify(
    {
      model: report ? { name: report.name, dtype: report.dtype, storage: report.storage } : null,
      mode,
      ...(mode === 'exact' && { around: around === 0 ? 'context' : around }),
      tokens: { read: done, total },
      text,
      words: words.map(({ start, end, ...word }) => ({ word: text.slice(start, end), start, end, ...word })),
    },
    null,
    1,
  );
}
