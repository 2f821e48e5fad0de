/** Wrapper of shaders/convert.wgsl. */
import { compose } from '../gpu/shader.ts';
import { ceilDiv, defineKernel, grid1d, type Kernel } from '../gpu/step.ts';
import type { StorageType } from '../types.ts';
import { elemBytes, vec4Of } from './variants.ts';

export interface ConvertShape {
  from: StorageType;
  to: StorageType;
  /** Elements a token, divisible by 4. */
  width: number;
  /** How many tokens there are: those of the run, or always so many. */
  rows?: 'tokens' | 'rows' | number;
}

const threads = 64;
const quads = 4;

/** Bindings: source, result, run. Converts rows × width elements. */
export function convert({ from, to, width, rows = 'tokens' }: ConvertShape): Kernel {
  return defineKernel({
    label: `convert ${from}→${to} ${width}`,
    code: compose('convert', {
      constants: { WIDTH: width, QUADS: quads, THREADS: threads, HALF: to === 'f16' },
      aliases: { source4: vec4Of(from), target4: vec4Of(to) },
    }),
    bindings: ['read', 'write', 'uniform'],
    numbers: { tokens: 'u32' },
    from: { tokens: rows },
    grid: run => grid1d(ceilDiv(run.tokens * width, 4 * quads * threads)),
    cost: run => ({ flops: 0, bytes: run.tokens * width * (elemBytes(from) + elemBytes(to)) }),
  });
}
