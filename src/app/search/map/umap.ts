/** UMAP: near points stay near, distances between far ones mean nothing. It does not pause: umap.worker.ts runs it beside the page. */
import { UMAP } from 'umap-js';
import { nearestOf } from './neighbours.ts';
import { seeded } from './random.ts';

const NEIGHBOURS = 15;
/** The part of the progress that finding the neighbours takes. */
const FINDING = 0.3;

/** Places of the rows of `data`, [n, 2]; the same each time. `onShare`: the part that is done. */
export function umap(data: Float32Array, dim: number, onShare: (share: number) => void): Float32Array<ArrayBuffer> {
  const count = data.length / dim;
  const nNeighbors = Math.min(NEIGHBOURS, count - 1);
  // Exact neighbours: its own search is a guess.
  const { indices, distances } = nearestOf(data, dim, nNeighbors, share => onShare(FINDING * share));
  const map = new UMAP({ nNeighbors, random: seeded(1) });
  map.setPrecomputedKNN(indices, distances);
  // With the neighbours known, it only asks how many points there are.
  const epochs = map.initializeFit(Array.from({ length: count }, () => []));
  for (let epoch = 0; epoch < epochs; epoch++) {
    map.step();
    onShare(FINDING + (1 - FINDING) * (epoch / epochs));
  }
  return Float32Array.from(map.getEmbedding().flat());
}
