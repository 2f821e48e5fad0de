/** Two sentences side by side: what the model expects at the mask of each, over its whole vocabulary. */
import { findMasks } from '../../../text/masks.ts';
import { dictionaryOf } from '../../i18n/dictionaries.ts';
import { formatDuration } from '../../lib/format.ts';
import { createRequest } from '../../store/request.ts';
import { appState, patch } from '../../store/store.ts';
import type { PairResult } from './state.ts';

export interface Preset {
  label: Record<'fr' | 'en', string>;
  a: string;
  b: string;
}

/** Pairs that differ in one thing. Written for this page. */
export const presets: readonly Preset[] = [
  {
    label: { fr: 'Le patient / La patiente', en: 'Le patient / La patiente' },
    a: 'Le patient est adressé pour une suspicion de [MASK].',
    b: 'La patiente est adressée pour une suspicion de [MASK].',
  },
  {
    label: { fr: 'Enfant / Personne âgée', en: 'Child / Elderly person' },
    a: 'Enfant de 4 ans hospitalisé pour une [MASK] aiguë.',
    b: 'Patient de 84 ans hospitalisé pour une [MASK] aiguë.',
  },
  {
    label: { fr: 'Cardiologie / Pneumologie', en: 'Cardiology / Respiratory' },
    a: 'Le patient est suivi en cardiologie pour une [MASK].',
    b: 'Le patient est suivi en pneumologie pour une [MASK].',
  },
];

export const setPair = (part: { a?: string; b?: string }): void => patch('pair', part);

const request = createRequest('pair', () => ({ kind: 'fill' }));

/** The vocabulary of the model that runs, asked once. */
let vocabulary: { generation: number; words: Promise<string[]> } | null = null;

/** Runs after a change: compares where both sentences have a mask. */
export async function comparePairUnasked(): Promise<void> {
  const { pair, fill } = appState();
  if (fill.tab === 'pair' && findMasks(pair.a).length > 0 && findMasks(pair.b).length > 0) await comparePair();
  else request.rest();
}

/** Asks for both distributions; an older request is stopped. Errors go to `pair.failure`. */
export async function comparePair(): Promise<void> {
  const { pair, model, settings } = appState();
  const { current, generation } = model;
  if (!current) return;
  const { a, b } = pair;
  await request.run(async ({ signal, onProgress }) => {
    const startedAt = performance.now();
    if (vocabulary?.generation !== generation) vocabulary = { generation, words: current.vocabulary() };
    const first = await current.distribution(a, { signal, onProgress });
    const second = await current.distribution(b, { signal, onProgress });
    const words = await vocabulary.words;
    if (signal.aborted) return null;
    const elapsedMs = performance.now() - startedAt;
    patch('pair', { failure: null, result: { a, b, words, logProbsA: first.logProbs, logProbsB: second.logProbs, elapsedMs } });
    return dictionaryOf(settings.language).status.predicted(2, formatDuration(elapsedMs, settings.language));
  });
}

export interface PairWord {
  id: number;
  word: string;
  logA: number;
  logB: number;
}

/** The `most` words that are likeliest in either sentence (0: all), and those of them that differ most, as ratios of their probabilities. */
export function differences({ words, logProbsA, logProbsB }: PairResult, most: number, listed: number) {
  const all = words.map((word, id): PairWord => ({ id, word, logA: logProbsA[id] ?? -Infinity, logB: logProbsB[id] ?? -Infinity }));
  const likeliest = most === 0 ? all : all.sort((x, y) => Math.max(y.logA, y.logB) - Math.max(x.logA, x.logB)).slice(0, most);
  const byRatio = [...likeliest].sort((x, y) => y.logA - y.logB - (x.logA - x.logB));
  return {
    likeliest,
    moreInA: byRatio.filter(({ logA, logB }) => logA > logB).slice(0, listed),
    moreInB: byRatio
      .filter(({ logA, logB }) => logB > logA)
      .slice(-listed)
      .reverse(),
  };
}
