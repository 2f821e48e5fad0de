/** `loadModel` for a given place: see Environment. */
import type { ModelSource } from '../source/source.ts';
import { LocalModel } from './engine.ts';
import type { Environment } from './environment.ts';
import { type InternalOptions, openModel } from './open.ts';
import type { LoadOptions, Model, SourceLike } from './types.ts';

export type LoadModel = (source: SourceLike, options?: LoadOptions) => Promise<Model>;

/**
 * Makes the `loadModel` of an environment. It resolves when the model is ready to answer: weights on the GPU, variants
 * chosen, pipelines compiled. Errors: those of errors.ts, or the signal's reason.
 */
export function createLoader(env: Environment, internal: InternalOptions = {}): LoadModel {
  return async (source, options = {}) => {
    const opened: ModelSource = typeof source === 'string' ? await env.openSource(source, options) : source;
    const loaded = await openModel(env, opened, options, internal);
    // The first load's signal and progress belong to the first load.
    const again = { ...options, signal: undefined, onProgress: undefined };
    return new LocalModel(opened.name, loaded, () => openModel(env, opened, again, internal));
  };
}
