import { GraduationCap } from 'lucide-react';
import { useState } from 'react';
import { Input, Label, TextField } from 'react-aria-components';
import { useText } from '../i18n/use-text.ts';
import { formatNumber, formatProbability } from '../lib/format.ts';
import type { MaskSpan } from '../lib/masks.ts';
import { Button } from '../ui/Button.tsx';
import { classes } from '../ui/class-names.ts';
import ui from '../ui/ui.module.css';
import styles from './GuessCard.module.css';
import { pointsOf, submitGuess } from './guess.ts';
import type { FillResult, Guess } from './state.ts';

/** Before the answers: a field a mask. After them: what each guess was worth. */
export function GuessCard({ guess, result, isReady }: { guess: Guess; result: FillResult; isReady: boolean }) {
  const { t, language } = useText();
  const isShown = guess.text === result.text;
  return (
    <section className={classes(ui.sheet, styles.card)} aria-labelledby="guess-title" aria-busy={!isReady}>
      <h2 id="guess-title">
        <GraduationCap aria-hidden className={ui.icon} /> {isShown ? t.fill.guessDone : t.fill.guessTitle}
      </h2>
      {isShown ? (
        <ul className={styles.list}>
          {guess.words.map((word, i) => {
            if (isLaterSlot(result.masks[i])) return null;
            const score = guess.scores[i];
            const points = pointsOf(word.trim(), result.masks[i]?.word ?? null, score?.rank ?? null);
            return (
              // biome-ignore lint/suspicious/noArrayIndexKey: the place is the mask.
              <li key={i}>
                <b lang="fr">{word || '–'}</b>
                <span>
                  {score?.status === 'scored' &&
                    (score.rank === null
                      ? formatProbability(score.score, language)
                      : t.fill.guessRank(formatNumber(score.rank, language), formatProbability(score.score, language)))}
                  {score?.status === 'unknown' && t.fill.unknownWord}
                </span>
                <span>{t.fill.points(points)}</span>
              </li>
            );
          })}
        </ul>
      ) : (
        <GuessForm key={result.text} result={result} isReady={isReady} />
      )}
      <p className={ui.hint}>
        {t.fill.guessScore(formatNumber(guess.points, language), guess.rounds)} {t.fill.guessRules}
      </p>
    </section>
  );
}

/** A word of several tokens is guessed once, at its first mask. */
const isLaterSlot = (mask: MaskSpan | undefined): boolean => (mask?.slot?.at ?? 0) > 0;

function GuessForm({ result, isReady }: { result: FillResult; isReady: boolean }) {
  const { t } = useText();
  const [words, setWords] = useState<string[]>(() => result.masks.map(() => ''));
  return (
    <form
      className={styles.form}
      onSubmit={event => {
        event.preventDefault();
        void submitGuess(result, words);
      }}
    >
      {words.map((word, i) =>
        isLaterSlot(result.masks[i]) ? null : (
          // biome-ignore lint/suspicious/noArrayIndexKey: the place is the mask.
          <TextField key={i} value={word} onChange={value => setWords(words.with(i, value))} className={ui.field}>
            <Label className={ui.label}>{t.fill.guessOf(i + 1)}</Label>
            <Input lang="fr" spellCheck={false} autoComplete="off" className={ui.input} />
          </TextField>
        ),
      )}
      <Button look="primary" type="submit" isDisabled={!isReady}>
        {t.fill.guessShow}
      </Button>
    </form>
  );
}
