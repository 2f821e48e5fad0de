/** Wrapper of shaders/rope-backward.wgsl. */
import { compose } from '../gpu/shader.ts';
import { ceilDiv, defineKernel, grid1d, type Kernel } from '../gpu/step.ts';
import type { StorageType } from '../types.ts';
import { elemAliases, elemBytes } from './variants.ts';

export interface RopeBackwardShape {
  heads: number;
  /** Even. */
  headDim: number;
  /** Of the gradient that is read. */
  storage: StorageType;
  /** Of the gradient that is written. */
  out: StorageType;
}

const threads = 64;
const quads = 4;

/**
 * Bindings: gradient of q, k, v, elem [3, heads, tokens, headDim], table f32 [position, headDim / 2, (cos, sin)], positions u32 [tokens],
 * gradient of Wqkv's output (overwritten) [tokens, 3 · heads · headDim], run.
 */
export function ropeBackward({ heads, headDim, storage, out }: RopeBackwardShape): Kernel {
  const width = 3 * heads * headDim;
  return defineKernel({
    label: `rope-backward ${heads}×${headDim}`,
    code: compose('rope-backward', {
      constants: { HEADS: heads, HEAD_DIM: headDim, QUADS: quads, THREADS: threads, HALF: out === 'f16' },
      aliases: { ...elemAliases(storage, ['elem2']), result2: out === 'f16' ? 'vec2h' : 'vec2f' },
    }),
    bindings: ['read', 'read', 'read', 'write', 'uniform'],
    numbers: { tokens: 'u32' },
    grid: run => grid1d(ceilDiv(run.tokens * width, 2 * quads * threads)),
    cost: run => ({ flops: 3 * run.tokens * width, bytes: run.tokens * width * (elemBytes(storage) + elemBytes(out)) }),
  });
}
