/** What the engine needs from a browser; the same in a page and in a worker. */
import type { Environment } from '../inference/environment.ts';
import { checkedExport } from '../library/entry/exported-source.ts';
import { keptSource } from '../library/kept-source.ts';
import { HttpSource } from '../source/http.ts';
import { hubIdOfPage, openByName } from '../source/hub.ts';
import type { ModelSource } from '../source/source.ts';
import type { LoadOptions } from '../types.ts';
import { browserGpu } from './browser-gpu.ts';
import { openLibrary } from './browser-library.ts';
import type { Settings } from './protocol.ts';
import { browserTuning } from './tuning-store.ts';

/** Put in by the build from package.json. */
declare const __AFFINAGE_VERSION__: string;

export function browserEnvironment(settings: Settings = {}): Environment {
  return {
    gpu: browserGpu,
    openSource: (name, options) => openBrowserModel(name, settings, options),
    openPicked: checkedExport,
    tuning: browserTuning(),
    version: __AFFINAGE_VERSION__,
  };
}

/**
 * Opens the source that a name means: files beside the page directly; a hub's model or another address through this browser's library,
 * which stores it at the first load. `auto`: any stored copy, else a hub's model as q4 and an address unchanged. Errors: those of `keptSource`.
 */
async function openBrowserModel(
  name: string,
  settings: Settings,
  { dtype = 'auto', signal, onProgress }: Pick<LoadOptions, 'dtype' | 'signal' | 'onProgress'> = {},
): Promise<ModelSource> {
  const direct = () => openBrowserSource(name, settings);
  if (isBesidePage(name) || settings.keep === false) return direct();
  return keptSource(await openLibrary(settings), name, {
    dtype: dtype !== 'auto' ? dtype : isOtherAddress(name, settings.hub) ? 'original' : 'q4',
    anyFormat: dtype === 'auto',
    token: settings.token,
    signal,
    onProgress,
    direct,
  });
}

const isOtherAddress = (name: string, hub?: string) => /^https?:/i.test(name) && !hubIdOfPage(name, hub);
const isBesidePage = (name: string) => name === 'mini' || /^[./]/.test(name);

/**
 * `mini` (the folder models/mini beside the page), an http(s) address, an address relative to the page (with . or / first), else a hub id.
 * Errors: ModelSourceError.
 */
export function openBrowserSource(name: string, { baseUrl = globalThis.location?.href, hub, token }: Settings = {}): ModelSource {
  if (name === 'mini') return new HttpSource(new URL('models/mini/', baseUrl).href, { name });
  if (isBesidePage(name)) return new HttpSource(new URL(name, baseUrl).href, { name });
  // The token is only for the hub; no other host gets it.
  return openByName(name, isOtherAddress(name, hub) ? { hub } : { hub, token });
}
