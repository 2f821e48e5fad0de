/** Which variant of each kernel a plan uses: the one asked for, else the one measured (only some kernels are), else the default for this kind of adapter. */
import { ConfigError } from '../errors.ts';
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
import { defaultVariant, type Variant } from '../kernels/variants.ts';
import { watchVariants } from '../kernels/watch.ts';
import type { KernelVariants } from '../types.ts';

/** Counts of rows for which different variants are fastest: one mask, a sentence, a paragraph, a document. */
export type RowClass = 'few' | 'some' | 'many' | 'most';

export function rowClassOf(maxRows: number): RowClass {
  if (maxRows <= 32) return maxRows <= 4 ? 'few' : 'some';
  return maxRows <= 512 ? 'many' : 'most';
}

/** Weights format and row class: what decides which matmul is fastest; the exact K and N matter little. */
export function matmulClass({ format, maxRows }: Pick<MatmulShape, 'format' | 'maxRows'>): string {
  return `${format} ${rowClassOf(maxRows)}`;
}

/** Every kernel that has variants, by its name in `LoadOptions.variants`. */
export const kernelVariants: { [K in keyof KernelVariants]-?: readonly Variant<NonNullable<KernelVariants[K]>>[] } = {
  matmul: matmulVariants,
  attention: attentionVariants,
  embed: embedVariants,
  layernorm: layernormVariants,
  normalize: normalizeVariants,
  pool: poolVariants,
  softmaxStats: softmaxStatsVariants,
  targetScores: targetScoresVariants,
  topk: topkVariants,
  watch: watchVariants,
};

/** Errors: ConfigError for a variant that this adapter cannot run. */
export function checkForced(profile: DeviceProfile, forced: KernelVariants): void {
  for (const [kernel, name] of Object.entries(forced)) {
    const all: readonly Variant[] = kernelVariants[kernel as keyof KernelVariants];
    const variant = all.find(v => v.name === name);
    if (!variant || variant.runsOn(profile)) continue;
    const others = all.filter(v => v.runsOn(profile)).map(v => v.name);
    throw new ConfigError(
      `The variant ${name} of ${kernel} was asked for, but this adapter (${profile.description}) cannot run it: it needs ${variant.needs}. Here there ${others.length === 1 ? 'is' : 'are'} ${others.join(', ')}.`,
      { kernel, variant: name },
    );
  }
}

/** Winners: of matmul by class, of the others for the model. What was not measured takes the default. */
export interface Measured extends Pick<KernelVariants, 'layernorm' | 'softmaxStats' | 'topk'> {
  matmul: ReadonlyMap<string, MatmulVariant>;
  attention: AttentionVariant | null;
}

export type Choices = ReturnType<typeof makeChoices>;

/** `forced` goes before what was measured; a matmul that a forced variant does not accept is chosen as if nothing were forced. */
export function makeChoices(profile: DeviceProfile, measured: Measured, forced: KernelVariants = {}) {
  return {
    matmul(shape: MatmulShape): MatmulVariant {
      const able = matmulVariants.filter(v => v.runsOn(profile) && v.accepts(shape));
      const named = (name: string | undefined) => able.find(v => v.name === name);
      // `most` is not measured on software adapters: there the winner of `many` serves.
      const won = measured.matmul.get(matmulClass(shape)) ?? measured.matmul.get(matmulClass({ ...shape, maxRows: 512 }));
      return (named(forced.matmul) ?? named(won) ?? able.find(v => v.suits(profile)) ?? able[0]!).name;
    },
    attention: forced.attention ?? measured.attention ?? defaultVariant(attentionVariants, profile),
    embed: forced.embed ?? defaultVariant(embedVariants, profile),
    layernorm: forced.layernorm ?? measured.layernorm ?? defaultVariant(layernormVariants, profile),
    normalize: forced.normalize ?? defaultVariant(normalizeVariants, profile),
    pool: forced.pool ?? defaultVariant(poolVariants, profile),
    softmaxStats: forced.softmaxStats ?? measured.softmaxStats ?? defaultVariant(softmaxStatsVariants, profile),
    targetScores: forced.targetScores ?? defaultVariant(targetScoresVariants, profile),
    topk: forced.topk ?? measured.topk ?? defaultVariant(topkVariants, profile),
    watch: forced.watch ?? defaultVariant(watchVariants, profile),
  };
}
