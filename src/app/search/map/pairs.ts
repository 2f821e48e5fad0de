/** Passages that say nearly the same: every pair is compared. */
import { cosineOf } from './cosine.ts';
import type { Slices } from './slices.ts';

/** Pairs less alike are never shown. */
export const LEAST = 0.9;
/** The threshold goes in such steps. */
export const STEP = 0.005;
const STEPS = Math.round((1 - LEAST) / STEP);
/** So many pairs are kept, the most alike. */
const KEPT = 2000;
/** Equal vectors may differ by so much after rounding. */
const ROUNDING = 1e-6;

export interface Pair {
  /** Rows of the sample; `a` comes first in the index. */
  a: number;
  b: number;
  cosine: number;
}

export interface Pairs {
  /** The most alike first. */
  pairs: readonly Pair[];
  /** How many there are from LEAST upwards in each step, also those that are not kept. */
  counts: readonly number[];
}

const order = (x: Pair, y: Pair): number => y.cosine - x.cosine || x.a - y.a || x.b - y.b;

/** Which step a cosine belongs to. */
const stepOf = (cosine: number): number => Math.min(STEPS, Math.floor((cosine - LEAST + ROUNDING) / STEP));

/** `data`: [n, dim], rows one long. `onShare`: the part that is done. */
export async function findPairs(
  data: Float32Array,
  dim: number,
  slices: Slices,
  onShare: (share: number) => void,
  most = KEPT,
): Promise<Pairs> {
  const count = data.length / dim;
  const counts = Array<number>(STEPS + 1).fill(0);
  let pairs: Pair[] = [];
  for (let b = 1; b < count; b++) {
    for (let a = 0; a < b; a++) {
      const cosine = cosineOf(data, dim, a, b);
      if (cosine >= LEAST - ROUNDING) {
        const step = stepOf(cosine);
        counts[step] = (counts[step] ?? 0) + 1;
        pairs.push({ a, b, cosine: Math.min(1, cosine) });
        // Of passages that are all alike there may be two million pairs.
        if (pairs.length > 2 * most) pairs = pairs.sort(order).slice(0, most);
      }
      if (slices.isOver) {
        onShare((b * b) / (count * count));
        await slices.pause();
      }
    }
  }
  return { pairs: pairs.sort(order).slice(0, most), counts };
}

/** The pairs from a threshold upwards, and how many there are in all. */
export function pairsFrom({ pairs, counts }: Pairs, threshold: number): { shown: readonly Pair[]; count: number } {
  const step = Math.round((threshold - LEAST) / STEP);
  return {
    shown: pairs.filter(({ cosine }) => stepOf(cosine) >= step),
    count: counts.slice(step).reduce((sum, each) => sum + each, 0),
  };
}
