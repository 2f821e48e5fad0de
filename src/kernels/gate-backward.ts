/** Wrapper of shaders/gate-backward.wgsl. */
import { compose } from '../gpu/shader.ts';
import { ceilDiv, defineKernel, grid1d, type Kernel } from '../gpu/step.ts';
import type { GateShape } from './gate.ts';
import { activationCode } from './matmul.ts';
import { elemAliases, elemBytes } from './variants.ts';

const threads = 64;
const quads = 4;

/** Bindings: gradient of gated, elem [tokens, width], ug elem [tokens, 2 width], gradient of ug (overwritten) elem [tokens, 2 width], run. */
export function gateBackward({ width, activation, storage }: GateShape): Kernel {
  return defineKernel({
    label: `gate-backward ${activation} ${width}`,
    code: compose('gate-backward', {
      constants: { ACTIVATION: activationCode[activation], WIDTH: width, QUADS: quads, THREADS: threads, HALF: storage === 'f16' },
      aliases: elemAliases(storage, ['elem4']),
    }),
    bindings: ['read', 'read', 'write', 'uniform'],
    numbers: { rows: 'u32' },
    from: { rows: 'tokens' },
    grid: run => grid1d(ceilDiv(run.rows * width, 4 * quads * threads)),
    cost: run => ({ flops: 50 * run.rows * width, bytes: 5 * run.rows * width * elemBytes(storage) }),
  });
}
