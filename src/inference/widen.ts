/**
 * From f16 to f32 storage, for a model whose activations f16 cannot hold. The weights on the GPU stay: their format does not depend on how
 * activations are stored. The f16 buffers are freed before the f32 ones are made, so no more memory is needed than for an f32 load.
 */
import type { Environment } from './environment.ts';
import { f32Key, f32Note } from './finite.ts';
import { type InternalOptions, type Loaded, startSession } from './open.ts';

/** Changes `loaded`: the next request runs in f32. Errors: those of the GPU; the signal's reason. */
export async function storeInF32(env: Environment, loaded: Loaded, internal: InternalOptions, signal?: AbortSignal): Promise<void> {
  loaded.session.dispose();
  // The choices that earlier loads measured in f32, else the defaults: somebody waits for this request, so nothing is measured now.
  const options = { ...internal, tuneBudgetMs: 0 };
  const { session, reports } = await startSession(env, { ...loaded, weights: loaded.session.weights }, 'f32', options, { signal });
  // Changed only after all that may fail: after an error the next request finds the f16 session, which makes its buffers again.
  loaded.session = session;
  loaded.storage = 'f32';
  loaded.variants = reports;
}

/** For the notes of this load, and for the loads to come. */
export async function rememberF32(env: Environment, loaded: Loaded): Promise<void> {
  loaded.notes.add(f32Note);
  await env.tuning.set(f32Key(env.version, loaded.identity), 'f32');
}
