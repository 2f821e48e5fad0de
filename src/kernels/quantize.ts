/** Wrapper of shaders/quantize.wgsl. */
import { compose } from '../gpu/shader.ts';
import { ceilDiv, defineKernel, grid1d, type Kernel } from '../gpu/step.ts';
import { weightBytes } from '../weights/formats.ts';
import { formatCode } from './variants.ts';

export interface QuantizeShape {
  format: 'q8' | 'q4';
  /** Row length, divisible by 32. */
  K: number;
}

/** Set in a scale's word where f32 cannot tell what f64 would choose: the CPU must quantize that group. Its codes and bits are zero. */
export const unsureBit = 0x10000;

const threads = 64;

/** Bindings: values [run.tokens, K] f32, codes (u32 words), scales [run.tokens, K / 32] (f16 bits in a u32), run. */
export function quantize({ format, K }: QuantizeShape): Kernel {
  const flops = format === 'q4' ? 270 : 12;
  return defineKernel({
    label: `quantize ${format} ${K}`,
    code: compose('quantize', { constants: { K, FORMAT: formatCode[format], THREADS: threads } }),
    bindings: ['read', 'write', 'write', 'uniform'],
    numbers: { tokens: 'u32' },
    grid: run => grid1d(ceilDiv((run.tokens * K) / 32, threads)),
    cost: run => ({ flops: run.tokens * K * flops, bytes: run.tokens * (4 * K + weightBytes(format, K)) }),
  });
}
