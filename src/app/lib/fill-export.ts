/** Predictions to take away: JSON in Hugging Face's schema with what made it, CSV for a spreadsheet. */
import type { ModelReport } from '../../engine/types.ts';
import type { Dictionary } from '../i18n/dictionaries.ts';
import type { FillResult } from '../store/state.ts';
import type { Language } from './format.ts';
import { type Cell, toCsv } from './table.ts';

/** `predictions` has the form of the fill-mask pipeline: a list for one mask, a list of lists for several. */
export function fillJson(result: FillResult, report: ModelReport | null): string {
  const shape = <T>(groups: T[]): T | T[] => (groups.length === 1 && groups[0] !== undefined ? groups[0] : groups);
  return JSON.stringify(
    {
      model: report ? { name: report.name, dtype: report.dtype, storage: report.storage } : null,
      text: result.text,
      predictions: shape(result.groups),
      ...(result.targets ? { targets: shape(result.targets) } : {}),
    },
    null,
    2,
  );
}

export function fillCsv(result: FillResult, language: Language, t: Dictionary): string {
  const head: Cell[] = [t.fill.maskOnly, t.fill.rank, t.fill.word, t.fill.tokenId, t.fill.probability, t.fill.logProb, t.fill.filled];
  const best = result.groups.flatMap((group, mask) =>
    group.map((p, i): Cell[] => [mask + 1, i + 1, p.token_str, p.token, p.score, Math.log(p.score), p.sequence]),
  );
  const asked = (result.targets ?? []).flatMap((group, mask) =>
    group.map((p): Cell[] => [mask + 1, p.rank ?? '', p.target ?? p.token_str, p.token, p.score, Math.log(p.score), p.sequence]),
  );
  return toCsv([head, ...best, ...asked], language);
}
