/** Which variant of each kernel a plan uses: measured for the two that matter, by kind of adapter for the rest. */
import type { DeviceProfile } from '../gpu/device.ts';
import { type AttentionVariant, attentionVariants } from '../kernels/attention.ts';
import { embedVariants } from '../kernels/embed.ts';
import { layernormVariants } from '../kernels/layernorm.ts';
import { type MatmulShape, type MatmulVariant, matmulVariants } from '../kernels/matmul.ts';
import { normalizeVariants } from '../kernels/normalize.ts';
import { poolVariants } from '../kernels/pool.ts';
import { softmaxStatsVariants } from '../kernels/softmax-stats.ts';
import { targetScoresVariants } from '../kernels/target-scores.ts';
import { topkVariants } from '../kernels/topk.ts';
import { defaultVariant } from '../kernels/variants.ts';
import { watchVariants } from '../kernels/watch.ts';

/** Row counts that want different kernels: one mask, a sentence, a document. */
export type RowClass = 'few' | 'some' | 'many';

export function rowClassOf(maxRows: number): RowClass {
  return maxRows <= 4 ? 'few' : maxRows <= 32 ? 'some' : 'many';
}

/** Weights format and row class: what decides which matmul is fastest; the exact K and N matter little. */
export function matmulClass({ format, maxRows }: Pick<MatmulShape, 'format' | 'maxRows'>): string {
  return `${format} ${rowClassOf(maxRows)}`;
}

/** Winners by class; a class that was not measured takes the default. */
export interface Measured {
  matmul: ReadonlyMap<string, MatmulVariant>;
  attention: AttentionVariant | null;
}

export type Choices = ReturnType<typeof makeChoices>;

export function makeChoices(profile: DeviceProfile, { matmul, attention }: Measured) {
  return {
    matmul(shape: MatmulShape): MatmulVariant {
      const measured = matmul.get(matmulClass(shape));
      const able = matmulVariants.filter(v => v.runsOn(profile) && v.accepts(shape));
      return (able.find(v => v.name === measured) ?? able.find(v => v.suits(profile)) ?? able[0]!).name;
    },
    attention: attention ?? defaultVariant(attentionVariants, profile),
    embed: defaultVariant(embedVariants, profile),
    layernorm: defaultVariant(layernormVariants, profile),
    normalize: defaultVariant(normalizeVariants, profile),
    pool: defaultVariant(poolVariants, profile),
    softmaxStats: defaultVariant(softmaxStatsVariants, profile),
    targetScores: defaultVariant(targetScoresVariants, profile),
    topk: defaultVariant(topkVariants, profile),
    watch: defaultVariant(watchVariants, profile),
  };
}
