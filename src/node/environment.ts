/** Node as a place for the engine: Dawn, local folders, the cache folder, HF_ENDPOINT. */
import { statSync } from 'node:fs';
import { join } from 'node:path';
import type { Environment } from '../engine/environment.ts';
import type { HttpOptions } from '../source/http.ts';
import { openByName } from '../source/hub.ts';
import type { ModelSource } from '../source/source.ts';
import { FolderSource, folderPath } from './folder.ts';
import { nodeGpu } from './gpu.ts';
import { packageRoot } from './package-root.ts';
import { politely } from './polite-wait.ts';
import { cacheFolder, folderTuning } from './tuning-store.ts';

export interface NodeSettings {
  /** Base URL of the hub; default HF_ENDPOINT, else the public hub. */
  hub?: string;
  /** Keeps the GPU driver's own output off stderr while it is looked for; for command lines. */
  quiet?: boolean;
  /** Hears what goes on without harm (a cache that cannot be written). */
  onNotice?: (text: string) => void;
  http?: HttpOptions;
}

export function nodeEnvironment(settings: NodeSettings = {}): Environment {
  return {
    gpu: () => nodeGpu({ quiet: settings.quiet }),
    whileWaiting: politely,
    openSource: async name => openNodeSource(name, settings),
    tuning: folderTuning(cacheFolder(), settings.onNotice),
    version: packageRoot().version,
  };
}

/**
 * `mini` (the model in this package), an http(s) address, a folder (an existing one, or written with . / ~ first), else a hub id.
 * Errors: ModelSourceError.
 */
export function openNodeSource(name: string, { hub = process.env.HF_ENDPOINT || undefined, http = {} }: NodeSettings = {}): ModelSource {
  if (name === 'mini') return new FolderSource(join(packageRoot().folder, 'public', 'models', 'mini'), 'mini');
  if (/^https?:\/\//i.test(name)) return openByName(name, { hub, ...http });
  const isPath = /^[./~\\]|^[A-Za-z]:[\\/]/.test(name);
  if (name !== '' && (isPath || isFolder(name))) return new FolderSource(name);
  return openByName(name, { hub, ...http });
}

function isFolder(name: string): boolean {
  try {
    return statSync(folderPath(name), { throwIfNoEntry: false })?.isDirectory() ?? false;
  } catch {
    return false; // too long, or with a character that no path has
  }
}
