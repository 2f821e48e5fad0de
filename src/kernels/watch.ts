/** Wrapper of shaders/watch.wgsl: are all numbers finite? */
import { compose } from '../gpu/shader.ts';
import { defineKernel, grid1d, type Kernel } from '../gpu/step.ts';
import type { StorageType } from '../types.ts';
import { elemBytes, rowVariants } from './variants.ts';

export type WatchVariant = 'wide' | 'narrow';

/** Threads a workgroup: `wide` 256 (GPUs), `narrow` 16 (software adapters). */
export const watchVariants = rowVariants<WatchVariant>('wide', 'narrow');

/** Bits of a text's or a masked row's flags. */
export const watchFlags = { hidden: 1, vector: 2, scores: 4 } as const;

/** What shares a flag: all tokens of a text, the one row of a sequence, or a row of the head (from run.firstRow on). */
export type WatchSegment = 'text' | 'sequence' | 'headRow';

export interface WatchShape {
  /** Row length, divisible by 4 in f32 and by 8 in f16. */
  width: number;
  storage: StorageType;
  segment: WatchSegment;
  /** Bits that are set. */
  flag: number;
  variant: WatchVariant;
}

const layouts = { wide: { threads: 256, parts: 16 }, narrow: { threads: 16, parts: 4 } } as const;

/** Bindings: values, cu_seqlens (any buffer but for `text`), flags (u32, bits are added), run. Errors: RangeError for a width off its multiple. */
export function watch({ width, storage, segment, flag, variant }: WatchShape): Kernel {
  const isHalf = storage === 'f16';
  if (!(width > 0) || width % (isHalf ? 8 : 4) !== 0) throw new RangeError(`watch: rows of ${width} are no whole number of four words`);
  const { threads, parts } = layouts[variant];
  const PARTS = segment === 'text' ? parts : 1;
  const segments = segment === 'headRow' ? 'rows' : 'sequences';
  return defineKernel({
    label: `watch.${variant} ${segment} ${width}`,
    code: compose('watch', {
      constants: { WIDTH: width, HALF: isHalf, TEXT: segment === 'text', FLAG: flag, PARTS, THREADS: threads },
    }),
    bindings: ['read', 'read', 'write', 'uniform'],
    numbers: { segments: 'u32', firstSegment: 'u32', rows: 'count' },
    from: { segments, firstSegment: segment === 'headRow' ? 'firstRow' : 0, rows: segment === 'text' ? 'tokens' : segments },
    grid: run => grid1d(PARTS * run.segments),
    cost: run => ({ flops: 0, bytes: run.rows * width * elemBytes(storage) }),
  });
}
