/** Wrapper of shaders/adamw.wgsl. */
import { compose } from '../gpu/shader.ts';
import { ceilDiv, defineKernel, grid1d, type Kernel } from '../gpu/step.ts';

export interface AdamwShape {
  /** Parameters in the bound buffers. */
  n: number;
  beta1: number;
  beta2: number;
  eps: number;
  /** Whether these parameters shrink by the weight decay: matrices do, biases and norms do not. */
  decays: boolean;
}

const threads = 64;
const quads = 4;

/**
 * Bindings: parameters, gradients (zeroed), first and second moments f32 [n], ‖g‖² of all gradients f32 [1], run. The run's numbers are `step`
 * lr / (1 − β₁ᵗ), `root` √(1 − β₂ᵗ), `keep` 1 − lr / peak · decay, `clip` the largest norm, `unscale` 1 / the loss's scale.
 * One text serves all tensors with the same β and eps.
 */
export function adamw({ n, beta1, beta2, eps, decays }: AdamwShape): Kernel {
  return defineKernel({
    label: `adamw${decays ? '' : ' without decay'}`,
    code: compose('adamw', { constants: { BETA1: beta1, BETA2: beta2, EPS: eps, DECAY: decays, QUADS: quads, THREADS: threads } }),
    bindings: ['write', 'write', 'write', 'write', 'read', 'uniform'],
    numbers: { n: 'u32', step: 'f32', root: 'f32', keep: 'f32', clip: 'f32', unscale: 'f32' },
    from: { n },
    grid: () => grid1d(ceilDiv(n, threads * quads)),
    cost: () => ({ flops: 14 * n, bytes: 32 * n }),
  });
}
