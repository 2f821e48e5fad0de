/** Predictions as files: JSON with the model and settings that made them, CSV for a spreadsheet. Each has the text and the completed sentence once. */
import type { ModelReport, Prediction } from '../../types.ts';
import type { Dictionary } from '../i18n/dictionaries.ts';
import type { Language } from '../lib/format.ts';
import { type Cell, toCsv } from '../lib/table.ts';
import { filledWith } from '../lib/words.ts';
import type { FillResult } from './state.ts';

/** Why a word that is not among the best is in the list: the user named it, or it stood under the mask. */
export type Asked = 'own' | 'hidden';

export interface AskedWord {
  word: string;
  asked: Asked;
  /** Null while it is scored, or where the vocabulary does not have it. */
  prediction: Prediction | null;
  /** Place in the whole vocabulary, 1 = first; null with `prediction`. */
  rank: number | null;
}

/** The words asked about at one mask, each once: the hidden word, then the user's own. */
export function askedWords({ masks, groups, targets, ownWords }: FillResult, mask: number): AskedWord[] {
  const hidden = masks[mask]?.word ?? null;
  const words = hidden === null ? ownWords : [hidden, ...ownWords.filter(word => word !== hidden)];
  return words.map(word => {
    const asked = word === hidden ? 'hidden' : 'own';
    const scored = targets?.[mask]?.find(prediction => prediction.target === word);
    if (scored) return { word, asked, prediction: scored, rank: scored.rank ?? null };
    // Among the best words the rank is the place in the list.
    const place = groups[mask]?.findIndex(prediction => prediction.token_str === word) ?? -1;
    const best = groups[mask]?.[place];
    return best ? { word, asked, prediction: best, rank: place + 1 } : { word, asked, prediction: null, rank: null };
  });
}

/** Whether the score of `word` is that of its first token only. */
export const isFirstTokenOnly = ({ target_tokens }: Prediction): boolean => (target_tokens ?? 1) > 1;

/** `predictions` and `targets` have the form of the fill-mask pipeline: a list for one mask, a list of lists for several. */
export function fillJson(result: FillResult, selected: readonly number[], report: ModelReport | null): string {
  const shape = <T>(groups: T[]): T | T[] => (groups.length === 1 && groups[0] !== undefined ? groups[0] : groups);
  const { filled, words } = filledWith(result, selected);
  const asked = result.masks.map((_, mask) =>
    askedWords(result, mask).map(({ word, asked, prediction, rank }) => ({
      target: word,
      asked,
      ...(prediction
        ? {
            score: prediction.score,
            rank,
            token: prediction.token,
            token_str: prediction.token_str,
            tokens: prediction.target_tokens ?? 1,
            scored_by: isFirstTokenOnly(prediction) ? 'first token' : 'whole word',
          }
        : { score: null, reason: result.targets ? 'not in the vocabulary' : 'not scored yet' }),
    })),
  );
  return JSON.stringify(
    {
      model: report ? { name: report.name, dtype: report.dtype, storage: report.storage } : null,
      text: result.text,
      truncated: result.truncated,
      masks: result.masks,
      filled: {
        text: filled,
        words,
        ...(words.length > 1 && { note: 'Each mask was predicted by itself: the words are no joint answer.' }),
      },
      predictions: shape(result.groups.map(group => group.map(({ score, token, token_str }) => ({ score, token, token_str })))),
      ...(asked.some(words => words.length > 0) ? { targets: shape(asked) } : {}),
    },
    null,
    2,
  );
}

/** One row a token and mask; a word that was asked about and is among the best is one row, flagged. */
export function fillCsv(result: FillResult, selected: readonly number[], language: Language, t: Dictionary): string {
  const x = t.page.export;
  const head: Cell[] = [
    t.fill.maskOnly,
    t.fill.rank,
    t.fill.word,
    x.asked,
    x.tokens,
    x.scoredBy,
    t.fill.tokenId,
    t.fill.probability,
    t.fill.logProb,
    x.filled(result.groups.length),
    t.fill.text,
  ];
  const rows = result.groups.flatMap((group, mask) => {
    const asked = askedWords(result, mask);
    const why = new Map<number, Asked>();
    const besides = asked.filter(({ prediction, asked }) => {
      const same = prediction !== null && !isFirstTokenOnly(prediction) && group.some(best => best.token === prediction.token);
      if (same && !why.has(prediction.token)) why.set(prediction.token, asked);
      return !same;
    });
    const row = (rank: Cell, word: string, asked: Asked | undefined, p: Prediction): Cell[] => [
      mask + 1,
      rank,
      word,
      asked ? x.why[asked] : '',
      p.target_tokens ?? 1,
      isFirstTokenOnly(p) ? x.firstToken(p.token_str) : x.wholeWord,
      p.token,
      p.score,
      Math.log(p.score),
    ];
    return [
      ...group.map((p, i) => row(i + 1, p.token_str, why.get(p.token), p)),
      ...besides.map(({ word, asked, prediction, rank }) =>
        prediction
          ? row(rank ?? '', word, asked, prediction)
          : [mask + 1, '', word, x.why[asked], '', result.targets ? t.fill.unknownWord : '', '', '', ''],
      ),
    ];
  });
  const once = [filledWith(result, selected).filled, result.text];
  return toCsv([head, ...rows.map((row, i) => [...row, ...(i === 0 ? once : ['', ''])])], language);
}
