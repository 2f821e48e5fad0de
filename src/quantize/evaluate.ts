/** Compares two models on the same masked texts: how often they agree, and how far their distributions differ. */

import { InputError } from '../errors.ts';
import { maskedLogits } from '../inference/logits.ts';
import type { Loaded } from '../inference/open.ts';
import type { MaskRow } from '../inference/passes.ts';
import { plainTail } from '../inference/sentence/vectors.ts';
import { everyNth, idsOf, ordinaryPositions, withMasks } from './masking.ts';

/** Rows and tokens of one step: bounds the logits held, two models × rows × vocabulary × 4 bytes. */
const rowsPerStep = 64;
const tokensPerStep = 2048;

export interface EvaluateOptions {
  /** One ordinary token in so many is masked; default 7. A text that holds masks keeps those and gets no others. */
  every?: number;
  /** Moves the masks; default 0. */
  seed?: number;
  /** Masked positions at most, the texts' order kept; texts behind them are not looked at. Without masks: texts at most. Default all. */
  limit?: number;
  /** Tokens that are masked alone for the pseudo-perplexity; 0 leaves it out; default 200. */
  pseudo?: number;
  /** Longer texts are cut; default 512. */
  maxTokens?: number;
  signal?: AbortSignal;
  onProgress?: (done: number, total: number, what: 'masks' | 'pseudo-perplexity' | 'embeddings') => void;
}

export interface Both<T> {
  model: T;
  against: T;
}

export interface Evaluation {
  texts: number;
  tokens: number;
  /** Null where a model has no prediction head. */
  masks: {
    positions: number;
    /** Share of positions with the same best token, and mean share of common tokens among the five best. */
    top1: number;
    top5: number;
    /** Mean KL divergence over the whole vocabulary, in nats: of `model` from `against`'s view and the other way round. */
    klModelAgainst: number;
    klAgainstModel: number;
    /** Σ (a − b)² / Σ b² of all logits, b those of `model`. */
    logitsNmse: number;
    /** Compared with the tokens that the text had at these places; null if all masks were in the texts themselves. */
    truth: { positions: number; accuracy: Both<number>; crossEntropy: Both<number> } | null;
  } | null;
  /** exp of the mean of −ln p(token), each token masked alone. */
  pseudoPerplexity: (Both<number> & { tokens: number }) | null;
  /** Cosine of the two models' mean-pooled vectors of each text. */
  cosine: { mean: number; least: number };
}

/** Errors: InputError for models that do not read texts alike, for no text and for texts without a token to mask; those of the GPU. */
export async function evaluate(
  model: Loaded,
  against: Loaded,
  texts: readonly string[],
  options: EvaluateOptions = {},
): Promise<Evaluation> {
  const { every = 7, seed = 0, limit = Number.POSITIVE_INFINITY, pseudo = 200, maxTokens = 512, signal, onProgress } = options;
  let ids = sameIds(model, against, texts, Math.min(maxTokens, model.config.maxPositions, against.config.maxPositions));
  const { maskId, hasMask } = model.tokenizer;
  let masks: Evaluation['masks'] = null;
  let pseudoPerplexity: Evaluation['pseudoPerplexity'] = null;
  if (model.session.weights.head && against.session.weights.head && hasMask) {
    const jobs: Job[] = ids.map((list, text) => {
      const own = list.flatMap((id, i) => (id === maskId ? [i] : []));
      if (own.length > 0) return { ids: list, positions: own, truth: own.map(() => null) };
      const positions = everyNth(ordinaryPositions(list, maskId), every, text, seed);
      return { ids: withMasks(list, positions, maskId), positions, truth: positions.map(p => list[p]!) };
    });
    const limited = firstRows(jobs, limit);
    ids = ids.slice(0, limited.length);
    const total = countRows(limited);
    if (total === 0)
      throw new InputError(`None of the texts has a token to mask. Give longer texts, or mask more: one in fewer than ${every}.`);
    const sums = new MaskSums();
    await compare(
      model,
      against,
      limited,
      signal,
      (a, b, truth) => sums.add(a, b, truth),
      done => onProgress?.(done, total, 'masks'),
    );
    masks = sums.result();

    const ordinary = ids.flatMap((list, text) => ordinaryPositions(list, maskId).map(position => ({ text, position })));
    if (pseudo > 0 && ordinary.length > 0) {
      const step = Math.max(1, ordinary.length / pseudo);
      const chosen = Array.from({ length: Math.min(pseudo, ordinary.length) }, (_, i) => ordinary[Math.floor(i * step)]!);
      const single: Job[] = chosen.map(({ text, position }) => {
        const list = ids[text]!;
        return { ids: withMasks(list, [position], maskId), positions: [position], truth: [list[position]!] };
      });
      const truthSums = new MaskSums();
      await compare(
        model,
        against,
        single,
        signal,
        (a, b, truth) => truthSums.add(a, b, truth),
        done => onProgress?.(done, single.length, 'pseudo-perplexity'),
      );
      const { crossEntropy } = truthSums.result().truth!;
      pseudoPerplexity = { model: Math.exp(crossEntropy.model), against: Math.exp(crossEntropy.against), tokens: single.length };
    }
  } else ids = ids.slice(0, limit);
  const cosine = await cosines(model, against, ids, signal, done => onProgress?.(done, ids.length, 'embeddings'));
  return { texts: ids.length, tokens: ids.reduce((sum, list) => sum + list.length, 0), masks, pseudoPerplexity, cosine };
}

/** One text with its masks; the tokens that stood there, null where the text itself had a mask. */
interface Job {
  ids: readonly number[];
  positions: readonly number[];
  truth: readonly (number | null)[];
}

const countRows = (jobs: readonly Job[]) => jobs.reduce((sum, { positions }) => sum + positions.length, 0);

/** The first texts, up to the one that brings the last of `limit` rows. */
function firstRows(jobs: readonly Job[], limit: number): Job[] {
  const taken: Job[] = [];
  for (let left = limit; left > 0 && taken.length < jobs.length; ) {
    const { ids, positions, truth } = jobs[taken.length]!;
    taken.push({ ids, positions: positions.slice(0, left), truth: truth.slice(0, left) });
    left -= positions.length;
  }
  return taken;
}

/** Token ids of the texts, after checking that both tokenizers give the same ones: otherwise a comparison has no meaning. */
function sameIds(model: Loaded, against: Loaded, texts: readonly string[], maxTokens: number): number[][] {
  const given = texts.filter(text => text.trim() !== '');
  if (given.length === 0) throw new InputError('There is no text to evaluate on. Give at least one, one per line.');
  const different = (how: string) =>
    new InputError(
      `The two models have different tokenizers (${how}): their predictions cannot be compared. Compare two formats of one model, or models trained with one tokenizer.`,
    );
  const [a, b] = [model, against];
  if (a.config.vocabSize !== b.config.vocabSize) throw different(`${a.config.vocabSize} and ${b.config.vocabSize} tokens`);
  if (a.tokenizer.hasMask !== b.tokenizer.hasMask || (a.tokenizer.hasMask && a.tokenizer.maskId !== b.tokenizer.maskId))
    throw different('another mask token');
  return given.map((text, i) => {
    const ids = idsOf(a.tokenizer, text, maxTokens);
    const other = idsOf(b.tokenizer, text, maxTokens);
    if (ids.length !== other.length || ids.some((id, at) => id !== other[at])) throw different(`text ${i + 1} becomes other tokens`);
    return ids;
  });
}

type OnRow = (a: Float32Array, b: Float32Array, truth: number | null) => void;

/** Logits of both models at every masked row, few rows at a time. */
async function compare(
  model: Loaded,
  against: Loaded,
  jobs: readonly Job[],
  signal: AbortSignal | undefined,
  onRow: OnRow,
  onDone: (rows: number) => void,
): Promise<void> {
  const V = model.config.vocabSize;
  const masked = jobs.filter(job => job.positions.length > 0);
  let done = 0;
  for (let from = 0; from < masked.length; ) {
    signal?.throwIfAborted();
    let to = from;
    let rows = 0;
    let tokens = 0;
    do {
      rows += masked[to]!.positions.length;
      tokens += masked[to]!.ids.length;
      to++;
    } while (to < masked.length && rows + masked[to]!.positions.length <= rowsPerStep && tokens + masked[to]!.ids.length <= tokensPerStep);
    const part = masked.slice(from, to);
    const ids = part.map(job => job.ids);
    const places: MaskRow[] = part.flatMap(({ positions }, text) => positions.map(position => ({ text, position })));
    const truth = part.flatMap(job => job.truth);
    const a = await maskedLogits(model, ids, places, signal);
    const b = await maskedLogits(against, ids, places, signal);
    for (let r = 0; r < places.length; r++) onRow(a.subarray(r * V, (r + 1) * V), b.subarray(r * V, (r + 1) * V), truth[r]!);
    done += places.length;
    onDone(done);
    from = to;
  }
}

async function cosines(
  model: Loaded,
  against: Loaded,
  ids: readonly (readonly number[])[],
  signal: AbortSignal | undefined,
  onDone: (texts: number) => void,
): Promise<Evaluation['cosine']> {
  const H = model.config.hiddenSize;
  if (against.config.hiddenSize !== H) return { mean: Number.NaN, least: Number.NaN };
  const [a, b] = [
    await model.session.vectors(ids, plainTail('mean', true), { signal }),
    await against.session.vectors(ids, plainTail('mean', true), { signal }),
  ];
  onDone(ids.length);
  const all = ids.map((_, text) => {
    let dot = 0;
    for (let i = text * H; i < (text + 1) * H; i++) dot += a[i]! * b[i]!;
    return dot;
  });
  return { mean: all.reduce((sum, c) => sum + c, 0) / all.length, least: all.reduce((least, c) => Math.min(least, c), 1) };
}

/** The sums over all rows, in f64. */
export class MaskSums {
  #count = 0;
  #sums = { top1: 0, top5: 0, forward: 0, backward: 0, difference: 0, size: 0 };
  #truth = { count: 0, right: [0, 0] as [number, number], nats: [0, 0] as [number, number] };

  /** Logits of both models at one masked place, and the token that stood there. */
  add(a: Float32Array, b: Float32Array, truth: number | null): void {
    const [logA, logB] = [logSumExp(a), logSumExp(b)];
    const sums = this.#sums;
    for (let v = 0; v < a.length; v++) {
      const [x, y] = [a[v]!, b[v]!];
      const apart = x - logA - (y - logB);
      sums.forward += Math.exp(x - logA) * apart;
      sums.backward -= Math.exp(y - logB) * apart;
      sums.difference += (x - y) ** 2;
      sums.size += x * x;
    }
    const [bestA, bestB] = [best(a, 5), best(b, 5)];
    if (bestA[0] === bestB[0]) sums.top1++;
    sums.top5 += bestA.filter(id => bestB.includes(id)).length / bestA.length;
    this.#count++;
    if (truth === null) return;
    this.#truth.count++;
    [
      [a, logA, bestA],
      [b, logB, bestB],
    ].forEach(([logits, log, ids], i) => {
      this.#truth.nats[i as 0 | 1] += (log as number) - (logits as Float32Array)[truth]!;
      if ((ids as number[])[0] === truth) this.#truth.right[i as 0 | 1]++;
    });
  }

  result(): NonNullable<Evaluation['masks']> {
    const n = this.#count;
    const { top1, top5, forward, backward, difference, size } = this.#sums;
    const { count, right, nats } = this.#truth;
    const both = ([a, b]: [number, number]): Both<number> => ({ model: a / count, against: b / count });
    return {
      positions: n,
      top1: top1 / n,
      top5: top5 / n,
      // The exact value is never negative; rounding may make it so.
      klModelAgainst: Math.max(0, forward / n),
      klAgainstModel: Math.max(0, backward / n),
      logitsNmse: difference / size,
      truth: count > 0 ? { positions: count, accuracy: both(right), crossEntropy: both(nats) } : null,
    };
  }
}

function logSumExp(logits: Float32Array): number {
  let largest = Number.NEGATIVE_INFINITY;
  for (const value of logits) if (value > largest) largest = value;
  let sum = 0;
  for (const value of logits) sum += Math.exp(value - largest);
  return largest + Math.log(sum);
}

/** The `count` largest, best first; of equals the lower id first. */
function best(logits: Float32Array, count: number): number[] {
  const ids: number[] = [];
  for (let v = 0; v < logits.length; v++) {
    if (ids.length === count && !(logits[v]! > logits[ids[count - 1]!]!)) continue;
    let at = Math.min(ids.length, count - 1);
    while (at > 0 && logits[v]! > logits[ids[at - 1]!]!) at--;
    ids.splice(at, 0, v);
    if (ids.length > count) ids.pop();
  }
  return ids;
}
