/** The library of models in Node: a folder of the platform's cache, the hub by HF_ENDPOINT, a token by HF_TOKEN. */
import { createHash } from 'node:crypto';
import { AffinageError, ModelSourceError } from '../errors.ts';
import { useHasher } from '../library/keeping/hash.ts';
import { Library } from '../library/library.ts';
import { type OptionTable, readOptions } from '../options/read.ts';
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

const milliseconds = { kind: 'whole', min: 0, max: 2 ** 31 - 1 } as const;
const nodeLibraryTable = {
  hub: { kind: 'text', instead: ['endpoint', 'baseUrl', 'url'] },
  folder: { kind: 'text', instead: ['cache', 'cache_dir', 'cacheFolder', 'path', 'dir'] },
  http: {
    kind: 'options',
    table: {
      fetch: { kind: 'function' },
      name: { kind: 'text' },
      remedy: { kind: 'text' },
      windowBytes: { kind: 'whole', min: 1, max: 2 ** 31 },
      attempts: { kind: 'whole', min: 1, max: 1000 },
      backoffMs: milliseconds,
      stallMs: milliseconds,
      longestWaitMs: milliseconds,
      token: { kind: 'text' },
      cache: { kind: 'choice', of: ['default', 'force-cache', 'no-cache', 'no-store', 'only-if-cached', 'reload'] },
      onWait: { kind: 'function' },
      diagnose: { kind: 'function' },
      smallFileMs: milliseconds,
      authorization: { kind: 'text' },
    } satisfies OptionTable<HttpOptions>,
  },
} as const satisfies OptionTable<NodeLibraryOptions>;

/** The library of this user. Nothing is read or made before it is used. Errors: InputError for options. */
export function nodeLibrary(options?: NodeLibraryOptions): Library {
  const { hub, folder = cacheFolder(), http } = readOptions<NodeLibraryOptions>('nodeLibrary', nodeLibraryTable, options);
  // biome-ignore lint/correctness/useHookAtTopLevel: no hook of React
  useHasher(createHash);
  const settings = hubSettings();
  return new Library({
    storage: new FolderStorage(folder),
    hub: hub ?? settings.hub,
    http: { ...nodeHttp(), token: settings.token, ...http },
    online: settings.online,
    version: packageRoot().version,
    // Gives the same bits as the CPU's quantizer, on whichever is faster; the GPU is opened for large models only.
    quantizeRows: gpuRows({ gpu: () => nodeGpu({ quiet: true }), whileWaiting: politely }).quantizeRows,
  });
}

/** Adds to an error how a token is given in Node if one would help; if a token was refused, adds where it came from. */
export function withTokenHint(error: unknown): unknown {
  if (!(error instanceof AffinageError) || !error.details.needsToken) return error;
  const { token, tokenFrom } = hubSettings();
  const hint = token
    ? `The token came from ${tokenFrom}; HF_HUB_DISABLE_IMPLICIT_TOKEN=1 leaves it out.`
    : 'Here a token is given by the environment variable HF_TOKEN, or stored by "hf auth login".';
  return new ModelSourceError(`${error.message} ${hint}`, { ...error.details }, { cause: error });
}
