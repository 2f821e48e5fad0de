/** What the head leaves on the GPU, read back: by row of the request. */
import { watchFlags } from '../kernels/watch.ts';

export interface TokenScore {
  id: number;
  /** Natural log of its probability. */
  logProb: number;
}

export interface RowAnswer {
  /** Natural log of the softmax's denominator over all logits. */
  logSumExp: number;
  /** In nats. */
  entropy: number;
  /** The best ones, best first. */
  tokens: TokenScore[];
  /** Those asked for, in the order asked. */
  targets: (TokenScore & { rank: number })[];
}

/** Bytes of the answers in the read-back, in this order. `pairs`: (row, token) pairs that were scored. */
export function answerBytes(rows: number, topK: number, pairs: number) {
  return { stats: 16 * rows, ids: 4 * rows * topK, logProbs: 4 * rows * topK, scores: 8 * pairs, flags: 4 * rows };
}

/** What the watch and the softmax found, by row: bits of `watchFlags`, 0 if all numbers are finite. */
export function readFlags(data: ArrayBuffer, rows: number, topK: number, pairs: number): number[] {
  const stats = new Float32Array(data, 0, 4 * rows);
  const flags = new Uint32Array(data, rows * (16 + 8 * topK) + 8 * pairs, rows);
  // The log-sum-exp is looked at too: its sum may overflow where no single score does.
  return Array.from(flags, (found, r) => found | (stats[4 * r + 3] === 0 && Number.isFinite(stats[4 * r]) ? 0 : watchFlags.scores));
}

/** The answers by row. `targets`: as they were asked, by row. */
export function readAnswers(data: ArrayBuffer, rows: number, topK: number, targets: (row: number) => readonly number[]): RowAnswer[] {
  const stats = new Float32Array(data, 0, 4 * rows);
  const ids = new Uint32Array(data, 16 * rows, rows * topK);
  const logProbs = new Float32Array(data, 16 * rows + 4 * rows * topK, rows * topK);
  const scores = new DataView(data, rows * (16 + 8 * topK));
  let at = 0;
  return Array.from({ length: rows }, (_, r) => ({
    logSumExp: stats[4 * r]!,
    entropy: stats[4 * r + 2]!,
    tokens: Array.from({ length: topK }, (_, i) => ({ id: ids[r * topK + i]!, logProb: logProbs[r * topK + i]! })),
    targets: targets(r).map(id => {
      const score = { id, logProb: scores.getFloat32(at, true), rank: scores.getUint32(at + 4, true) };
      at += 8;
      return score;
    }),
  }));
}
