/** Which of the likely words are shown. */
import type { Prediction } from '../../types.ts';
import { noFilter, type WordFilter } from './state.ts';

export const isFiltering = ({ whole, letters, starts }: WordFilter): boolean =>
  whole !== noFilter.whole || letters !== noFilter.letters || starts.trim() !== noFilter.starts;

/** Without case and accents. */
const folded = (word: string): string => word.normalize('NFD').replace(/\p{M}/gu, '').toLowerCase();

/** The first `most` predictions that pass, each with its place among all, from 1. */
export function filterWords(
  predictions: readonly Prediction[],
  { whole, letters, starts }: WordFilter,
  most: number,
): { prediction: Prediction; rank: number }[] {
  // In a byte-level vocabulary a word begins with its blank; in WordPiece a piece that goes on begins with ##.
  const isSpaced = predictions.some(({ token_str }) => token_str.startsWith(' '));
  const isWhole = ({ token_str }: Prediction) => (isSpaced ? token_str.startsWith(' ') : !token_str.startsWith('##'));
  const wanted = folded(starts.trim());
  const passes = (prediction: Prediction) =>
    (!whole || isWhole(prediction)) &&
    (!letters || /[\p{L}\p{N}]/u.test(prediction.token_str)) &&
    (wanted === '' || folded(prediction.token_str.trim()).startsWith(wanted));
  const found: { prediction: Prediction; rank: number }[] = [];
  for (const [i, prediction] of predictions.entries()) {
    if (found.length === most) break;
    if (passes(prediction)) found.push({ prediction, rank: i + 1 });
  }
  return found;
}
