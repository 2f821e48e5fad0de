/** Predictions as files: JSON with the model and settings that made them, CSV for a spreadsheet. Each has the text and the completed sentence once. */
import type { ModelReport, TargetScore } from '../../types.ts';
import type { Dictionary } from '../i18n/dictionaries.ts';
import type { Language } from '../lib/format.ts';
import { type Cell, toCsv } from '../lib/table.ts';
import { filledSentence } from './place-words.ts';
import type { FillResult, FillSlice } from './state.ts';

/** Why a word that is not among the best is in the list: the user named it, or it stood under the mask. */
export type Asked = 'own' | 'hidden';

export interface AskedWord {
  word: string;
  asked: Asked;
  /** Null while it is scored. */
  score: TargetScore | null;
}

/** The words asked about at one mask, each once: the hidden word, then the user's own. A hidden word that was not scored, as there are too many, is left out. */
export function askedWords({ masks, groups, ranks, targets, ownWords }: FillResult, mask: number): AskedWord[] {
  const hidden = masks[mask]?.word ?? null;
  const words = hidden === null ? ownWords : [hidden, ...ownWords.filter(word => word !== hidden)];
  const rows = words.map((word): AskedWord => {
    const asked = word === hidden ? 'hidden' : 'own';
    const scored = targets?.[mask]?.find(({ target }) => target === word);
    if (scored || masks[mask]?.slot) return { word, asked, score: scored ?? null };
    // A word among the best is known without being asked for.
    const place = groups[mask]?.findIndex(({ token_str }) => token_str.trim() === word) ?? -1;
    const best = groups[mask]?.[place];
    if (!best) return { word, asked, score: null };
    const score: TargetScore = {
      target: word,
      status: 'scored',
      tokens: [best.token_str],
      method: 'token',
      score: best.score,
      logProb: Math.log(best.score),
      rank: ranks[mask]?.[place] ?? null,
    };
    return { word, asked, score };
  });
  return rows.filter(({ asked, score }) => asked === 'own' || score !== null || targets === null);
}

const methods = {
  token: 'whole word',
  pll: 'pseudo-log-likelihood, within the word from left to right',
} as const;

/** `predictions` has the form of the fill-mask pipeline: a list for one mask, a list of lists for several. `targets` and `masks` are by mask in the same way. */
export function fillJson(result: FillResult, fill: FillSlice, report: ModelReport | null): string {
  const shape = <T>(groups: T[]): T | T[] => (groups.length === 1 && groups[0] !== undefined ? groups[0] : groups);
  const { parts, words } = filledSentence(result, fill);
  const joint = fill.joint?.text === result.text ? fill.joint.fillings : null;
  const isJoint = fill.applied !== null && joint !== null;
  const asked = result.masks.map((_, mask) =>
    askedWords(result, mask).map(({ word, asked, score }) => ({
      target: word,
      asked,
      ...(score?.status === 'scored'
        ? {
            score: score.score,
            log_prob: score.logProb,
            rank: score.rank,
            tokens: score.tokens,
            scored_by: score.method && methods[score.method],
          }
        : { score: null, reason: score ? 'not in the vocabulary' : 'not scored yet' }),
    })),
  );
  return JSON.stringify(
    {
      model: report ? { name: report.name, dtype: report.dtype, storage: report.storage } : null,
      text: result.text,
      truncated: result.truncated,
      masks: result.masks.map((mask, i) => ({ ...mask, rest: result.rest[i], entropy_bits: result.entropy[i] })),
      filled: {
        text: parts.map(part => part.text).join(''),
        words,
        ...(words.length > 1 && {
          note: isJoint
            ? 'The words of one joint filling.'
            : 'Each mask was predicted by itself: the words are no joint answer. Joint fillings are under "joint" where they were searched.',
        }),
      },
      predictions: shape(
        result.groups.map((group, mask) =>
          group.map(({ score, token, token_str }, i) => ({ score, token, token_str, rank: result.ranks[mask]?.[i] })),
        ),
      ),
      ...(asked.some(words => words.length > 0) ? { targets: shape(asked) } : {}),
      ...(joint && {
        joint: joint.map(({ words, logProb, sequence }) => ({
          log_prob: logProb,
          words: words.map(({ token, token_str, step }) => ({ token, token_str, step })),
          sequence,
        })),
      }),
    },
    null,
    2,
  );
}

/** One row a word and mask; a word that was asked about and is among the best is one row, flagged. */
export function fillCsv(result: FillResult, fill: FillSlice, language: Language, t: Dictionary): string {
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
    const isBest = (word: string) => group.some(({ token_str }) => token_str.trim() === word);
    const best = group.map(({ token, token_str, score }, i): Cell[] => {
      const why = asked.find(({ word }) => word === token_str.trim())?.asked;
      return [mask + 1, result.ranks[mask]?.[i] ?? '', token_str, why ? x.why[why] : '', 1, x.wholeWord, token, score, Math.log(score)];
    });
    const besides = asked
      .filter(({ word, score }) => !(isBest(word) && score?.method !== 'pll'))
      .map(({ word, asked, score }): Cell[] => {
        if (score?.status !== 'scored') return [mask + 1, '', word, x.why[asked], '', score ? t.fill.unknownWord : '', '', '', ''];
        const by = score.method === 'pll' ? x.pll(score.tokens.join(' ')) : x.wholeWord;
        return [mask + 1, score.rank ?? '', word, x.why[asked], score.tokens.length, by, '', score.score, score.logProb];
      });
    return [...best, ...besides];
  });
  const once = [
    filledSentence(result, fill)
      .parts.map(part => part.text)
      .join(''),
    result.text,
  ];
  return toCsv([head, ...rows.map((row, i) => [...row, ...(i === 0 ? once : ['', ''])])], language);
}
