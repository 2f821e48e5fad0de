/** One dispatch of a plan: a compiled kernel with its buffers; only its grid depends on the run. */
import type { Gpu } from './device.ts';
import type { Program } from './pipeline.ts';
import type { RunSizes } from './run.ts';

export type Grid = readonly [x: number, y: number, z: number];

/** A kernel at fixed shapes: what a wrapper in src/kernels makes. */
export interface Kernel extends Program {
  /** Workgroups for this run; any dimension 0 = nothing to do. At most 65 535 each: see `grid1d`. */
  grid(run: RunSizes): Grid;
  /** Floating-point operations and bytes moved (each tensor once), for the cost model and the bench. */
  cost(run: RunSizes): Cost;
}

export interface Cost {
  flops: number;
  bytes: number;
}

/** A whole buffer or a part of it: offset a multiple of 256, sizes in bytes. */
export type BufferPart = GPUBuffer | GPUBufferBinding;

export interface Step {
  label: string;
  pipeline: GPUComputePipeline;
  bindGroup: GPUBindGroup;
  grid(run: RunSizes): Grid;
  cost(run: RunSizes): Cost;
}

/** Compiles the kernel (once per text) and binds the buffers, in the order of its bindings. */
export async function makeStep(gpu: Gpu, kernel: Kernel, buffers: readonly BufferPart[]): Promise<Step> {
  const pipeline = await gpu.pipelines.get(kernel);
  const entries = buffers.map((part, binding) => ({ binding, resource: 'buffer' in part ? part : { buffer: part } }));
  const bindGroup = gpu.device.createBindGroup({ label: kernel.label, layout: gpu.pipelines.layout(kernel.bindings), entries });
  return { label: kernel.label, pipeline, bindGroup, grid: run => kernel.grid(run), cost: run => kernel.cost(run) };
}

const maxPerDimension = 65535;

/** n workgroups as a grid within the limit; the kernel's index is `wid.y * num_workgroups.x + wid.x` and may run past n: guard it. */
export function grid1d(n: number): Grid {
  if (n <= maxPerDimension) return [n, 1, 1];
  const rows = Math.ceil(n / maxPerDimension);
  return [Math.ceil(n / rows), rows, 1];
}

export function ceilDiv(a: number, b: number): number {
  return Math.ceil(a / b);
}

/** Encodes steps into one compute pass. */
export function encodeSteps(pass: GPUComputePassEncoder, steps: readonly Step[], run: RunSizes): number {
  let dispatches = 0;
  for (const step of steps) {
    const [x, y, z] = step.grid(run);
    if (x === 0 || y === 0 || z === 0) continue;
    pass.setPipeline(step.pipeline);
    pass.setBindGroup(0, step.bindGroup);
    pass.dispatchWorkgroups(x, y, z);
    dispatches++;
  }
  return dispatches;
}
