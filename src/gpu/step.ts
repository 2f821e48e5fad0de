/** One dispatch of a plan: a compiled kernel with its buffers; only its grid depends on the run. */
import { GpuError } from '../errors.ts';
import type { Gpu } from './device.ts';
import type { Program } from './pipeline.ts';
import {
  checkStruct,
  type HasNumbers,
  type Numbers,
  type Own,
  ownNumbers,
  type Run,
  type RunNumber,
  type RunSlots,
  runNumbers,
  runSlotBytes,
  type Sources,
} from './run.ts';

/** Kinds of kernels of which a driver may run one at half its peak and another at a tenth (runtime/pace.ts). */
export type KernelKind = 'matmul' | 'attention' | 'other';

export type Grid = readonly [x: number, y: number, z: number];

/** A kernel at fixed shapes: what a wrapper in src/kernels makes with `defineKernel`. */
export interface Kernel extends Program {
  kind: KernelKind;
  /** Its numbers that change from run to run. */
  numbers: readonly RunNumber[];
  /** Workgroups for this run; any dimension 0 = nothing to do. At most 65 535 each: see `grid1d`. Errors: GpuError for a run without its numbers. */
  grid(run: Run): Grid;
  /** Floating-point operations and bytes moved (each tensor once), for the cost model and the bench. Errors: as `grid`. */
  cost(run: Run): Cost;
  /** The axis of the grid along rows, if the kernel adds `run.first_group` to its workgroup index there: it can then be dispatched in windows. */
  rowAxis?: 0 | 1;
}

/** What a wrapper tells of its kernel: `grid` and `cost` see the declared numbers, under the kernel's own names. */
interface Definition<N extends Numbers> extends Program {
  /** Default `other`. */
  kind?: KernelKind;
  numbers: N;
  from?: Sources<N>;
  grid(own: Own<N>): Grid;
  cost(own: Own<N>): Cost;
  rowAxis?: 0 | 1;
}

/**
 * A kernel from its declaration. Errors: GpuError where its numbers are not those of `struct Run` in the composed text, or where only one of
 * `rowAxis` and `firstGroup` is there.
 */
export function defineKernel<const N extends Numbers>({
  kind = 'other',
  numbers: declared,
  from,
  grid,
  cost,
  ...rest
}: Definition<N>): Kernel {
  const numbers = runNumbers(declared, from ?? {});
  const kernel = { ...rest, kind, numbers };
  checkStruct(kernel, kernel.code);
  if ((kernel.rowAxis !== undefined) !== 'firstGroup' in declared)
    throw new GpuError(`Kernel ${kernel.label}: windows need both rowAxis and firstGroup. This is a bug of affinage; please report it.`);
  // A runner asks for grid and cost of the same run several times.
  let last: { run: Run; own: Own<N> } | undefined;
  const ownOf = (run: Run) => {
    if (last?.run !== run) last = { run, own: ownNumbers(kernel, run) as Own<N> };
    return last.own;
  };
  return { ...kernel, grid: run => grid(ownOf(run)), cost: run => cost(ownOf(run)) };
}

/** Workgroups [first, first + count) along a kernel's row axis: a dispatch of its own, whose slot of the run holds the same `first`. */
export interface Window {
  first: number;
  count: number;
}

export interface Cost {
  flops: number;
  bytes: number;
}

/** A whole buffer or a part of it: offset a multiple of 256, sizes in bytes. */
export type BufferPart = GPUBuffer | GPUBufferBinding;

export interface Step extends HasNumbers {
  kind: KernelKind;
  pipeline: GPUComputePipeline;
  bindGroup: GPUBindGroup;
  /** Whether the kernel reads the run, and so takes the offset of a slot. */
  hasRun: boolean;
  rowAxis?: 0 | 1;
  grid(run: Run): Grid;
  cost(run: Run): Cost;
}

/** Compiles the kernel (once per text) and binds the buffers, in the order of its bindings; the run's numbers, its last, come from `gpu.run`. */
export async function makeStep(gpu: Gpu, kernel: Kernel, buffers: readonly BufferPart[]): Promise<Step> {
  const { label, kind, numbers, bindings, rowAxis } = kernel;
  const pipeline = await gpu.pipelines.get(kernel);
  const hasRun = bindings.includes('uniform');
  const entries = [...buffers, ...(hasRun ? [gpu.run] : [])].map((part, binding) => {
    const whole = 'buffer' in part ? part : { buffer: part };
    return { binding, resource: bindings[binding] === 'uniform' ? { ...whole, size: runSlotBytes } : whole };
  });
  const bindGroup = gpu.device.createBindGroup({ label, layout: gpu.pipelines.layout(bindings), entries });
  return { label, kind, numbers, pipeline, bindGroup, hasRun, rowAxis, grid: run => kernel.grid(run), cost: run => kernel.cost(run) };
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

/** Encodes whole steps of one run; the caller sends the slots before it submits. Errors: GpuError for numbers amiss, or more of them than slots. */
export function encodeSteps(pass: GPUComputePassEncoder, steps: readonly Step[], run: Run, slots: RunSlots): void {
  for (const step of steps) {
    const slot = slots.place(step, run);
    if (slot === null) throw new GpuError(`${step.label}: the run buffer is full. This is a bug of affinage; please report it.`);
    encodeStep(pass, step, run, slot);
  }
}

/** One step, whole or a window of it, with its numbers in `slot`; returns 0 where there is nothing to do. */
export function encodeStep(pass: GPUComputePassEncoder, step: Step, run: Run, slot: number, window?: Window): 0 | 1 {
  const grid = [...step.grid(run)] as [number, number, number];
  if (window && step.rowAxis !== undefined) grid[step.rowAxis] = window.count;
  const [x, y, z] = grid;
  if (x === 0 || y === 0 || z === 0) return 0;
  pass.setPipeline(step.pipeline);
  pass.setBindGroup(0, step.bindGroup, step.hasRun ? [runSlotBytes * slot] : []);
  pass.dispatchWorkgroups(x, y, z);
  return 1;
}
