/** Wrapper of shaders/activation-backward.wgsl. */
import { compose } from '../gpu/shader.ts';
import { ceilDiv, defineKernel, grid1d, type Kernel } from '../gpu/step.ts';
import type { StorageType } from '../types.ts';
import type { ActivationShape } from './activation.ts';
import { activationCode } from './matmul.ts';
import { elemBytes, vec4Of } from './variants.ts';

export interface ActivationBackwardShape extends Omit<ActivationShape, 'y'> {
  /** Storage types of the gradients. */
  dy: StorageType;
  dz: StorageType;
}

const threads = 64;
const quads = 4;

/** Bindings: dy [rows, width], z [rows, width], dz (overwritten) [rows, width], run. */
export function activationBackward({ width, activation, rows, dy, z, dz }: ActivationBackwardShape): Kernel {
  return defineKernel({
    label: `activation-backward ${activation} ${width}`,
    code: compose('activation-backward', {
      constants: { ACTIVATION: activationCode[activation], WIDTH: width, QUADS: quads, THREADS: threads, HALF: dz === 'f16' },
      aliases: { dy4: vec4Of(dy), z4: vec4Of(z), dz4: vec4Of(dz) },
    }),
    bindings: ['read', 'read', 'write', 'uniform'],
    numbers: { rows: 'u32' },
    from: { rows },
    grid: run => grid1d(ceilDiv(run.rows * width, 4 * quads * threads)),
    cost: run => ({ flops: 25 * run.rows * width, bytes: run.rows * width * (elemBytes(dy) + elemBytes(z) + elemBytes(dz)) }),
  });
}
