/** Runs UMAP beside the page: preparing it takes most of a second in one piece. */
import { paintPace } from '../../lib/pace.ts';
import { umap } from './umap.ts';

/** What the page asks. */
export interface UmapAsk {
  data: Float32Array<ArrayBuffer>;
  dim: number;
}

/** What it is told: the part that is done, then the places, [n, 2]. */
export type UmapSays = { share: number } | { xy: Float32Array<ArrayBuffer> };

addEventListener('message', ({ data: { data, dim } }: MessageEvent<UmapAsk>) => {
  const isDue = paintPace();
  const say = (says: UmapSays) => self.postMessage(says);
  say({ xy: umap(data, dim, share => isDue() && say({ share })) });
});
