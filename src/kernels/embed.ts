/** Wrapper of shaders/embed.wgsl. */
import { compose } from '../gpu/shader.ts';
import { ceilDiv, defineKernel, grid1d, type Kernel } from '../gpu/step.ts';
import { type WeightFormat, weightBytes } from '../weights/formats.ts';
import { formatCode, rowVariants } from './variants.ts';

export type EmbedVariant = 'threads' | 'rows';

/** `threads`: 64 threads share a token (GPUs). `rows`: one thread a token, no workgroup memory (software adapters). */
export const embedVariants = rowVariants<EmbedVariant>('threads', 'rows');

export interface EmbedShape {
  /** Row length, a multiple of 32. */
  H: number;
  eps: number;
  hasBias: boolean;
  format: WeightFormat;
  /** The bound table (`w`, `scale`) holds these rows of the vocabulary; tokens with other ids are left untouched. */
  firstRow: number;
  rowCount: number;
  variant: EmbedVariant;
}

const layouts = { threads: { threads: 64, rows: 1 }, rows: { threads: 16, rows: 16 } } as const;

/** Bindings: ids, w, scale (any buffer for f32 and f16), norm weight, norm bias (any buffer without bias), x, run. */
export function embed({ H, eps, hasBias, format, firstRow, rowCount, variant }: EmbedShape): Kernel {
  const { threads, rows } = layouts[variant];
  return defineKernel({
    label: `embed.${variant} ${format} ${H}`,
    code: compose('embed', {
      constants: {
        K: H,
        EPS: eps,
        HAS_BIAS: hasBias,
        FORMAT: formatCode[format],
        FIRST_ROW: firstRow,
        ROW_COUNT: rowCount,
        ROWS: rows,
        THREADS: threads,
      },
    }),
    bindings: ['read', 'read', 'read', 'read', 'read', 'write', 'uniform'],
    numbers: { tokens: 'u32' },
    grid: run => grid1d(ceilDiv(run.tokens, rows)),
    cost: run => ({ flops: 9 * run.tokens * H, bytes: weightBytes(format, run.tokens * H) + 20 * run.tokens * H }),
  });
}
