/** Wrapper of shaders/fma-peak.wgsl: the adapter's own ceiling, against which the bench holds the matmuls. */
import { compose } from '../gpu/shader.ts';
import type { Kernel } from '../gpu/step.ts';

export const fmaPeakThreads = 64;
/** Multiply-adds of each chain in one turn of the loop. */
export const fmaPeakUnroll = 8;

/** Bindings: factor [2] f32, y [run.tiles × 64] f32, run. `steps`: length of each thread's loop. */
export function fmaPeak(steps: number): Kernel {
  return {
    label: `fma-peak ${steps}`,
    code: compose('fma-peak', { constants: { STEPS: steps, UNROLL: fmaPeakUnroll, THREADS: fmaPeakThreads } }),
    bindings: ['read', 'write', 'uniform'],
    grid: run => [run.tiles, 1, 1],
    cost: run => ({ flops: run.tiles * fmaPeakThreads * steps * fmaPeakUnroll * 24, bytes: run.tiles * fmaPeakThreads * 4 }),
  };
}
