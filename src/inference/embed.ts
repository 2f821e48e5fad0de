/** Texts → vectors. */
import { InputError } from '../errors.ts';
import type { Embeddings, EmbedOptions } from '../types.ts';
import { planEmbed } from './embed-plan.ts';
import { encodeWhole, fitContext } from './encode.ts';
import type { Loaded } from './open.ts';

/**
 * One vector a text as the model's folder says (by default the mean over all its tokens), or one a token (`none`), from the last
 * hidden state. An empty text is its special tokens. `texts` and `options` were read at the border. Errors: InputError for options
 * that do not go together, InputTooLongError naming the text, ConfigError where the folder asks for what is not computed.
 */
export async function embedTexts(loaded: Loaded, texts: readonly string[], options: EmbedOptions): Promise<Embeddings> {
  const { signal, onProgress } = options;
  const plan = planEmbed(loaded, options);
  const { tail, columns, prompt, skip, maxTokens } = plan;
  const within = { tokenizer: loaded.embedTokenizer, config: loaded.config };
  const cut: number[] = [];
  const ids = texts.map((text, i) => {
    signal?.throwIfAborted();
    return named(`text ${i + 1} of ${texts.length}`, texts.length, () => {
      const whole = prompt === '' ? text : prompt + text;
      const encoded = encodeWhole(within, whole);
      if (plan.isOwnLimit && encoded.ids.length > maxTokens!) cut.push(i);
      const encoding = fitContext(within, encoded, { maxTokens });
      if (encoding.ids.length > skip) return encoding.ids;
      throw new InputError('After the prompt nothing of this text is left to pool. Use a shorter prompt, or a larger maxTokens.');
    });
  });
  const offsets = new Uint32Array(texts.length + 1);
  ids.forEach((list, i) => {
    offsets[i + 1] = offsets[i]! + (tail.poolings.length === 0 ? list.length : 1);
  });
  const data = await loaded.session.vectors(ids, tail, {
    signal,
    skip,
    columns,
    onText: (done, total) => onProgress?.({ stage: 'run', done, total, unit: 'items' }),
  });
  if (plan.normalizeAfterCut) normalizeRows(data, columns);
  loaded.times.lastTokens = ids.reduce((n, list) => n + list.length, 0);
  const said = cut.length > 0 ? { cut: { texts: cut, maxTokens: maxTokens!, limit: loaded.sentence.maxTokensFrom } } : {};
  return { data, rows: offsets[texts.length]!, dim: columns, offsets, ...said };
}

/** Rows to length 1, in place, as the kernel does: divided by at least 1e-12. */
function normalizeRows(data: Float32Array, width: number): void {
  for (let at = 0; at < data.length; at += width) {
    const row = data.subarray(at, at + width);
    const length = Math.max(Math.sqrt(row.reduce((sum, x) => sum + x * x, 0)), 1e-12);
    row.forEach((x, i) => {
      row[i] = x / length;
    });
  }
}

/** Says which of several texts an input error is about. */
export function named<T>(what: string, count: number, work: () => T): T {
  try {
    return work();
  } catch (error) {
    if (count > 1 && error instanceof InputError) error.message = `${what}: ${error.message}`;
    throw error;
  }
}
