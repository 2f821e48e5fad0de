/** Handles texts that are longer than the model's context, in a run over many texts. */

import { InputError, InputTooLongError } from '../errors.ts';
import type { Embeddings, EmbedOptions, Model } from '../types.ts';
import type { Line } from './lines.ts';

export const longPolicies = ['error', 'truncate', 'windows'] as const;
export type LongPolicy = (typeof longPolicies)[number];

/** For the help of a command. */
export const longNotes = [
  '--long: by default a text over the context is an error, which names its line before the work starts, or, for standard input, at the end;',
  'its row is then null (NaN in .npy) and all others are there. truncate cuts such texts and says how many. windows reads them whole, in',
  "parts of the context's length that overlap: the vector is the mean of theirs, each weighted by its number of tokens. Tokens of an overlap",
  '(--overlap, default an eighth of a part) count twice. --max-tokens N cuts every text at N tokens, or with windows makes parts of N tokens.',
];

/** A text has at most 16 tokens for each byte: no known normalizer lengthens a text by more. */
const bytesPerTokenAtLeast = 1 / 16;
const windowsPerRequest = 16;

export interface LongOptions {
  policy: LongPolicy;
  /** Tokens that two windows have in common. */
  overlap?: number;
}

export interface TooLong {
  number: number;
  tokens: number | null;
}

/** Embeds texts of any length by one of the policies, and counts what it did. */
export class LongTexts {
  /** Texts cut, texts read in windows, texts left out. */
  cut = 0;
  windowed = 0;
  readonly refused: TooLong[] = [];
  refusedCount = 0;

  private constructor(
    readonly model: Model,
    readonly options: EmbedOptions,
    readonly policy: LongPolicy,
    /** Tokens that a text may have, special ones included. */
    readonly limit: number,
    readonly overlap: number,
    readonly context: number,
    /** The limit comes from the model's own folder. */
    readonly isOwnLimit: boolean,
    /** Tokens that a prompt adds to each text. */
    readonly promptTokens: number,
    /** Vectors have length 1. */
    readonly isNormalized: boolean,
  ) {}

  /** Errors: InputError for an overlap that leaves a window nothing new. */
  static async create(model: Model, options: EmbedOptions, { policy, overlap }: LongOptions): Promise<LongTexts> {
    const { architecture, embedding } = await model.report();
    const { context } = architecture;
    const limit = Math.min(options.maxTokens ?? embedding.maxTokens ?? context, context);
    const isOwnLimit = options.maxTokens === undefined && embedding.maxTokens !== null;
    const common = overlap ?? Math.floor(limit / 8);
    if (policy === 'windows' && common > limit / 2)
      throw new InputError(`--overlap is ${common}; it can be at most half of a window, which has ${limit} tokens.`);
    const prompt = options.prompt ?? embedding.prompts[options.promptName ?? embedding.defaultPrompt ?? ''] ?? '';
    const promptTokens = prompt === '' ? 0 : (await model.tokenize(prompt)).ids.length - (await model.tokenize('')).ids.length;
    if (policy === 'windows' && promptTokens > limit / 2)
      throw new InputError(`The prompt has ${promptTokens} tokens, more than half of a window of ${limit}. Use a shorter prompt.`);
    const isNormalized = options.normalize ?? embedding.layers.at(-1) === 'Normalize';
    return new LongTexts(model, options, policy, limit, common, context, isOwnLimit, promptTokens, isNormalized);
  }

  /** The number of tokens of a text that is too long for the model or the options; null where it fits. */
  async tokensOver(text: string): Promise<TooLong['tokens'] | undefined> {
    const room = this.limit - this.promptTokens;
    if (Buffer.byteLength(text) <= room * bytesPerTokenAtLeast) return undefined;
    try {
      const { ids } = await this.model.tokenize(text);
      return ids.length > room ? ids.length : undefined;
    } catch (error) {
      if (!(error instanceof InputTooLongError)) throw error;
      return typeof error.details.tokens === 'number' ? error.details.tokens : null;
    }
  }

  /** Whether a text that is too long is an error: not if --max-tokens or the model's folder says that it is cut. */
  get refuses(): boolean {
    return this.policy === 'error' && this.options.maxTokens === undefined && !this.isOwnLimit;
  }

  /** Records that a text is too long. */
  refuse(number: number, tokens: TooLong['tokens']): void {
    this.refusedCount++;
    if (this.refused.length < 10) this.refused.push({ number, tokens });
  }

  /** Errors: InputTooLongError that names the first lines that were refused, where there are any. */
  throwRefused(name: string, what: string, item = 'line'): void {
    const [first] = this.refused;
    if (!first) return;
    const others = this.refusedCount - this.refused.length;
    const numbers = this.refused.map(({ number }) => number).join(', ') + (others > 0 ? ` and ${others} more` : '');
    const tokens = first.tokens === null ? 'too many tokens' : `${first.tokens} tokens`;
    const which =
      this.refusedCount === 1
        ? `${item} ${numbers} of ${name} has ${tokens}`
        : `${this.refusedCount} ${item}s of ${name} are too long (${numbers}): ${item} ${first.number} has ${tokens}`;
    throw new InputTooLongError(
      `${which}; this model reads at most ${this.context}. ${what} Shorten such texts, or choose --long truncate (cut them) or --long windows (read them in parts).`,
      { tokens: first.tokens, maxTokens: this.context, lines: this.refused.map(({ number }) => number) },
    );
  }

  /** A vector for each text, in their order; null for one that is refused. Without long texts a single request. */
  async embed(lines: readonly Line[]): Promise<(Embeddings | null)[]> {
    const { policy, options, model } = this;
    const over = await Promise.all(lines.map(({ text }) => this.tokensOver(text)));
    const cuts = { ...options, ...(policy !== 'windows' && !this.refuses && { maxTokens: this.limit }) };
    const whole = lines.filter((_, i) => over[i] === undefined || (policy !== 'windows' && !this.refuses));
    const parts: (Embeddings | null)[] = [];
    const short =
      whole.length > 0
        ? await model.embed(
            whole.map(({ text }) => text),
            cuts,
          )
        : null;
    if (short && whole.length === lines.length) {
      this.cut += over.filter(tokens => tokens !== undefined).length;
      return [short];
    }
    let row = 0;
    for (const [i, line] of lines.entries()) {
      const tokens = over[i];
      if (tokens === undefined && short) parts.push(rowOf(short, row++));
      else if (policy === 'windows') parts.push(await this.#inWindows(line.text));
      else {
        this.refuse(line.number, tokens ?? null);
        parts.push(null);
      }
    }
    return parts;
  }

  async #inWindows(text: string): Promise<Embeddings> {
    this.windowed++;
    const { model, limit, options } = this;
    const windows = await windowsOf(model, text, limit - this.promptTokens, this.overlap);
    let sum = new Float64Array();
    let total = 0;
    for (let at = 0; at < windows.length; at += windowsPerRequest) {
      const some = windows.slice(at, at + windowsPerRequest);
      const { data, dim } = await model.embed(
        some.map(window => window.text),
        { ...options, normalize: false, maxTokens: limit },
      );
      if (sum.length === 0) sum = new Float64Array(dim);
      some.forEach(({ tokens }, w) => {
        total += tokens;
        for (let k = 0; k < dim; k++) sum[k]! += tokens * data[w * dim + k]!;
      });
    }
    const length = !this.isNormalized ? total : Math.sqrt(sum.reduce((squares, x) => squares + x * x, 0));
    const data = Float32Array.from(sum, x => (length > 0 ? x / length : 0));
    return { data, rows: 1, dim: sum.length, offsets: Uint32Array.of(0, 1) };
  }
}

function rowOf({ data, dim, offsets }: Embeddings, text: number): Embeddings {
  const [from = 0, to = 0] = offsets.subarray(text, text + 2);
  return { data: data.slice(from * dim, to * dim), rows: to - from, dim, offsets: Uint32Array.of(0, to - from) };
}

interface Window {
  text: string;
  /** With the special ones. */
  tokens: number;
}

/**
 * A text in parts of at most `limit` tokens that have about `overlap` tokens in common. Parts begin and end between words where that
 * shortens them by less than an eighth.
 */
export async function windowsOf(model: Pick<Model, 'tokenize'>, text: string, limit: number, overlap: number): Promise<Window[]> {
  const windows: Window[] = [];
  for (let start = 0; ; ) {
    // Enough text to fill a window, but not all of a long one each time.
    let span = limit * 8;
    let encoding = await model.tokenize(text.slice(start, start + span), { maxTokens: limit });
    const filled = () =>
      encoding.offsets.reduce((most, [, to]) => Math.max(most, to), 0) < text.slice(start, start + span).trimEnd().length;
    while (!filled() && start + span < text.length) {
      span *= 2;
      encoding = await model.tokenize(text.slice(start, start + span), { maxTokens: limit });
    }
    if (!filled()) {
      windows.push({ text: text.slice(start), tokens: encoding.ids.length });
      return windows;
    }
    const real = encoding.offsets.filter(([from, to]) => to > from);
    const last = start + Math.max(...real.map(([, to]) => to));
    const end = betweenWords(text, start + Math.floor((last - start) * (7 / 8)), last);
    const part = text.slice(start, end);
    windows.push({ text: part, tokens: (await model.tokenize(part, { maxTokens: limit })).ids.length });
    // The first token of the overlap, counted back from the end of this part.
    const inside = real.filter(([, to]) => start + to <= end);
    const from = start + (inside.at(-Math.max(1, overlap))?.[0] ?? 0);
    const next = overlap === 0 ? end : Math.min(end, betweenWords(text, start + 1, from));
    start = next > start ? next : end;
  }
}

/** The last place in [from, to] that follows a space; `to` where there is none. */
function betweenWords(text: string, from: number, to: number): number {
  if (/\s/.test(text[to] ?? ' ')) return to;
  for (let at = to; at > from; at--) if (/\s/.test(text[at - 1] ?? '')) return at;
  return to;
}
