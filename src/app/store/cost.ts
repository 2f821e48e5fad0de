/** When a request is long enough to be spoken of before it runs. */
import type { CostEstimate } from '../../types.ts';

/** Longer than this, and a request is not begun unasked. */
const LONG_MS = 5000;
/** Longer than this, or more tokens: the cost is shown where it cannot be missed, and the run has a bar. */
const BIG_MS = 1000;
const BIG_TOKENS = 512;

export const isLong = (cost: CostEstimate | null): boolean => (cost?.ms ?? 0) > LONG_MS;
export const isBig = (cost: CostEstimate | null): boolean => cost !== null && ((cost.ms ?? 0) > BIG_MS || cost.longestTokens > BIG_TOKENS);
