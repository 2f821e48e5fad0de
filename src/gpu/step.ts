/** One dispatch of a plan: a compiled kernel with its buffers; only its grid depends on the run. */
import type { Gpu } from './device.ts';
import type { Program } from './pipeline.ts';
import { type RunSizes, runBytes, runSlotBytes } from './run.ts';

export type Grid = readonly [x: number, y: number, z: number];

/** A kernel at fixed shapes: what a wrapper in src/kernels makes. */
export interface Kernel extends Program {
  /** Workgroups for this run; any dimension 0 = nothing to do. At most 65 535 each: see `grid1d`. */
  grid(run: RunSizes): Grid;
  /** Floating-point operations and bytes moved (each tensor once), for the cost model and the bench. */
  cost(run: RunSizes): Cost;
  /** The axis of the grid along rows, if the kernel adds `run.firstGroup` to its workgroup index there: it can then be dispatched in windows. */
  rowAxis?: 0 | 1;
}

/** Workgroups [first, first + count) along a kernel's row axis: a dispatch of its own. The run's slot holds the same `first`. */
export interface Window {
  first: number;
  count: number;
  /** Slot of the run buffer whose `firstGroup` is `first`. */
  slot: number;
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
  /** Whether the kernel reads the run, and so takes the offset of a slot. */
  hasRun: boolean;
  rowAxis?: 0 | 1;
  grid(run: RunSizes): Grid;
  cost(run: RunSizes): Cost;
}

/** Compiles the kernel (once per text) and binds the buffers, in the order of its bindings. */
export async function makeStep(gpu: Gpu, kernel: Kernel, buffers: readonly BufferPart[]): Promise<Step> {
  const { label, bindings, rowAxis } = kernel;
  const pipeline = await gpu.pipelines.get(kernel);
  const entries = buffers.map((part, binding) => {
    const whole = 'buffer' in part ? part : { buffer: part };
    return { binding, resource: bindings[binding] === 'uniform' ? { ...whole, size: runBytes } : whole };
  });
  const bindGroup = gpu.device.createBindGroup({ label, layout: gpu.pipelines.layout(bindings), entries });
  const hasRun = bindings.includes('uniform');
  return { label, pipeline, bindGroup, hasRun, rowAxis, grid: run => kernel.grid(run), cost: run => kernel.cost(run) };
}

const maxPerDimension = 65535;

/** n workgroups as a grid within the limit. The kernel's index is `wid.y * num_workgroups.x + wid.x`; it may be n or more, so the kernel must check it. */
export function grid1d(n: number): Grid {
  if (n <= maxPerDimension) return [n, 1, 1];
  const rows = Math.ceil(n / maxPerDimension);
  return [Math.ceil(n / rows), rows, 1];
}

export function ceilDiv(a: number, b: number): number {
  return Math.ceil(a / b);
}

/** Encodes steps into one compute pass; returns the number of dispatches. */
export function encodeSteps(pass: GPUComputePassEncoder, steps: readonly Step[], run: RunSizes): number {
  return steps.reduce((dispatches, step) => dispatches + encodeStep(pass, step, run), 0);
}

/** One step, whole or a window of it; returns 0 where there is nothing to do. */
export function encodeStep(pass: GPUComputePassEncoder, step: Step, run: RunSizes, window?: Window): 0 | 1 {
  const grid = [...step.grid(run)] as [number, number, number];
  if (window && step.rowAxis !== undefined) grid[step.rowAxis] = window.count;
  const [x, y, z] = grid;
  if (x === 0 || y === 0 || z === 0) return 0;
  pass.setPipeline(step.pipeline);
  pass.setBindGroup(0, step.bindGroup, step.hasRun ? [runSlotBytes * (window?.slot ?? 0)] : []);
  pass.dispatchWorkgroups(x, y, z);
  return 1;
}
