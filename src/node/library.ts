/** The library of models in Node: a folder of the platform's cache, the hub by HF_ENDPOINT, a token by HF_TOKEN. */
import { createHash } from 'node:crypto';
import { AffinageError, ModelSourceError } from '../errors.ts';
import { useHasher } from '../library/hash.ts';
import { Library } from '../library/library.ts';
import { gpuRows } from '../quantize/gpu-rows.ts';
import type { HttpOptions } from '../source/http.ts';
import { nodeGpu } from './gpu.ts';
import { hubSettings } from './hub-settings.ts';
import { nodeHttp } from './network.ts';
import { packageRoot } from './package-root.ts';
import { politely } from './polite-wait.ts';
import { FolderStorage } from './storage.ts';
import { cacheFolder } from './tuning-store.ts';

export interface NodeLibraryOptions {
  /** Base URL of the hub; default HF_ENDPOINT, else the public hub. */
  hub?: string;
  /** Default AFFINAGE_CACHE, else the platform's cache folder. */
  folder?: string;
  http?: HttpOptions;
}

/** The library of this user. Nothing is read or made before it is used. */
export function nodeLibrary({ hub, folder = cacheFolder(), http }: NodeLibraryOptions = {}): Library {
  // biome-ignore lint/correctness/useHookAtTopLevel: no hook of React
  useHasher(createHash);
  const settings = hubSettings();
  return new Library({
    storage: new FolderStorage(folder),
    hub: hub ?? settings.hub,
    http: { ...nodeHttp(), token: settings.token, ...http },
    online: settings.online,
    version: packageRoot().version,
    // Bit for bit what the processor computes, from wherever that is faster; opened for large models only.
    quantizeRows: gpuRows({ gpu: () => nodeGpu({ quiet: true }), whileWaiting: politely }).quantizeRows,
  });
}

/** Where a token would help, says how it is given here; where one was refused, where it came from. */
export function withTokenHint(error: unknown): unknown {
  if (!(error instanceof AffinageError) || !error.details.needsToken) return error;
  const { token, tokenFrom } = hubSettings();
  const hint = token
    ? `The token came from ${tokenFrom}; HF_HUB_DISABLE_IMPLICIT_TOKEN=1 leaves it out.`
    : 'Here a token is given by the environment variable HF_TOKEN, or stored by "hf auth login".';
  return new ModelSourceError(`${error.message} ${hint}`, { ...error.details }, { cause: error });
}
