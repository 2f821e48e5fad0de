/** Masked prediction in one structured form: per mask its best words, what is left for the others, entropy, and asked words. */
import { InputTooLongError } from '../errors.ts';
import { type Span, splice } from '../text/masks.ts';
import type { MaskAnswer, MaskedAnswer, PredictOptions, TargetScore } from '../types.ts';
import { checkTopK, type MaskedText, maskedTexts, predictionOf, requireHead, scoreMasks, tokensOfWord } from './masked.ts';
import type { Loaded } from './open.ts';
import type { MaskRow, RowAnswer } from './session.ts';

/** Tokens of one call to the session when words of several tokens are scored: bounds what the host holds. */
const tokensPerPortion = 2 ** 18;

/** An asked word and its tokens; null where a part of it is not in the vocabulary. */
interface Target {
  word: string;
  ids: number[] | null;
}

/** Answers every mask of every text. Errors: InputError (no mask, options), InputTooLongError, TensorError without a head, NonFiniteError. */
export async function predictMasks(loaded: Loaded, texts: readonly string[], options: PredictOptions): Promise<MaskedAnswer[]> {
  const { tokenizer, config } = loaded;
  requireHead(loaded);
  const topK = checkTopK(options.topK, config.vocabSize);
  const targets = (options.targets ?? []).map(word => readTarget(loaded, word));
  if (texts.length === 0) return [];
  const prepared = maskedTexts(loaded, texts, options);
  const jobs = wordJobs(loaded, prepared, targets, options.truncate === true);
  const total = prepared.length + jobs.length;
  const single = [...new Set(targets.flatMap(({ ids }) => (ids?.length === 1 ? ids : [])))];
  const { signal, onProgress } = options;
  const answers = await scoreMasks(loaded, prepared, { topK, targets: single }, { signal, onProgress, total });
  const words = await scoreWords(loaded, jobs, options, prepared.length);

  let job = 0;
  return prepared.map(({ text, spans, ids }, i) => ({
    text,
    tokens: ids.length,
    masks: spans.map((span, mask): MaskAnswer => {
      const answer = answers[i]![mask]!;
      const predictions = answer.tokens.map(token => predictionOf(tokenizer, token, text, span));
      return {
        start: span.start,
        end: span.end,
        predictions,
        rest: Math.max(0, 1 - predictions.reduce((sum, { score }) => sum + score, 0)),
        entropy: Math.max(0, answer.entropy / Math.LN2),
        targets: targets.map(target => {
          if (!target.ids) return unknown(target);
          if (target.ids.length > 1) return wordScore(loaded, target.word, target.ids, words[job++]!, text, span);
          return tokenScore(loaded, target.word, target.ids, answer, text, span);
        }),
      };
    }),
  }));
}

function readTarget({ tokenizer }: Loaded, word: string): Target {
  const ids = tokensOfWord(tokenizer, word);
  const unknown = ids.length === 0 || ids.some(id => id === tokenizer.unkId && word !== tokenizer.idToToken(id));
  if (unknown) return { word, ids: null };
  for (const id of ids) tokenizer.checkRow(id);
  return { word, ids };
}

const unknown = ({ word }: Target): TargetScore => ({
  target: word,
  status: 'unknown',
  tokens: [],
  method: null,
  score: 0,
  logProb: -Infinity,
  rank: null,
});

function tokenScore({ tokenizer }: Loaded, word: string, ids: number[], answer: RowAnswer, text: string, span: Span): TargetScore {
  const found = answer.targets.find(({ id }) => id === ids[0])!;
  const tokens = [tokenizer.idToToken(found.id)!];
  const { logProb, rank } = found;
  return { target: word, status: 'scored', tokens, ...predictionOf(tokenizer, found, text, span), method: 'token', logProb, rank };
}

function wordScore({ tokenizer }: Loaded, word: string, ids: number[], logProb: number, text: string, span: Span): TargetScore {
  return {
    target: word,
    status: 'scored',
    tokens: ids.map(id => tokenizer.idToToken(id)!),
    token: ids[0]!,
    token_str: tokenizer.decode(ids),
    sequence: splice(text, span, word, false),
    method: 'pll',
    score: Math.exp(logProb),
    logProb,
    rank: null,
  };
}

/** A word of several tokens at one mask: token i is asked with those before it shown, and itself and those after it hidden. */
interface WordJob {
  word: readonly number[];
  /** The text's tokens with a slot for each of the word's, all hidden. */
  slots: readonly number[];
  /** Of the first slot. */
  position: number;
}

function wordJobs(loaded: Loaded, texts: readonly MaskedText[], targets: readonly Target[], truncate: boolean): WordJob[] {
  const words = targets.flatMap(({ ids }) => (ids && ids.length > 1 ? [ids] : []));
  return texts.flatMap(({ ids, positions }) =>
    positions.flatMap(position => words.map(word => ({ word, ...openSlots(loaded, ids, position, word.length, truncate) }))),
  );
}

/**
 * The tokens with `count` masks in the place of the one at `position`. What is then over the context is cut: behind the slots first, then
 * before them. Errors: InputTooLongError where nothing may be cut, or the word alone is too long.
 */
function openSlots({ tokenizer, config }: Loaded, ids: readonly number[], position: number, count: number, truncate: boolean) {
  const slots = Array.from({ length: count }, () => tokenizer.maskId);
  const before = ids.slice(0, position);
  const after = ids.slice(position + 1);
  const over = before.length + count + after.length - config.maxPositions;
  if (over > 0) {
    // The special tokens of the frame stay, and so does the word.
    const { before: head, after: tail } = tokenizer.frame;
    const canCut = before.length - head + after.length - tail;
    if (!truncate || over > canCut)
      throw new InputTooLongError(
        `A word of ${count} tokens takes ${count} places at a mask, and the text then has ${over} tokens more than the ${config.maxPositions} that this model reads. ${over > canCut ? 'Ask for a shorter word.' : 'Shorten the text, or have it cut: truncate.'}`,
        { tokens: config.maxPositions + over, maxTokens: config.maxPositions },
      );
    const behind = Math.min(over, after.length - tail);
    after.splice(after.length - tail - behind, behind);
    before.splice(head, over - behind);
  }
  return { slots: [...before, ...slots, ...after], position: before.length };
}

/**
 * The pseudo-log-likelihood of each job's word, within-word left to right (Kauf and Ivanova, 2023): Σ log p(token i | text, tokens before i).
 * `done`: items of the progress before these.
 */
async function scoreWords(
  loaded: Loaded,
  jobs: readonly WordJob[],
  { signal, onProgress }: PredictOptions,
  done: number,
): Promise<number[]> {
  const sums = new Array<number>(jobs.length).fill(0);
  const total = done + jobs.length;
  for (let from = 0; from < jobs.length; ) {
    const ids: number[][] = [];
    const rows: MaskRow[] = [];
    const asked: { job: number; token: number }[] = [];
    let to = from;
    for (let tokens = 0; to < jobs.length && (to === from || tokens < tokensPerPortion); to++) {
      const { word, slots, position } = jobs[to]!;
      word.forEach((token, i) => {
        const shown = [...slots];
        for (let before = 0; before < i; before++) shown[position + before] = word[before]!;
        rows.push({ text: ids.length, position: position + i });
        ids.push(shown);
        asked.push({ job: to, token });
        tokens += shown.length;
      });
    }
    const first = from;
    const share = to - from;
    const onText = (texts: number) =>
      onProgress?.({ stage: 'run', done: done + first + (share * texts) / ids.length, total, unit: 'items' });
    const answers = await loaded.session.score(ids, rows, { topK: 0, targets: row => [asked[row]!.token] }, { signal, onText });
    answers.forEach((answer, row) => {
      sums[asked[row]!.job]! += answer.targets[0]!.logProb;
    });
    from = to;
  }
  return sums;
}
