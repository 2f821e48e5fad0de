/** Wrapper of shaders/activation.wgsl. */
import { compose } from '../gpu/shader.ts';
import { ceilDiv, defineKernel, grid1d, type Kernel } from '../gpu/step.ts';
import type { StorageType } from '../types.ts';
import { type Activation, activationCode } from './matmul.ts';
import { elemBytes, vec4Of } from './variants.ts';

export interface ActivationShape {
  /** Values a row, divisible by 4. */
  width: number;
  activation: Activation;
  rows: 'tokens' | 'rows';
  /** Storage types of z and y. */
  z: StorageType;
  y: StorageType;
}

const threads = 64;
const quads = 4;

/** Bindings: z [rows, width], y [rows, width], run. */
export function activation({ width, activation, rows, z, y }: ActivationShape): Kernel {
  return defineKernel({
    label: `activation ${activation} ${width}`,
    code: compose('activation', {
      constants: { ACTIVATION: activationCode[activation], WIDTH: width, QUADS: quads, THREADS: threads, HALF: y === 'f16' },
      aliases: { z4: vec4Of(z), y4: vec4Of(y) },
    }),
    bindings: ['read', 'write', 'uniform'],
    numbers: { rows: 'u32' },
    from: { rows },
    grid: run => grid1d(ceilDiv(run.rows * width, 4 * quads * threads)),
    cost: run => ({ flops: 20 * run.rows * width, bytes: run.rows * width * (elemBytes(z) + elemBytes(y)) }),
  });
}
