/** Wrapper of shaders/fma-peak.wgsl: the most multiply-adds that this adapter can do, with which the bench compares the kernels. */
import { compose } from '../gpu/shader.ts';
import { defineKernel, type Kernel } from '../gpu/step.ts';

export const fmaPeakThreads = 64;
/** Multiply-adds of each chain in one turn of the loop. */
export const fmaPeakUnroll = 8;

/** Bindings: factor [2] f32, y [run.workgroups × 64] f32, run. `steps`: length of each thread's loop. */
export function fmaPeak(steps: number): Kernel {
  return defineKernel({
    label: `fma-peak ${steps}`,
    code: compose('fma-peak', { constants: { STEPS: steps, UNROLL: fmaPeakUnroll, THREADS: fmaPeakThreads } }),
    bindings: ['read', 'write', 'uniform'],
    numbers: { workgroups: 'u32' },
    grid: run => [run.workgroups, 1, 1],
    cost: run => ({ flops: run.workgroups * fmaPeakThreads * steps * fmaPeakUnroll * 24, bytes: run.workgroups * fmaPeakThreads * 4 }),
  });
}
