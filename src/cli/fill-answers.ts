/** Answers of fill-mask, as JSON in Hugging Face's schema and as text. */
import type { JointFilling, MaskAnswer, MaskedAnswer, Prediction, TargetScore } from '../types.ts';
import type { Io } from './command.ts';
import { bar, percent, printable, table } from './format.ts';

/** A target in Hugging Face's schema, and what it does not have; `rank` and `target` as `fillMask` of the library gives them. */
interface TargetRow {
  score: number;
  token: number | null;
  token_str: string;
  sequence: string | null;
  rank: number | null;
  target: string;
  target_tokens: number;
  status: TargetScore['status'];
  method: TargetScore['method'];
  tokens: string[];
  /** Natural logarithm; −∞ (null in JSON) for an unknown word. */
  log_prob: number;
}

/** What is shown of one mask. */
export interface MaskList {
  /** Best first. */
  rows: Prediction[] | TargetRow[];
  /** Probability of all other words, and entropy in bits; null with targets. */
  rest: { share: number; entropy: number } | null;
}

/** `targets`: how many scored targets are shown, best first and before the unknown ones; null: the predictions are shown. */
export function maskLists({ masks }: MaskedAnswer, targets: number | null): MaskList[] {
  if (targets === null) return masks.map(({ predictions, rest, entropy }) => ({ rows: predictions, rest: { share: rest, entropy } }));
  return masks.map(mask => ({ rows: targetRows(mask, targets), rest: null }));
}

function targetRows({ targets }: MaskAnswer, most: number): TargetRow[] {
  const scored = targets.filter(({ status }) => status === 'scored').sort((a, b) => b.logProb - a.logProb);
  return [...scored.slice(0, most), ...targets.filter(({ status }) => status === 'unknown')].map(
    ({ target, status, method, tokens, token, token_str, sequence, score, logProb, rank }) => ({
      score,
      token: token ?? null,
      token_str: token_str ?? target,
      sequence: sequence ?? null,
      rank,
      target,
      target_tokens: tokens.length,
      status,
      method,
      tokens,
      log_prob: logProb,
    }),
  );
}

/** One line on standard error for each target that no vocabulary token can write. */
export function tellUnknown(answers: readonly MaskedAnswer[], io: Io): void {
  // Whether a word is known does not depend on the mask.
  for (const { target, status } of answers[0]?.masks[0]?.targets ?? [])
    if (status === 'unknown')
      io.note(`affinage: the target "${printable(target)}" is not in the model's vocabulary, not even in pieces: it has no score`);
}

/** The list of one mask as a table. */
export function answerText({ rows, rest }: MaskList): string {
  if (rest === null) return targetTable(rows as TargetRow[]);
  const lines = (rows as Prediction[]).map(({ token_str, score, sequence }) => [
    printable(token_str),
    percent(score),
    bar(score, 20),
    printable(sequence),
  ]);
  const others = ['(all others)', percent(rest.share), bar(rest.share, 20), `entropy ${rest.entropy.toFixed(1)} bits`];
  return table([...lines, others], [{}, { align: 'right' }]);
}

function targetTable(rows: readonly TargetRow[]): string {
  return table(
    rows.map(row => {
      const { target, status, score, rank, sequence } = row;
      if (status === 'unknown') return [printable(target), '–', '', '', 'not in the vocabulary, not even in pieces: no score'];
      const place = rank === null ? `${row.target_tokens} tokens` : `#${rank}`;
      return [printable(writtenAs(row)), percent(score), bar(score, 20), place, printable(sequence ?? '')];
    }),
    [{}, { align: 'right' }, {}, { align: 'right' }],
  );
}

/** A target, and its tokens where they are not the target itself. */
function writtenAs({ target, token_str, tokens, method }: TargetRow): string {
  if (method === 'pll') return `${target} (${tokens.join(' ')})`;
  return target === token_str ? target : `${target} (as ${token_str})`;
}

/** A joint filling, its names written as in Hugging Face's schema. */
export const jointJson = ({ logProb, sequence, words }: JointFilling) => ({
  score: Math.exp(logProb),
  log_prob: logProb,
  sequence,
  words: words.map(word => ({ token: word.token, token_str: word.token_str, step: word.step, log_prob: word.logProb })),
});

/** The fillings as a table: the words in reading order, each with the step in which it was filled in. */
export function jointText(fillings: readonly JointFilling[]): string {
  const rows = fillings.map(({ words, logProb, sequence }) => [
    words.map(({ token_str, step }) => `${printable(token_str.trim())} (${step})`).join(' · '),
    percent(Math.exp(logProb)),
    printable(sequence),
  ]);
  const head = rows.length > 0 ? 'filled together, probability of all words; (1) was filled first, the surest:\n' : '';
  return head + table(rows, [{}, { align: 'right' }]);
}
