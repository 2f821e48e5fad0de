/** What the engine needs from Node: the GPU through Dawn, local folders, the cache folder, HF_ENDPOINT. */
import { statSync } from 'node:fs';
import { join } from 'node:path';
import { ModelSourceError } from '../errors.ts';
import type { Environment } from '../inference/environment.ts';
import { checkedExport } from '../library/entry/exported-source.ts';
import { keptSource } from '../library/kept-source.ts';
import type { HttpOptions } from '../source/http.ts';
import { hubIdOfPage, openByName, parseHubId } from '../source/hub.ts';
import type { ModelSource } from '../source/source.ts';
import type { LoadOptions } from '../types.ts';
import { recoverReplaced } from './drafts.ts';
import { FolderSource, folderPath } from './folder.ts';
import { nodeGpu } from './gpu.ts';
import { hubSettings } from './hub-settings.ts';
import { nodeLibrary, withTokenHint } from './library.ts';
import { nodeHttp } from './network.ts';
import { packageRoot } from './package-root.ts';
import { politely } from './polite-wait.ts';
import { cacheFolder, folderTuning } from './tuning-store.ts';

export interface NodeSettings {
  /** Base URL of the hub; default HF_ENDPOINT, else the public hub. */
  hub?: string;
  /** Hides the GPU driver's own output on stderr while an adapter is searched; for the command line. */
  quiet?: boolean;
  /** Called with problems that do not stop the work (a cache that cannot be written). */
  onNotice?: (text: string) => void;
  http?: HttpOptions;
}

export function nodeEnvironment(settings: NodeSettings = {}): Environment {
  return {
    gpu: () => nodeGpu({ quiet: settings.quiet }),
    whileWaiting: politely,
    openSource: (name, options) => openNodeModel(name, settings, options),
    openPicked: checkedExport,
    tuning: folderTuning(cacheFolder(), settings.onNotice),
    version: packageRoot().version,
  };
}

/**
 * Opens the source that a name means: `mini`, folders and plain addresses directly; a hub's model from the library, pulled first if it is
 * missing. `auto` takes any whole copy in the library, else pulls q4. Errors: those of `keptSource`.
 */
async function openNodeModel(
  name: string,
  settings: NodeSettings,
  { dtype = 'auto', signal, onProgress }: Pick<LoadOptions, 'dtype' | 'signal' | 'onProgress'> = {},
): Promise<ModelSource> {
  const direct = () => openNodeSource(name, settings);
  if (isDirect(name, settings)) return name === 'mini' || isAddress(name) ? direct() : checkedExport(direct(), signal);
  const told: LoadOptions['onProgress'] = progress => {
    if (progress.notice) settings.onNotice?.(progress.notice);
    onProgress?.(progress);
  };
  const library = nodeLibrary({ hub: settings.hub, http: settings.http });
  const options = { dtype: dtype === 'auto' ? 'q4' : dtype, anyFormat: dtype === 'auto', signal, onProgress: told, direct } as const;
  try {
    return await keptSource(library, name, options);
  } catch (error) {
    throw withTokenHint(error);
  }
}

/**
 * Opens a model of which only small files are needed (its tokenizer): the kept copy if there is one, else the origin. Pulls nothing.
 * Errors: ModelSourceError.
 */
export async function openForGlance(name: string, settings: NodeSettings = {}): Promise<ModelSource> {
  if (isDirect(name, settings)) return openNodeSource(name, settings);
  const library = nodeLibrary({ hub: settings.hub, http: settings.http });
  const entry = await library.find(name).catch(() => null);
  return entry?.state === 'ready' ? library.open(entry.key) : openNodeSource(name, settings);
}

function openOffline(name: string): never {
  throw new ModelSourceError(
    `${name} is on the hub, and the network is switched off (HF_HUB_OFFLINE). Pull it while online, or name a folder.`,
    { source: name },
  );
}

function isDirect(name: string, { hub = hubSettings().hub }: NodeSettings): boolean {
  if (name === 'mini') return true;
  if (isAddress(name)) return hubIdOfPage(name, hub) === null;
  return name !== '' && (isFolder(name) || isPath(name));
}

const isAddress = (name: string): boolean => /^https?:\/\//i.test(name);
const isPath = (name: string): boolean => /^[./~\\]|^[A-Za-z]:[\\/]/.test(name);

/**
 * `mini` (the model in this package), an http(s) address, a folder (an existing one, or written with . / ~ first), else a hub id.
 * Errors: ModelSourceError.
 */
export function openNodeSource(name: string, { hub = hubSettings().hub, http = {} }: NodeSettings = {}): ModelSource {
  if (name === 'mini') return new FolderSource(miniFolder(), 'mini');
  const options = { hub, ...nodeHttp(), token: hubSettings().token, ...http };
  if (isAddress(name)) return openByName(name, options);
  if (name !== '' && (isFolder(name) || isPath(name))) return new FolderSource(name);
  if (!hubSettings().online && parseHubId(name)) return openOffline(name);
  return openByName(name, options);
}

/** The folder that a name is read from directly; null for the hub's models and addresses. */
export function localFolder(name: string): string | null {
  if (name === 'mini') return miniFolder();
  if (isAddress(name) || name === '') return null;
  return isFolder(name) || isPath(name) ? folderPath(name) : null;
}

const miniFolder = (): string => join(packageRoot().folder, 'public', 'models', 'mini');

function isFolder(name: string): boolean {
  try {
    const path = folderPath(name);
    if (statSync(path, { throwIfNoEntry: false })?.isDirectory()) return true;
    recoverReplaced(path);
    return statSync(path, { throwIfNoEntry: false })?.isDirectory() ?? false;
  } catch {
    return false; // too long, or with a character that paths cannot have
  }
}
