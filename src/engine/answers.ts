/** What the head leaves on the GPU, read back: by row of the request. */
import { GpuError } from '../errors.ts';

export interface RowAnswer {
  /** Natural log of the softmax's denominator over all logits. */
  logSumExp: number;
  /** In nats. */
  entropy: number;
  /** Best first; `rank` only where tokens were asked for. */
  tokens: { id: number; logProb: number; rank?: number }[];
}

/** Bytes of the answers in the read-back, in this order. */
export function answerBytes(rows: number, topK: number, targets: number) {
  return { stats: 16 * rows, ids: 4 * rows * topK, logProbs: 4 * rows * topK, scores: 8 * rows * targets };
}

function readStats(data: ArrayBuffer, rows: number): { logSumExp: number; entropy: number }[] {
  const stats = new Float32Array(data, 0, 4 * rows);
  return Array.from({ length: rows }, (_, r) => {
    const nonFinite = stats[4 * r + 3]!;
    if (nonFinite > 0)
      throw new GpuError(
        `${nonFinite} of the scores are not finite numbers. The weights or this adapter's arithmetic are broken; run the device check and report it.`,
      );
    return { logSumExp: stats[4 * r]!, entropy: stats[4 * r + 2]! };
  });
}

export function readTopK(data: ArrayBuffer, rows: number, topK: number): RowAnswer[] {
  const ids = new Uint32Array(data, 16 * rows, rows * topK);
  const logProbs = new Float32Array(data, 16 * rows + 4 * rows * topK, rows * topK);
  return readStats(data, rows).map((stats, r) => ({
    ...stats,
    tokens: Array.from({ length: topK }, (_, i) => ({ id: ids[r * topK + i]!, logProb: logProbs[r * topK + i]! })),
  }));
}

export function readTargets(data: ArrayBuffer, rows: number, targets: readonly number[]): RowAnswer[] {
  const words = new DataView(data, 16 * rows);
  return readStats(data, rows).map((stats, r) => {
    const tokens = targets.map((id, t) => {
      const at = 8 * (r * targets.length + t);
      return { id, logProb: words.getFloat32(at, true), rank: words.getUint32(at + 4, true) };
    });
    return { ...stats, tokens: tokens.sort((a, b) => a.rank - b.rank) };
  });
}
