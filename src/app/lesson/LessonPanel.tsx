import { ArrowLeft, ArrowRight, ListChecks, RotateCcw, X } from 'lucide-react';
import { useEffect } from 'react';
import { useText } from '../i18n/use-text.ts';
import { useAppStore } from '../store/store.ts';
import { Button } from '../ui/Button.tsx';
import { classes } from '../ui/class-names.ts';
import ui from '../ui/ui.module.css';
import styles from './Lesson.module.css';
import { closeLesson, dropFailure, goTo, noteGuess, startAgain, totalOf } from './lesson.ts';
import type { LessonFailure, OpenLesson } from './state.ts';

/** Above the sheet: which sentence of the lesson stands on it, the score, and at the end what was guessed. */
export function LessonPanel() {
  const { open, failure } = useAppStore(state => state.lesson);
  const guess = useAppStore(state => state.fill.guess);
  // biome-ignore lint/correctness/useExhaustiveDependencies: a guess counts when it comes.
  useEffect(noteGuess, [guess]);
  return (
    <>
      {failure && <Failed failure={failure} />}
      {open && <Going lesson={open} />}
    </>
  );
}

function Failed({ failure }: { failure: LessonFailure }) {
  const { t } = useText();
  return (
    <div role="alert" className={classes(ui.notice, ui.warn, styles.failed)}>
      <h2>{t.lesson.failed(failure.file)}</h2>
      <p>{t.lesson.problems[failure.kind](failure.line)}</p>
      <div className={ui.noticeActions}>
        <Button look="quiet" icon={X} onPress={dropFailure}>
          {t.lesson.dismiss}
        </Button>
      </div>
    </div>
  );
}

function Going({ lesson }: { lesson: OpenLesson }) {
  const { t } = useText();
  const { at, sentences } = lesson;
  const { points, most } = totalOf(lesson);
  const isOver = at === sentences.length;
  const isLast = at === sentences.length - 1;
  return (
    <section aria-labelledby="lesson" className={classes(ui.sheet, styles.panel)}>
      <div className={styles.head}>
        <h2 id="lesson">
          <span className={ui.label}>{t.lesson.lesson}</span> <span lang="fr">{lesson.title || lesson.file}</span>
        </h2>
        <Button look="quiet" icon={X} onPress={closeLesson}>
          {t.lesson.close}
        </Button>
      </div>
      <p className={styles.facts}>
        <span>{isOver ? t.lesson.summary : t.lesson.at(at + 1, sentences.length)}</span>
        <span>{t.lesson.score(points, most)}</span>
      </p>
      {isOver && <Summary lesson={lesson} />}
      <div className={styles.buttons}>
        <Button icon={ArrowLeft} isDisabled={at === 0} onPress={() => void goTo(at - 1)}>
          {t.lesson.previous}
        </Button>
        {isOver ? (
          <Button look="primary" icon={RotateCcw} onPress={() => void startAgain()}>
            {t.lesson.again}
          </Button>
        ) : (
          <Button look="primary" icon={isLast ? ListChecks : ArrowRight} onPress={() => void goTo(at + 1)}>
            {isLast ? t.lesson.finish : t.lesson.next}
          </Button>
        )}
      </div>
    </section>
  );
}

function Summary({ lesson }: { lesson: OpenLesson }) {
  const { t } = useText();
  const { sentence, guess, hidden, points } = t.lesson.columns;
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: it scrolls, by keyboard too.
    <section className={styles.frame} tabIndex={0} aria-label={t.lesson.summary}>
      <table className={styles.summary}>
        <thead>
          <tr>
            {[sentence, guess, hidden, points].map(name => (
              <th key={name} scope="col">
                {name}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {lesson.sentences.map(({ text }, i) => {
            const answer = lesson.answers[i];
            return (
              // biome-ignore lint/suspicious/noArrayIndexKey: the place is the sentence.
              <tr key={i}>
                <th scope="row">
                  <button
                    type="button"
                    className={styles.back}
                    onClick={() => void goTo(i)}
                    aria-label={`${t.lesson.back(i + 1)} : ${text}`}
                  >
                    <span lang="fr">{text}</span>
                  </button>
                </th>
                <td lang="fr">{answer ? answer.words.map(word => word.guess || '–').join(', ') : <i>{t.lesson.skipped}</i>}</td>
                <td>{answer ? answer.words.map(word => word.hidden ?? t.lesson.unknown).join(', ') : '–'}</td>
                <td className={styles.points}>{answer ? `${answer.points} / ${answer.most}` : '–'}</td>
              </tr>
            );
          })}
        </tbody>
      </table>
    </section>
  );
}
