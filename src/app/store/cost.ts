/** When a request is long enough to be spoken of before it runs. */
import type { CostEstimate } from '../../types.ts';

/** A request that would take longer (ms) starts only when the user asks for it. */
const LONG_MS = 5000;
/** For a longer request (ms), or one of more tokens, the cost is shown in a prominent place, and the run has a progress bar. */
const BIG_MS = 1000;
const BIG_TOKENS = 512;

export const isLong = (cost: CostEstimate | null): boolean => (cost?.ms ?? 0) > LONG_MS;
export const isBig = (cost: CostEstimate | null): boolean => cost !== null && ((cost.ms ?? 0) > BIG_MS || cost.longestTokens > BIG_TOKENS);
