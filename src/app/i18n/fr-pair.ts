/** Two sentences compared, in French. */
import type { pairEn } from './en-pair.ts';

export const pairFr = {
  a: 'Phrase A',
  b: 'Phrase B',
  placeholder: 'Une phrase avec un [MASK]…',
  emptyTitle: 'Deux phrases qui diffèrent en un point',
  emptyBody: 'Mettez un masque dans chaque phrase, par exemple au même endroit, ou partez d’un des exemples.',
  most: 'Mots les plus probables comparés',
  all: 'Tous',
  moreIn: sentence => `Plus probables dans ${sentence}`,
  ratio: 'Rapport',
  none: 'Aucune différence.',
  hint: 'Les différences sont des rapports de probabilités au premier masque de chaque phrase. Elles montrent ce que les textes d’entraînement font attendre au modèle, biais compris, et non ce qui est vrai.',
  scatter: 'Probabilité de chaque mot dans A et dans B, en échelles logarithmiques ; les tableaux donnent les plus grandes différences.',
  scatterHint: 'Un mot sur la ligne en pointillé est aussi probable dans les deux phrases. Pointez un mot pour voir son nom.',
  point: (word, a, b) => `« ${word} » : ${a} dans A, ${b} dans B.`,
} satisfies typeof pairEn;
