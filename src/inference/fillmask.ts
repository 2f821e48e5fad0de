/** Masked prediction in Hugging Face's schema. */
import { InputError, TensorError } from '../errors.ts';
import { type Span, splice } from '../text/masks.ts';
import type { FillMaskOptions, FillMaskResult, Prediction } from '../types.ts';
import { named } from './embed.ts';
import { fitContext } from './encode.ts';
import { findMaskIds, maskPositions, noMask } from './mask-places.ts';
import type { Loaded } from './open.ts';
import type { MaskRow, RowAnswer } from './session.ts';

/** The most answers (a token with its score) in one read-back, 32 MB. Only a single text with more may go beyond it. */
const answersPerReadBack = 2 ** 22;

interface Prepared {
  /** As given. */
  text: string;
  /** The masks in the text. */
  spans: Span[];
  ids: number[];
  /** Token index of each mask, in reading order. */
  positions: number[];
}

/** Answers every mask of every text. Errors: InputError (no mask, options), InputTooLongError, TensorError without a head, NonFiniteError. */
export async function fillMasks(loaded: Loaded, texts: readonly string[], options: FillMaskOptions): Promise<FillMaskResult[]> {
  const { session, tokenizer, config } = loaded;
  const { signal, onProgress } = options;
  if (!session.weights.head) {
    const { taskHead } = session.weights;
    const what = taskHead
      ? `was fine-tuned for another task (it holds ${JSON.stringify(taskHead)}) and has no prediction head`
      : 'holds the base model only, without the prediction head';
    throw new TensorError(`This checkpoint ${what}: it can embed, not fill masks. Load the ModernBertForMaskedLM checkpoint.`, {
      reason: 'no-head',
    });
  }
  const topK = checkTopK(options.topK, config.vocabSize);
  const targets = options.targets === undefined ? null : findTargets(loaded, options.targets);
  if (texts.length === 0) return [];
  const prepared = texts.map((text, i) => named(`text ${i + 1} of ${texts.length}`, texts.length, () => prepare(loaded, text, options)));
  const answers: RowAnswer[] = [];
  let textsDone = 0;
  for (const portion of portions(prepared, targets?.size ?? topK)) {
    const rows: MaskRow[] = portion.flatMap(({ positions }, text) => positions.map(position => ({ text, position })));
    const ids = portion.map(p => p.ids);
    const onText = (done: number) => onProgress?.({ stage: 'run', done: textsDone + done, total: texts.length, unit: 'items' });
    const request = { signal, onText, part: { first: textsDone, total: texts.length } };
    const some = targets
      ? await session.scoreTargets(ids, rows, [...targets.keys()], request)
      : await session.scoreTopK(ids, rows, topK, request);
    for (const answer of some) answers.push(answer); // no spreading: there may be millions
    textsDone += portion.length;
  }
  loaded.times.lastTokens = prepared.reduce((n, { ids }) => n + ids.length, 0);

  let next = 0;
  return prepared.map(({ text, spans, positions }) => {
    const perMask = positions.map((_, mask) => predictions(answers[next++]!, text, spans[mask]!));
    return perMask.length === 1 ? perMask[0]! : perMask;
  });

  function predictions(answer: RowAnswer, text: string, mask: Span): Prediction[] {
    const tokens = targets ? answer.tokens.slice(0, options.topK ?? undefined) : answer.tokens;
    return tokens.map(({ id, logProb, rank }) => {
      const tokenString = tokenizer.tokenString(id);
      return {
        score: Math.exp(logProb),
        token: id,
        token_str: tokenString,
        sequence: splice(text, mask, tokenizer.textWithin(id), tokenizer.isContinuation(id), tokenizer.continuingPrefix),
        ...(targets ? { rank, ...targets.get(id) } : {}),
      };
    });
  }
}

/** Splits texts into portions whose answers fit one read-back; nearly always there is one. A text with thousands of masks is a portion of its own. */
function portions(prepared: readonly Prepared[], answersPerMask: number): Prepared[][] {
  const list: Prepared[][] = [];
  let room = 0;
  for (const entry of prepared) {
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

function checkTopK(topK: number | undefined, vocabSize: number): number {
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

/** Token → the word as asked and its number of tokens. A word of several tokens stands for its first, as in transformers. */
function findTargets({ tokenizer }: Loaded, targets: readonly string[]): Map<number, { target: string; target_tokens: number }> {
  const found = new Map<number, { target: string; target_tokens: number }>();
  for (const target of targets) {
    const whole = tokenizer.tokenToId(target);
    const ids = whole === undefined ? tokenizer.encode(target, { addSpecialTokens: false }).ids : [whole];
    const id = ids[0];
    if (id === undefined || (id === tokenizer.unkId && target !== tokenizer.idToToken(id))) {
      throw new InputError(`The target "${target}" is not in the model's vocabulary, not even in pieces. Choose another word.`, { target });
    }
    tokenizer.checkRow(id);
    if (!found.has(id)) found.set(id, { target, target_tokens: ids.length });
  }
  return found;
}

function prepare(loaded: Loaded, text: string, options: FillMaskOptions): Prepared {
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
