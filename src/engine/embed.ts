/** Texts → vectors. */
import { InputError } from '../errors.ts';
import { encodeText } from './encode.ts';
import type { Loaded } from './open.ts';
import type { Embeddings, EmbedOptions } from './types.ts';

/**
 * One vector a text (mean over all its tokens, or [CLS]), or one a token (`none`), from the last hidden state.
 * An empty text is its special tokens. `texts` and `options` were read at the border. Errors: InputError, InputTooLongError naming the text.
 */
export async function embedTexts(loaded: Loaded, texts: readonly string[], options: EmbedOptions): Promise<Embeddings> {
  const { pooling = 'mean', normalize = pooling !== 'none', maxTokens, signal, onProgress } = options;
  const ids = texts.map((text, i) => {
    signal?.throwIfAborted();
    return named(`text ${i + 1} of ${texts.length}`, texts.length, () => encodeText(loaded, text, { maxTokens }).ids);
  });
  const offsets = new Uint32Array(texts.length + 1);
  ids.forEach((list, i) => {
    offsets[i + 1] = offsets[i]! + (pooling === 'none' ? list.length : 1);
  });
  const data = await loaded.session.vectors(ids, pooling, normalize, {
    signal,
    onText: (done, total) => onProgress?.({ stage: 'run', done, total, unit: 'items' }),
  });
  loaded.times.lastTokens = ids.reduce((n, list) => n + list.length, 0);
  return { data, rows: offsets[texts.length]!, dim: loaded.config.hiddenSize, offsets };
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
