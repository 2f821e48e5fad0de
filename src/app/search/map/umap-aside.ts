/** Asks the worker that runs UMAP. */
import type { UmapAsk, UmapSays } from './umap.worker.ts';

/** Fewer points have no neighbourhood to keep. */
export const FEWEST = 5;

/** Places of the rows of `data`, [n, 2]; `data` is given away. Aborting ends the worker. `onShare`: the part that is done. */
export async function umapAside(
  data: Float32Array<ArrayBuffer>,
  dim: number,
  signal: AbortSignal,
  onShare: (share: number) => void,
): Promise<Float32Array<ArrayBuffer>> {
  const { default: UmapWorker } = await import('./umap.worker.ts?worker');
  signal.throwIfAborted();
  const worker = new UmapWorker();
  try {
    return await new Promise((resolve, reject) => {
      signal.addEventListener('abort', () => reject(signal.reason), { once: true });
      worker.addEventListener('error', event => reject(new Error(`UMAP stopped: ${event.message || 'its worker did not start'}`)));
      worker.addEventListener('message', ({ data: says }: MessageEvent<UmapSays>) => {
        if ('xy' in says) resolve(says.xy);
        else onShare(says.share);
      });
      worker.postMessage({ data, dim } satisfies UmapAsk, [data.buffer]);
    });
  } finally {
    worker.terminate();
  }
}
