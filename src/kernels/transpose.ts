/** Wrapper of shaders/transpose.wgsl. */
import { compose } from '../gpu/shader.ts';
import { defineKernel, grid1d, type Kernel } from '../gpu/step.ts';
import type { StorageType } from '../types.ts';
import { elemAliases, elemBytes } from './variants.ts';

export interface TransposeShape {
  /** Values a token. */
  K: number;
  /** Tokens of the result: a multiple of `transposeTokens`, at least those of any run. */
  tokens: number;
  storage: StorageType;
}

const threads = 64;
const quads = 4;
/** The result's tokens come in multiples of this. */
export const transposeTokens = threads * quads;

/** Bindings: x elem [run.tokens, K], y f32 [K, tokens], run. Columns after the run's tokens become zeros. Errors: RangeError for other token counts. */
export function transpose({ K, tokens, storage }: TransposeShape): Kernel {
  if (tokens % transposeTokens !== 0) throw new RangeError(`transpose of ${tokens} tokens; a multiple of ${transposeTokens} is needed`);
  return defineKernel({
    label: `transpose ${K}×${tokens}`,
    code: compose('transpose', {
      constants: { K, TOKENS: tokens, QUADS: quads, THREADS: threads },
      aliases: elemAliases(storage, ['elem']),
    }),
    bindings: ['read', 'write', 'uniform'],
    numbers: { tokens: 'u32' },
    grid: () => grid1d((K * tokens) / transposeTokens),
    cost: run => ({ flops: 0, bytes: K * (run.tokens * elemBytes(storage) + 4 * tokens) }),
  });
}
