/** Sizes of a preset. They are shown before anything is fetched, so they are computed from its shape. The download brings the true numbers. */

import type { Preset } from '../../library/types.ts';
import type { Dtype } from '../../types.ts';
import { weightBytes } from '../../weights/formats.ts';

/**
 * Weights of each shape, the embedding table among them, counted layer by layer (the labels on the cards are rounded):
 * 28 layers of 1024 or 22 of 768, and 32 768 (French) or 50 368 tokens.
 */
const shapes: Record<Preset['language'], Record<Preset['size'], { weights: number; table: number }>> = {
  fr: { base: { weights: 136_120_832, table: 32_768 * 768 }, large: { weights: 377_841_664, table: 32_768 * 1024 } },
  en: { base: { weights: 149_655_232, table: 50_368 * 768 }, large: { weights: 395_881_664, table: 50_368 * 1024 } },
};

export interface ModelSize {
  /** Bytes to fetch: these repositories store bf16. */
  fetchBytes: number;
  /** Bytes kept afterwards. */
  keptBytes: number;
}

/** Sizes of a preset kept as `dtype`; a q4 model keeps its embedding table as q8. */
export function sizeOf({ language, size }: Pick<Preset, 'language' | 'size'>, dtype: Dtype): ModelSize {
  const { weights, table } = shapes[language][size];
  const tableDtype = dtype === 'q4' ? 'q8' : dtype;
  return { fetchBytes: weights * 2, keptBytes: weightBytes(dtype, weights - table) + weightBytes(tableDtype, table) };
}
