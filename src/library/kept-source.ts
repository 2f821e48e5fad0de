/** What loading by name does in every place that has a library: the kept copy, fetched first where it is missing. */

import { StorageError } from '../errors.ts';
import { quantizedSource } from '../quantize/quantized-source.ts';
import type { ModelSource } from '../source/source.ts';
import type { LoadOptions } from '../types.ts';
import type { Library } from './library.ts';
import type { KeptDtype } from './types.ts';

export interface KeptOptions extends Pick<LoadOptions, 'signal' | 'onProgress'> {
  dtype: KeptDtype;
  /** Any whole copy will do, whatever its format; only what is not there is fetched as `dtype`. */
  anyFormat?: boolean;
  token?: string;
  /** The model where it lies, for when it cannot be kept. */
  direct(): ModelSource;
}

/**
 * The kept copy of a model, verified as it is read; it is pulled first where there is none. Where nothing can be kept (no storage, no
 * room) the model is read from where it lies, converted as it would have been, and a `notice` of progress says so.
 * Errors: those of `Library.pull` but StorageError.
 */
export async function keptSource(library: Library | null, name: string, options: KeptOptions): Promise<ModelSource> {
  const { dtype, anyFormat = false, signal, onProgress, token, direct } = options;
  const tell = (notice: string) => onProgress?.({ stage: 'files', done: 0, total: 0, unit: 'bytes', notice });
  try {
    if (!library) throw new StorageError('There is no place for models here.');
    const there = anyFormat ? await library.find(name) : null;
    const entry = there?.state === 'ready' ? there : await library.pull(name, { dtype, token, signal, onProgress });
    return await library.open(entry.key, { onNotice: tell });
  } catch (error) {
    if (!(error instanceof StorageError)) throw error;
    tell(`running without saving: ${error.message}`);
    return dtype === 'original' ? direct() : quantizedSource(direct(), { dtype, signal });
  }
}
