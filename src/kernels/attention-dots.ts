/** Wrapper of shaders/attention-dots.wgsl. */
import { compose } from '../gpu/shader.ts';
import { ceilDiv, defineKernel, grid1d, type Kernel } from '../gpu/step.ts';
import type { AttentionShape } from './attention.ts';
import { elemAliases, elemBytes, rowVariants } from './variants.ts';

export type AttentionDotsVariant = 'threads' | 'rows';

/** `threads`: eight threads share a row of a head (GPUs). `rows`: one thread each, no workgroup memory (software adapters). */
export const attentionDotsVariants = rowVariants<AttentionDotsVariant>('threads', 'rows');

const layouts = { threads: { threads: 64, items: 8 }, rows: { threads: 16, items: 16 } } as const;

export interface AttentionDotsShape extends Pick<AttentionShape, 'heads' | 'headDim' | 'storage'> {
  variant: AttentionDotsVariant;
}

/** Bindings: out and grad (elem [run.tokens][heads * headDim]: attention's output and its gradient), dots (f32 [heads][run.tokens]), run. */
export function attentionDots({ heads, headDim, storage, variant }: AttentionDotsShape): Kernel {
  const { threads, items } = layouts[variant];
  return defineKernel({
    label: `attention-dots.${variant} ${heads}×${headDim}`,
    code: compose('attention-dots', {
      constants: { D: headDim, HEADS: heads, ITEMS: items, THREADS: threads },
      aliases: elemAliases(storage, ['elem4']),
    }),
    bindings: ['read', 'read', 'write', 'uniform'],
    numbers: { tokens: 'u32' },
    grid: run => grid1d(ceilDiv(run.tokens * heads, items)),
    cost: run => ({ flops: 2 * run.tokens * heads * headDim, bytes: run.tokens * heads * (2 * headDim * elemBytes(storage) + 4) }),
  });
}
