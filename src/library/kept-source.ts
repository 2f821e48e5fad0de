/** Loading by name where there is a library: opens the kept copy, and pulls it first if there is none. */

import { StorageError } from '../errors.ts';
import { quantizedSource } from '../quantize/quantized-source.ts';
import type { ModelSource } from '../source/source.ts';
import type { LoadOptions } from '../types.ts';
import type { Library } from './library.ts';
import type { KeptDtype } from './types.ts';

export interface KeptOptions extends Pick<LoadOptions, 'signal' | 'onProgress'> {
  dtype: KeptDtype;
  /** Accept a kept copy in any format; `dtype` is then only the format of a new pull. */
  anyFormat?: boolean;
  token?: string;
  /** Opens the model at its origin, for when it cannot be kept. */
  direct(): ModelSource;
}

/**
 * The kept copy of a model, verified as it is read; it is pulled first where there is none. Where nothing can be kept (no storage, no
 * room) the model is read from its origin, converted in the same way, and a `notice` of progress reports it.
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
