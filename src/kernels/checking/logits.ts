/** Rows of logits for the cases of softmax-stats, topk and target-scores. */
import type { CaseContext } from './cases.ts';

/**
 * - random: normal numbers;
 * - ties: integers from −4 to 4, so that most are equal to others, some −0;
 * - equal: one value everywhere;
 * - ascending, descending: the worst orders for a search;
 * - peaked: one logit far above the rest;
 * - wide: from −90 to 90;
 * - holes: some −infinity, some NaN, one +infinity;
 * - nothing: no finite logit at all.
 */
export type LogitKind = 'random' | 'ties' | 'equal' | 'ascending' | 'descending' | 'peaked' | 'wide' | 'holes' | 'nothing';

/** Whether such logits hold NaN or infinities. */
export function isNonFinite(kind: LogitKind): boolean {
  return kind === 'holes' || kind === 'nothing';
}

/** [rows, V] */
export function makeLogits(kind: LogitKind, rows: number, V: number, context: CaseContext): Float32Array<ArrayBuffer> {
  const { random, randomInts } = context;
  const logits = random(rows * V, 3);
  if (kind === 'ties')
    randomInts(rows * V, 9).forEach((n, i) => {
      logits[i] = n === 4 ? (i % 2 ? -0 : 0) : n - 4;
    });
  if (kind === 'equal') logits.fill(-2.5);
  if (kind === 'ascending')
    logits.forEach((_, i) => {
      logits[i] = (i % V) / 64 - 7;
    });
  if (kind === 'descending')
    logits.forEach((_, i) => {
      logits[i] = 7 - (i % V) / 64;
    });
  if (kind === 'wide')
    logits.forEach((v, i) => {
      logits[i] = v * 10;
    });
  if (kind === 'nothing') logits.fill(Number.NaN);
  for (let row = 0; row < rows; row++) {
    if (kind === 'peaked') logits[row * V + Math.floor(V / 3)] = 18;
    if (kind === 'nothing') logits[row * V + V - 1] = row % 2 ? Number.NEGATIVE_INFINITY : Number.POSITIVE_INFINITY;
    if (kind !== 'holes') continue;
    randomInts(Math.ceil(V / 5), V).forEach((at, n) => {
      logits[row * V + at] = n % 2 ? Number.NEGATIVE_INFINITY : Number.NaN;
    });
    logits[row * V + Math.floor(V / 2)] = Number.POSITIVE_INFINITY;
  }
  return logits;
}

/** The log-sum-exp of each row, of stats as softmax-stats lays them out: all that the kernels after it read of them. */
export function logSumExpOf(stats: ArrayLike<number>, rows: number, firstRow: number): Float64Array {
  return Float64Array.from({ length: rows }, (_, r) => stats[(firstRow + r) * 4]!);
}
