/** A browser as a place for the engine, in a page and in a worker alike. */
import type { Environment } from '../engine/environment.ts';
import { NoAdapterError } from '../errors.ts';
import { HttpSource } from '../source/http.ts';
import { openByName } from '../source/hub.ts';
import type { ModelSource } from '../source/source.ts';
import type { Settings } from './protocol.ts';
import { browserTuning } from './tuning-store.ts';

/** Put in by the build from package.json. */
declare const __AFFINAGE_VERSION__: string;

export function browserEnvironment(settings: Settings = {}): Environment {
  return {
    gpu: browserGpu,
    openSource: async name => openBrowserSource(name, settings),
    tuning: browserTuning(),
    version: __AFFINAGE_VERSION__,
  };
}

/**
 * `mini` (the folder models/mini beside the page), an http(s) address, an address relative to the page (with . or / first), else a hub id.
 * Errors: ModelSourceError.
 */
export function openBrowserSource(name: string, { baseUrl = globalThis.location?.href, hub }: Settings = {}): ModelSource {
  if (name === 'mini') return new HttpSource(new URL('models/mini/', baseUrl).href, { name });
  if (/^[./]/.test(name)) return new HttpSource(new URL(name, baseUrl).href, { name });
  return openByName(name, { hub });
}

async function browserGpu(): Promise<GPU> {
  const gpu = (navigator as { gpu?: GPU }).gpu;
  const why = gpu ? 'This browser has WebGPU but offers no adapter for it.' : 'This browser has no WebGPU.';
  if (gpu && (await gpu.requestAdapter({ powerPreference: 'high-performance' }))) return gpu;
  throw new NoAdapterError(`${why} ${browserRemedy(navigator.userAgent, globalThis.isSecureContext)}`, { hasWebGpu: gpu !== undefined });
}

/** What to do in this browser. */
export function browserRemedy(userAgent: string, secure: boolean): string {
  if (!secure) return 'Open the page over https:// or from localhost: browsers give WebGPU to secure pages only.';
  if (/Firefox\//.test(userAgent)) return 'Use a current Firefox, or set dom.webgpu.enabled to true in about:config; then restart it.';
  if (/Chrome\/|Chromium\//.test(userAgent)) {
    return 'Use a current version, switch on graphics acceleration in its settings, and on Linux enable chrome://flags/#enable-unsafe-webgpu; then restart it.';
  }
  if (/Safari\//.test(userAgent)) return 'Use Safari 26 or later.';
  return 'Use a current Chrome, Edge, Firefox or Safari.';
}
