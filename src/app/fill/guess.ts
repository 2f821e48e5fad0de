/** Class mode: the reader guesses before the answers are shown, and the guesses are scored by where the model has them. */
import type { TargetScore } from '../../types.ts';
import { toFailure } from '../lib/failure.ts';
import { withoutSlots } from '../lib/masks.ts';
import { noteTrouble } from '../store/model.ts';
import { appState, patch } from '../store/store.ts';
import type { FillResult, Guess } from './state.ts';

export function setGuessing(on: boolean): void {
  patch('fill', { guess: on ? { text: null, words: [], scores: [], rounds: 0, points: 0 } : null });
}

/** 3 for the hidden word or the model's first choice, 2 among its first five, 1 among its first fifty. */
export function pointsOf(word: string, hidden: string | null, rank: number | null): number {
  if ((hidden !== null && word.toLowerCase() === hidden.toLowerCase()) || rank === 1) return 3;
  if (rank === null) return 0;
  return rank <= 5 ? 2 : rank <= 50 ? 1 : 0;
}

/** Shows the answers for `result`, with one guess a mask (empty: none). A text of which the answers were shown already gives no more points. */
export async function submitGuess(result: FillResult, words: readonly string[]): Promise<void> {
  const { current } = appState().model;
  if (!current) return;
  try {
    const whole = withoutSlots(result.text, result.masks);
    const targets = [...new Set(words.map(word => word.trim()).filter(word => word !== ''))];
    const answer = targets.length > 0 ? await current.predict(whole.text, { topK: 1, targets }) : null;
    const scores = words.map(
      (word, i): TargetScore | null => answer?.masks[whole.of[i] ?? -1]?.targets.find(({ target }) => target === word.trim()) ?? null,
    );
    const { fill } = appState();
    if (!fill.guess || fill.text !== result.text) return;
    const points = words.reduce(
      (sum, word, i) =>
        (result.masks[i]?.slot?.at ?? 0) > 0 ? sum : sum + pointsOf(word.trim(), result.masks[i]?.word ?? null, scores[i]?.rank ?? null),
      0,
    );
    const guess: Guess = {
      text: result.text,
      words: [...words],
      scores,
      rounds: fill.guess.rounds + 1,
      points: fill.guess.points + points,
    };
    patch('fill', { guess });
  } catch (error) {
    if (!noteTrouble(error)) patch('fill', { failure: toFailure(error) });
  }
}
