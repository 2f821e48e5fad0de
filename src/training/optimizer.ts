/**
 * AdamW over all parameters, on the GPU: the squares of all gradients are summed, and each parameter takes its step with the gradient scaled
 * down to the norm that is allowed (shaders/adamw.wgsl has the formulas). Gradients are zeros afterwards.
 */
import type { Gpu } from '../gpu/device.ts';
import type { Kernel, Step } from '../gpu/step.ts';
import { adamw } from '../kernels/adamw.ts';
import { convert } from '../kernels/convert.ts';
import { squareSum, squareSums } from '../kernels/square-sum.ts';
import type { WeightBuffer } from '../model/mirror-weights.ts';
import { Graph } from '../runtime/graph.ts';

export interface OptimizerOptions {
  beta1: number;
  beta2: number;
  eps: number;
  /** Of matrices; norms and biases never shrink. Decoupled: each step takes the rate's share of the highest rate. */
  weightDecay: number;
  /** The largest norm of all gradients together; null: never scaled down. */
  clipNorm: number | null;
}

/** The rate of a step and the highest of the whole run. */
export interface Rate {
  lr: number;
  peak: number;
}

/** A parameter's buffer with its gradient and its moments, f32. */
export interface Trained extends WeightBuffer {
  gradient: GPUBuffer;
  first: GPUBuffer;
  second: GPUBuffer;
  /** Its copy in f16, which the passes read. */
  half: GPUBuffer | null;
}

/** No clipping, in the kernel's words. */
const noClip = 3e38;

/** The numbers of the step's run; `t`: the step's number, from 1. `unscale`: 1 / the scale of the loss. */
export function optimizerRun(options: OptimizerOptions, t: number, { lr, peak }: Rate, unscale = 1) {
  const { beta1, beta2, weightDecay, clipNorm } = options;
  return {
    step: lr / (1 - beta1 ** t),
    root: Math.sqrt(1 - beta2 ** t),
    keep: peak > 0 ? 1 - (lr / peak) * weightDecay : 1,
    clip: clipNorm ?? noClip,
    unscale,
  };
}

/** The kernels that make the copies in f16. */
export function halves(trained: readonly Pick<Trained, 'buffer' | 'half'>[]): [Kernel, GPUBuffer[]][] {
  return trained.flatMap(({ buffer, half }) =>
    half ? [[convert({ from: 'f32', to: 'f16', width: 4, rows: buffer.size / 16 }), [buffer, half]] as [Kernel, GPUBuffer[]]] : [],
  );
}

export interface OptimizerSteps {
  steps: Step[];
  /** f32 [1]: the sum of all gradients' squares of the last step. */
  squares: GPUBuffer;
}

/** The kernels of a step over these parameters, for a run of `optimizerRun`. Errors: GpuError, OutOfMemoryError. */
export async function optimizerSteps(gpu: Gpu, trained: readonly Trained[], options: OptimizerOptions): Promise<OptimizerSteps> {
  const { beta1, beta2, eps } = options;
  const graph = new Graph();
  const sizes = trained.map(({ buffer }) => buffer.size / 4);
  const sums = sizes.reduce((sum, n) => sum + squareSums(n), 0);
  const partials = await gpu.checked('buffers of the optimizer', () => gpu.memory.storage('activations', 'square sums', 4 * sums));
  let first = 0;
  for (const [i, { gradient }] of trained.entries()) {
    const n = sizes[i]!;
    graph.add(squareSum({ n, first, squared: true }), [gradient, partials]);
    first += squareSums(n);
  }
  let squares = partials;
  for (let n = sums; n > 1 || squares === partials; n = squareSums(n)) {
    const from = squares;
    squares = await gpu.checked('buffers of the optimizer', () => gpu.memory.storage('activations', 'square sum', 4 * squareSums(n)));
    graph.add(squareSum({ n, first: 0, squared: false }), [from, squares]);
  }
  for (const [i, { buffer, gradient, first, second, isMatrix }] of trained.entries()) {
    const kernel = adamw({ n: sizes[i]!, beta1, beta2, eps, decays: isMatrix });
    graph.add(kernel, [buffer, gradient, first, second, squares]);
  }
  for (const step of halves(trained)) graph.add(...step);
  const none = () => {
    throw new RangeError('the optimizer has no tensors of its own. This is a bug of affinage; please report it.');
  };
  return { steps: await graph.compile(gpu, none), squares };
}
