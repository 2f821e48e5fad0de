/** Class mode with a lesson: its sentences one after the other on the sheet of the fill-mask view, guessed before the answers are shown. */
import { slotsFor } from '../fill/fill.ts';
import { pointsOf, setGuessing } from '../fill/guess.ts';
import type { Guess } from '../fill/state.ts';
import { dictionaryOf } from '../i18n/dictionaries.ts';
import { decode } from '../lib/dropped.ts';
import { carryMasks, hideWord } from '../lib/masks.ts';
import { saveText } from '../lib/save.ts';
import { record } from '../store/history.ts';
import { noteTrouble } from '../store/model.ts';
import { appState, patch } from '../store/store.ts';
import { announce } from '../store/ui.ts';
import { lessonText, parseLesson, sentencesOf } from './lesson-file.ts';
import type { Answered, Lesson, OpenLesson, Sentence } from './state.ts';

const MOST_BYTES = 1_000_000;
/** Points of a word that is guessed. */
const FULL = 3;

/** Opens a picked file. A file that is no lesson leaves everything as it is, and says why. */
export async function openFile(file: File): Promise<void> {
  if (file.size > MOST_BYTES) return patch('lesson', { failure: { file: file.name, kind: 'big', line: 1 } });
  const read = decode(new Uint8Array(await file.arrayBuffer()));
  if (!read) return patch('lesson', { failure: { file: file.name, kind: 'binary', line: 1 } });
  await openLesson(file.name, read.text);
}

/** Opens the lesson that `text` holds, at its first sentence. */
export async function openLesson(file: string, text: string): Promise<void> {
  const parsed = parseLesson(text);
  if ('problem' in parsed) return patch('lesson', { failure: { file, ...parsed.problem } });
  // A word is hidden by as many masks as it has tokens, which only a model can tell.
  if (!appState().model.current) return patch('lesson', { failure: { file, kind: 'no-model', line: 1 } });
  const { lesson } = parsed;
  patch('lesson', { failure: null, open: { ...lesson, file, at: 0, asked: null, answers: lesson.sentences.map(() => null) } });
  await goTo(0);
}

export const dropFailure = (): void => patch('lesson', { failure: null });

/** Ends the lesson; the last sentence stays on the sheet. */
export function closeLesson(): void {
  patch('lesson', { open: null });
  setGuessing(false);
}

/** The same lesson from its beginning, with nothing guessed. */
export async function startAgain(): Promise<void> {
  const { open } = appState().lesson;
  if (!open) return;
  patch('lesson', { open: { ...open, answers: open.answers.map(() => null) } });
  await goTo(0);
}

/** Goes to sentence `at`, or behind the last to the summary. */
export async function goTo(at: number): Promise<void> {
  const { open } = appState().lesson;
  if (!open || at < 0 || at > open.sentences.length) return;
  const next: OpenLesson = { ...open, at };
  patch('lesson', { open: next });
  const t = dictionaryOf(appState().settings.language);
  const sentence = open.sentences[at];
  if (!sentence) {
    const { points, most } = totalOf(open);
    announce(t.lesson.done(points, most));
    return;
  }
  const written = await hidden(sentence);
  // Something else was chosen meanwhile.
  const now = appState().lesson.open;
  if (now?.sentences !== open.sentences || now.at !== at) return;
  // What the user wrote can be had back, the sentences of the lesson are in its own buttons.
  if (appState().fill.text !== open.asked?.text) record('fill', 'file');
  patch('lesson', { open: { ...now, asked: { at, text: written.text } } });
  patch('fill', {
    ...written,
    guess: guessOf(now, written.text),
    tab: 'one',
    writing: false,
    truncate: false,
    applied: null,
    current: 0,
  });
  announce(t.lesson.at(at + 1, open.sentences.length));
}

/** The sentence with its words hidden, each by a mask for every token. */
async function hidden(sentence: Sentence): Promise<{ text: string; masks: ReturnType<typeof carryMasks> }> {
  const { current, report } = appState().model;
  const maskToken = report?.maskToken ?? '[MASK]';
  const offsets = await current?.tokenize(sentence.text).then(
    encoding => encoding.offsets,
    (error: unknown) => {
      // The words are then hidden by one mask each; that the model is gone is shown on the page.
      noteTrouble(error);
      return undefined;
    },
  );
  let written = { text: sentence.text, masks: carryMasks('', [], sentence.text, maskToken) };
  // From the last to the first, as each changes the places behind it.
  for (const word of sentence.hidden.toReversed())
    written = hideWord(written.text, written.masks, word, maskToken, offsets ? slotsFor(offsets, word) : 1);
  return written;
}

/** Counts the guess for the sentence that is shown; only the first one counts. */
export function noteGuess(): void {
  const { lesson, fill } = appState();
  const { open } = lesson;
  // Of the sentence on the sheet, also where the next one is on its way.
  if (!open?.asked || open.answers[open.asked.at]) return;
  if (!fill.guess || fill.guess.text !== open.asked.text || fill.text !== open.asked.text) return;
  const { words: given, scores } = fill.guess;
  const asked = fill.masks.flatMap(({ word, slot }, i) =>
    slot && slot.at > 0 ? [] : [{ guess: given[i]?.trim() ?? '', hidden: word, rank: scores[i]?.rank ?? null }],
  );
  const answered: Answered = {
    given: [...given],
    scores: [...scores],
    words: asked.map(({ guess, hidden: word }) => ({ guess, hidden: word })),
    points: asked.reduce((sum, { guess, hidden: word, rank }) => sum + pointsOf(guess, word, rank), 0),
    most: FULL * asked.length,
  };
  patch('lesson', { open: { ...open, answers: open.answers.with(open.asked.at, answered) } });
}

/** The guess of the sentence where there is one, so that its answers are shown, with the score of the lesson. */
function guessOf({ answers, at }: OpenLesson, text: string): Guess {
  const answered = answers[at];
  const { points } = totalOf({ answers });
  const rounds = answers.filter(answer => answer !== null).length;
  return answered
    ? { text, words: answered.given, scores: answered.scores, rounds, points }
    : { text: null, words: [], scores: [], rounds, points };
}

/** Points so far, and points that the guessed sentences could have given. */
export function totalOf({ answers }: Pick<OpenLesson, 'answers'>): { points: number; most: number } {
  return answers.reduce((sum, answer) => ({ points: sum.points + (answer?.points ?? 0), most: sum.most + (answer?.most ?? 0) }), {
    points: 0,
    most: 0,
  });
}

/** What would be saved: the open lesson, or the lines on the sheet in which something is hidden. */
export function presentLesson(): Lesson {
  const { lesson, fill, pair, model } = appState();
  if (lesson.open) return { title: lesson.open.title, sentences: lesson.open.sentences };
  if (fill.tab === 'one') return { title: '', sentences: sentencesOf(fill.text, fill.masks) };
  const sentences = [pair.a, pair.b].flatMap(text => sentencesOf(text, carryMasks('', [], text, model.report?.maskToken)));
  return { title: '', sentences };
}

/** Saves the present sentences as the file of a lesson. */
export function saveLesson(): void {
  const t = dictionaryOf(appState().settings.language);
  const lesson = presentLesson();
  const name = lesson.title
    .normalize('NFC')
    .replace(/[^\p{L}\p{N}]+/gu, '-')
    .replace(/^-|-$/g, '');
  saveText(`${name || t.lesson.fileName}.txt`, lessonText(lesson), 'text/plain');
}
