/** The nearest of each point among all, exactly: what UMAP begins with. */
import { cosineOf } from './cosine.ts';

export interface Nearest {
  /** By point, itself first. */
  indices: number[][];
  /** 1 − cosine. */
  distances: number[][];
}

/** The `k` nearest of each row of `data`, itself among them. `onShare`: the part that is done. */
export function nearestOf(data: Float32Array, dim: number, k: number, onShare: (share: number) => void): Nearest {
  const count = data.length / dim;
  const indices = Array.from({ length: count }, (_, i) => [i]);
  const distances = Array.from({ length: count }, () => [0]);
  const offer = (to: number, other: number, distance: number) => {
    const [near, far] = [indices[to] ?? [], distances[to] ?? []];
    if (far.length === k && distance >= (far[k - 1] ?? 0)) return;
    let at = far.length;
    // The point itself stays first.
    while (at > 1 && (far[at - 1] ?? 0) > distance) at--;
    far.splice(at, 0, distance);
    near.splice(at, 0, other);
    if (far.length > k) {
      far.pop();
      near.pop();
    }
  };
  for (let a = 1; a < count; a++) {
    for (let b = 0; b < a; b++) {
      const distance = Math.max(0, 1 - cosineOf(data, dim, a, b));
      offer(a, b, distance);
      offer(b, a, distance);
    }
    onShare((a * a) / (count * count));
  }
  return { indices, distances };
}
