/**
 * How surprising each token of a text is: −log₂ of the probability that the model gives it.
 *
 * `fast` reads the text once as it stands. The model sees the token that it is asked about, so it is less surprised than it would be. `exact`
 * hides one token at a time, which takes a pass a token (Salazar et al., "Masked Language Model Scoring", 2020).
 */
import { InputError } from '../errors.ts';
import type { Surprisal, SurprisalOptions } from '../types.ts';
import { encodeWhole } from './encode.ts';
import { checkTopK, requireHead } from './masked.ts';
import type { Loaded } from './open.ts';
import type { MaskRow, RowAnswer } from './session.ts';
import type { RequestCost } from './work.ts';

/** Tokens of one call to the session in exact mode: bounds what the host holds. */
const tokensPerPortion = 2 ** 18;

/** A text without its special tokens, and those that frame it. */
interface Content {
  ids: number[];
  offsets: [number, number][];
  before: readonly number[];
  after: readonly number[];
  /** Tokens of the text that are read at once. */
  room: number;
}

/** What is read in one piece, and which rows of it are asked. */
interface Reading {
  ids: number[][];
  rows: MaskRow[];
  /** Token of the text that each row asks for. */
  asked: number[];
}

/**
 * Errors: InputError for a portion that the text does not have, InputTooLongError for a text of too many characters, TensorError
 * without a head, NonFiniteError. An empty text has no tokens and is no error.
 */
export async function surprisalOf(loaded: Loaded, text: string, options: SurprisalOptions): Promise<Surprisal> {
  requireHead(loaded);
  const { mode = 'fast', signal, onProgress } = options;
  const topK = checkTopK(options.topK, loaded.config.vocabSize);
  const content = contentOf(loaded, text);
  const total = content.ids.length;
  const { from, to } = portionOf(options, total);
  const windows = mode === 'fast' ? windowsOf(total, content.room) : [];
  const answer = emptyAnswer(content, { mode, from, to, topK, windows });
  for (const { ids, rows, asked } of readings(loaded, content, options, from, to)) {
    const done = asked[0]! - from;
    const onText = (texts: number) =>
      onProgress?.({ stage: 'run', done: done + (texts / ids.length) * asked.length, total: to - from, unit: 'items' });
    const targets = (row: number) => [content.ids[asked[row]!]!];
    const answers = await loaded.session.score(ids, rows, { topK, targets }, { signal, onText });
    answers.forEach((row, r) => {
      store(answer, asked[r]! - from, row);
    });
  }
  loaded.times.lastTokens = to - from;
  for (const id of answer.bestIds) answer.strings[id] ??= loaded.tokenizer.tokenString(id);
  return answer;
}

/** What `surprisalOf` of the whole text would cost. In exact mode a few of its passes are counted, and the sum is in proportion. */
export function surprisalCost(
  loaded: Loaded,
  text: string,
  options: Pick<SurprisalOptions, 'mode' | 'around'>,
): { cost: RequestCost; tokens: number } {
  const { session, config } = loaded;
  const content = contentOf(loaded, text);
  const total = content.ids.length;
  const topK = checkTopK(undefined, config.vocabSize);
  const few = options.mode === 'exact' ? Math.min(total, 16) : total;
  const sum: RequestCost = { flops: 0, bytes: 0, ms: 0, activationBytes: 0 };
  for (const { ids, rows } of readings(loaded, content, options, 0, few)) {
    const { flops, bytes, ms, activationBytes } = session.scoreCost(ids, rows, topK, 1);
    sum.flops += flops;
    sum.bytes += bytes;
    sum.ms = ms === null || sum.ms === null ? null : sum.ms + ms;
    sum.activationBytes = Math.max(sum.activationBytes, activationBytes);
  }
  const times = few > 0 ? total / few : 1;
  const cost = { ...sum, flops: sum.flops * times, bytes: sum.bytes * times, ms: sum.ms === null ? null : sum.ms * times };
  return { cost, tokens: total };
}

function contentOf(loaded: Loaded, text: string): Content {
  const { tokenizer, config } = loaded;
  const { ids, offsets } = encodeWhole(loaded, text);
  const { before, after, ids: frame } = tokenizer.frame;
  return {
    ids: ids.slice(before, ids.length - after),
    offsets: offsets.slice(before, ids.length - after),
    before: frame.slice(0, before),
    after: frame.slice(before),
    room: config.maxPositions - before - after,
  };
}

function portionOf({ from = 0, to }: SurprisalOptions, total: number): { from: number; to: number } {
  const end = Math.min(to ?? total, total);
  if (from <= end) return { from, to: end };
  throw new InputError(`There are no tokens from ${from} to ${to ?? total}: the text has ${total}.`, { option: 'from', from, total });
}

/**
 * [start, end) of the windows in which a text of `total` tokens is read, each of `room` tokens and half of it in common with the next; one
 * window where the text fits.
 */
export function windowsOf(total: number, room: number): [number, number][] {
  if (total <= room) return [[0, total]];
  const windows: [number, number][] = [];
  const stride = Math.ceil(room / 2);
  let start = 0;
  for (; start + room < total; start += stride) windows.push([start, start + room]);
  windows.push([total - room, total]);
  return windows;
}

/** By window, the tokens that are asked in it: of two windows that hold a token, the one whose edge is farther away. */
export function ownersOf(windows: readonly [number, number][]): [number, number][] {
  const border = (i: number) => Math.floor((windows[i + 1]![0] + windows[i]![1]) / 2);
  return windows.map(([start, end], i) => [i === 0 ? start : border(i - 1), i === windows.length - 1 ? end : border(i)]);
}

/** What is read for the tokens [from, to), one piece after the other. */
function* readings(
  { tokenizer }: Loaded,
  content: Content,
  { mode = 'fast', around }: Pick<SurprisalOptions, 'mode' | 'around'>,
  from: number,
  to: number,
): Generator<Reading> {
  const { ids, before, after, room } = content;
  const framed = (start: number, end: number) => [...before, ...ids.slice(start, end), ...after];
  if (mode === 'fast') {
    const windows = windowsOf(ids.length, room);
    const owners = ownersOf(windows);
    for (const [i, [start, end]] of windows.entries()) {
      const first = Math.max(from, owners[i]![0]);
      const last = Math.min(to, owners[i]![1]);
      if (first >= last) continue;
      const asked = Array.from({ length: last - first }, (_, k) => first + k);
      const rows = asked.map(token => ({ text: 0, position: before.length + token - start }));
      yield { ids: [framed(start, end)], rows, asked };
    }
    return;
  }
  const width = Math.min(ids.length, room, (around ?? room) + 1);
  const perPortion = Math.max(1, Math.floor(tokensPerPortion / (width + before.length + after.length)));
  for (let first = from; first < to; first += perPortion) {
    const asked = Array.from({ length: Math.min(perPortion, to - first) }, (_, k) => first + k);
    const rows: MaskRow[] = [];
    const texts = asked.map((token, text) => {
      const start = Math.max(0, Math.min(token - (width >> 1), ids.length - width));
      const position = before.length + token - start;
      rows.push({ text, position });
      return framed(start, start + width).with(position, tokenizer.maskId);
    });
    yield { ids: texts, rows, asked };
  }
}

type Asked = Pick<Surprisal, 'mode' | 'from' | 'topK' | 'windows'> & { to: number };

function emptyAnswer({ ids, offsets }: Content, { mode, from, to, topK, windows }: Asked): Surprisal {
  const T = to - from;
  return {
    mode,
    from,
    total: ids.length,
    ids: Uint32Array.from(ids.slice(from, to)),
    offsets: Uint32Array.from(offsets.slice(from, to).flat()),
    bits: new Float32Array(T),
    ranks: new Uint32Array(T),
    entropy: new Float32Array(T),
    topK,
    bestIds: new Uint32Array(T * topK),
    bestBits: new Float32Array(T * topK),
    strings: {},
    windows,
  };
}

/** `at`: the token's place in the answer. */
function store(answer: Surprisal, at: number, { tokens, targets, entropy }: RowAnswer): void {
  answer.bits[at] = bitsOf(targets[0]!.logProb);
  answer.ranks[at] = targets[0]!.rank;
  answer.entropy[at] = Math.max(0, entropy / Math.LN2);
  tokens.forEach(({ id, logProb }, i) => {
    answer.bestIds[at * answer.topK + i] = id;
    answer.bestBits[at * answer.topK + i] = bitsOf(logProb);
  });
}

/** Never below 0, also where a rounded probability is over 1. */
const bitsOf = (logProb: number): number => Math.max(0, -logProb / Math.LN2);
