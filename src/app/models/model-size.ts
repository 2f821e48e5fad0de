/** What a preset weighs: told before anything is fetched, so reckoned from its shape. The true numbers come with the download. */

import type { Preset } from '../../library/types.ts';
import type { Dtype } from '../../types.ts';

/** Bits a weight: groups of 32 share one f16 scale (docs/QUANTIZED-FORMAT.md). */
const bits: Record<Dtype, number> = { f32: 32, f16: 16, q8: 8.5, q4: 4.5 };

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
  const tableBits = dtype === 'q4' ? bits.q8 : bits[dtype];
  return { fetchBytes: weights * 2, keptBytes: ((weights - table) * bits[dtype] + table * tableBits) / 8 };
}
