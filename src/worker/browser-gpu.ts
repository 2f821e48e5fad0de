/** Opens WebGPU in a browser; if there is none, the error says what to do in this browser. */
import { NoAdapterError } from '../errors.ts';

/** Errors: NoAdapterError with the remedy of this browser. */
export async function browserGpu(): Promise<GPU> {
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
