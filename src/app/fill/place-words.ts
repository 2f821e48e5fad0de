/** The words that stand in the places of the masks, and the sentence that they make. */
import { type FilledPart, fillingOf, fillText } from '../lib/words.ts';
import type { FillResult, FillSlice } from './state.ts';

export interface PlacedWord {
  word: string;
  glued: boolean;
  /** Its probability; null for a word of a joint filling. */
  share: number | null;
}

/** Per mask: the word that the pointer is at, that of the joint filling which was put in, or the chosen one. Null while there is no answer for this text. */
export function placeWords({ text, result, hovered, selected, applied, joint, guess }: FillSlice): PlacedWord[] | null {
  if (!result || result.text !== text || (guess && guess.text !== text)) return null;
  const together = applied === null || joint?.text !== text ? undefined : joint.fillings?.[applied];
  return result.masks.map((mask, i) => {
    const isHovered = hovered?.mask === i;
    const joined = together?.words[i];
    if (joined && !isHovered)
      return { word: joined.token_str.replace(/^##|^ /, ''), glued: joined.token_str.startsWith('##'), share: null };
    const prediction = result.groups[i]?.[isHovered ? hovered.index : (selected[i] ?? 0)];
    return prediction
      ? { ...fillingOf(prediction, text, mask), share: prediction.score }
      : { word: text.slice(mask.start, mask.end), glued: false, share: null };
  });
}

/** The sentence with those words; every other character is as the user wrote it. */
export function filledSentence(result: FillResult, fill: FillSlice): { parts: FilledPart[]; words: string[] } {
  const { applied, joint } = fill;
  const placed = placeWords({ ...fill, text: result.text, hovered: null, guess: null }) ?? [];
  const together = applied === null || joint?.text !== result.text ? undefined : joint.fillings?.[applied];
  const parts: FilledPart[] = together ? [{ text: together.sequence, mask: null }] : fillText(result.text, result.masks, placed);
  return { parts, words: placed.map(({ word }) => word) };
}
