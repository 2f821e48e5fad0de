/** `loadModel` for a given place: see Environment. */

import { forCaller } from '../options/caller.ts';
import { readOptions, readSource } from '../options/read.ts';
import { loadTable } from '../options/tables.ts';
import type { ModelSource } from '../source/source.ts';
import type { LoadOptions, Model, SourceLike } from '../types.ts';
import type { Environment } from './environment.ts';
import { LocalModel } from './local-model.ts';
import { type InternalOptions, openModel } from './open.ts';
import { rememberF32, storeInF32 } from './widen.ts';

export type LoadModel = (source: SourceLike, options?: LoadOptions) => Promise<Model>;

/**
 * Makes the `loadModel` of an environment. It resolves when the model is ready to answer: weights on the GPU, variants
 * chosen, pipelines compiled. Errors: those of errors.ts, the signal's reason, or what `onProgress` threw.
 */
export function createLoader(env: Environment, internal: InternalOptions = {}): LoadModel {
  return async (source, options) => {
    const { signal, onProgress, ...plain } = readOptions<LoadOptions>('loadModel', loadTable, options);
    const named = readSource('loadModel', source);
    return forCaller({ signal, onProgress }, async own => {
      const opened: ModelSource =
        typeof named === 'string'
          ? await env.openSource(named, { ...plain, ...own })
          : ((await env.openPicked?.(named, own.signal)) ?? named);
      const loaded = await openModel(env, opened, { ...plain, ...own }, internal);
      // The signal and the progress of the caller were meant for the first load only.
      return new LocalModel(opened.name, loaded, {
        reopen: () => openModel(env, opened, plain, internal),
        storeInF32: (current, signal) => storeInF32(env, current, internal, signal),
        rememberF32: current => rememberF32(env, current),
      });
    });
  };
}
