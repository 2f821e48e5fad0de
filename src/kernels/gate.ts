/** Wrapper of shaders/gate.wgsl. */
import { compose } from '../gpu/shader.ts';
import { ceilDiv, defineKernel, grid1d, type Kernel } from '../gpu/step.ts';
import type { StorageType } from '../types.ts';
import { type Activation, activationCode } from './matmul.ts';
import { elemAliases, elemBytes } from './variants.ts';

export interface GateShape {
  /** Gated values a token, divisible by 4: half of what Wi gives. */
  width: number;
  activation: Activation;
  storage: StorageType;
}

const threads = 64;
const quads = 4;

/** Bindings: ug elem [tokens, 2 width], gated elem [tokens, width], run. */
export function gate({ width, activation, storage }: GateShape): Kernel {
  return defineKernel({
    label: `gate ${activation} ${width}`,
    code: compose('gate', {
      constants: { ACTIVATION: activationCode[activation], WIDTH: width, QUADS: quads, THREADS: threads, HALF: storage === 'f16' },
      aliases: elemAliases(storage, ['elem4']),
    }),
    bindings: ['read', 'write', 'uniform'],
    numbers: { rows: 'u32' },
    from: { rows: 'tokens' },
    grid: run => grid1d(ceilDiv(run.rows * width, 4 * quads * threads)),
    cost: run => ({ flops: 20 * run.rows * width, bytes: 3 * run.rows * width * elemBytes(storage) }),
  });
}
