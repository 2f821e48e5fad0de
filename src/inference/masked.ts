/** What every masked prediction does: finds the masks of the texts, scores their rows, and writes a token as a prediction. */
import { InputError, TensorError } from '../errors.ts';
import { type Span, splice } from '../text/masks.ts';
import type { Tokenizer } from '../text/tokenizer.ts';
import type { OnProgress, Prediction, TokenizeOptions } from '../types.ts';
import type { TokenScore } from './answers.ts';
import { named } from './embed.ts';
import { fitContext } from './encode.ts';
import { findMaskIds, maskPositions, noMask } from './mask-places.ts';
import type { Loaded } from './open.ts';
import type { MaskRow, RowAnswer } from './session.ts';

/** The most answers (a token with its score) in one read-back, 32 MB. Only a single text with more may go beyond it. */
const answersPerReadBack = 2 ** 22;

export interface MaskedText {
  /** As given. */
  text: string;
  /** The masks in the text, in reading order. */
  spans: Span[];
  ids: number[];
  /** Token index of each mask. */
  positions: number[];
}

/** Errors: TensorError where the checkpoint has no prediction head. */
export function requireHead({ session: { weights } }: Loaded): void {
  if (weights.head) return;
  const { taskHead } = weights;
  const what = taskHead
    ? `was fine-tuned for another task (it holds ${JSON.stringify(taskHead)}) and has no prediction head`
    : 'holds the base model only, without the prediction head';
  throw new TensorError(`This checkpoint ${what}: it can embed, not fill masks. Load the ModernBertForMaskedLM checkpoint.`, {
    reason: 'no-head',
  });
}

/** Default 5. Errors: InputError for more than the vocabulary holds. */
export function checkTopK(topK: number | undefined, vocabSize: number): number {
  if (topK === undefined) return Math.min(5, vocabSize);
  if (topK > vocabSize)
    throw new InputError(
      `topK is ${topK}, but this model has ${vocabSize} words: at most ${vocabSize} predictions can be given for a mask.`,
      {
        option: 'topK',
      },
    );
  return topK;
}

/** Errors: InputError for a text without a mask or with masks beyond the cut, InputTooLongError; each names its text. */
export function maskedTexts(loaded: Loaded, texts: readonly string[], options: TokenizeOptions): MaskedText[] {
  return texts.map((text, i) => named(`text ${i + 1} of ${texts.length}`, texts.length, () => maskedText(loaded, text, options)));
}

function maskedText(loaded: Loaded, text: string, options: TokenizeOptions): MaskedText {
  const { tokenizer } = loaded;
  const { encoding, spans } = findMaskIds(loaded, text);
  if (spans.length === 0) throw noMask(tokenizer, text);
  const kept = fitContext(loaded, encoding, options);
  const positions = maskPositions(kept, tokenizer.maskId);
  if (positions.length < spans.length) {
    const lost = spans.length - positions.length;
    throw new InputError(
      `${lost} of ${spans.length} masks lie beyond the ${kept.ids.length} tokens that are left after truncation. Shorten the text before them.`,
      { reason: 'masks-cut', lost, masks: spans.length, tokens: kept.ids.length },
    );
  }
  return { text, spans, ids: kept.ids, positions };
}

/** The answers at every mask, text by text: the best `topK` tokens, and the scores of `targets`. Errors: NonFiniteError, those of the GPU. */
export async function scoreMasks(
  loaded: Loaded,
  texts: readonly MaskedText[],
  { topK, targets }: { topK: number; targets: readonly number[] },
  { signal, onProgress, total = texts.length }: { signal?: AbortSignal; onProgress?: OnProgress /** Of the progress. */; total?: number },
): Promise<RowAnswer[][]> {
  const answers: RowAnswer[] = [];
  let textsDone = 0;
  for (const portion of portions(texts, topK + targets.length)) {
    const rows: MaskRow[] = portion.flatMap(({ positions }, text) => positions.map(position => ({ text, position })));
    const ids = portion.map(p => p.ids);
    const onText = (done: number) => onProgress?.({ stage: 'run', done: textsDone + done, total, unit: 'items' });
    const request = { signal, onText, part: { first: textsDone, total: texts.length } };
    for (const answer of await loaded.session.score(ids, rows, { topK, targets: () => targets }, request)) answers.push(answer); // no spreading: there may be millions
    textsDone += portion.length;
  }
  loaded.times.lastTokens = texts.reduce((n, { ids }) => n + ids.length, 0);
  let next = 0;
  return texts.map(({ positions }) => positions.map(() => answers[next++]!));
}

/** Splits texts into portions whose answers fit one read-back; nearly always there is one. A text with thousands of masks is a portion of its own. */
function portions(texts: readonly MaskedText[], answersPerMask: number): MaskedText[][] {
  const list: MaskedText[][] = [];
  let room = 0;
  for (const entry of texts) {
    const cost = entry.positions.length * answersPerMask;
    if (list.length === 0 || cost > room) {
      list.push([]);
      room = answersPerReadBack;
    }
    list.at(-1)!.push(entry);
    room -= cost;
  }
  return list;
}

/** A token at a mask in Hugging Face's schema. */
export function predictionOf(tokenizer: Tokenizer, { id, logProb }: TokenScore, text: string, mask: Span): Prediction {
  return {
    score: Math.exp(logProb),
    token: id,
    token_str: tokenizer.tokenString(id),
    sequence: splice(text, mask, tokenizer.textWithin(id), tokenizer.isContinuation(id), tokenizer.continuingPrefix),
  };
}

/** The tokens of a word as a user writes it: the token of that name, else its pieces. */
export function tokensOfWord(tokenizer: Tokenizer, word: string): number[] {
  const whole = tokenizer.tokenToId(word);
  return whole === undefined ? tokenizer.encode(word, { addSpecialTokens: false }).ids : [whole];
}
