/** What the head leaves on the GPU, read back: by row of the request. */
import { watchFlags } from '../kernels/watch.ts';

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
  return { stats: 16 * rows, ids: 4 * rows * topK, logProbs: 4 * rows * topK, scores: 8 * rows * targets, flags: 4 * rows };
}

/** What the watch and the softmax found, by row: bits of `watchFlags`, 0 if all numbers are finite. */
export function readFlags(data: ArrayBuffer, rows: number, topK: number, targets: number): number[] {
  const stats = new Float32Array(data, 0, 4 * rows);
  const flags = new Uint32Array(data, rows * (16 + 8 * topK + 8 * targets), rows);
  // The log-sum-exp is looked at too: its sum may overflow where no single score does.
  return Array.from(flags, (found, r) => found | (stats[4 * r + 3] === 0 && Number.isFinite(stats[4 * r]) ? 0 : watchFlags.scores));
}

function readStats(data: ArrayBuffer, rows: number): { logSumExp: number; entropy: number }[] {
  const stats = new Float32Array(data, 0, 4 * rows);
  return Array.from({ length: rows }, (_, r) => ({ logSumExp: stats[4 * r]!, entropy: stats[4 * r + 2]! }));
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
