/** Vectors as files. */
import type { ModelReport } from '../../types.ts';
import type { Language } from '../lib/format.ts';
import { toCsv } from '../lib/table.ts';
import type { EmbedResult } from './state.ts';

/** One row a text: the text, then its components. */
export function vectorsCsv(result: EmbedResult, language: Language): string {
  const head = ['text', ...Array.from({ length: result.dim }, (_, i) => `v${i}`)];
  return toCsv([head, ...result.texts.map((text, i) => [text, ...(result.vectors[i] ?? [])])], language);
}

export function vectorsJson(result: EmbedResult, report: ModelReport | null): string {
  return JSON.stringify({
    model: report ? { name: report.name, dtype: report.dtype, storage: report.storage } : null,
    pooling: report?.embedding.pooling.join('+') ?? 'mean',
    normalized: (report?.embedding.layers ?? ['Normalize']).at(-1) === 'Normalize',
    texts: result.texts,
    vectors: result.vectors.map(vector => [...vector]),
  });
}
