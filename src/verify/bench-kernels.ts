/** How fast is each kernel on this adapter, held against the adapter's own ceiling? Numbers are checked before they are timed. */
import { DeviceLostError, InputError } from '../errors.ts';
import { type Gpu, openGpu } from '../gpu/device.ts';
import { makeStep } from '../gpu/step.ts';
import { GpuTimer } from '../gpu/timing.ts';
import type { Environment } from '../inference/environment.ts';
import { peakGflops, peakGigabytesPerSecond } from '../inference/peaks.ts';
import { allCases } from '../kernels/all.cases.ts';
import type { CaseInstance, CaseSet, KernelCase } from '../kernels/checking/cases.ts';
import { caseContext, pack, runCase, toleranceOf } from '../kernels/checking/run-case.ts';
import { defaultVariant, type Variant } from '../kernels/variants.ts';
import { TrialBench } from '../runtime/tune/tune-trial.ts';
import type { LoadOptions, StorageType } from '../types.ts';

export interface KernelBenchOptions {
  /** Names of kernels, such as `matmul` or `topk-select`; default all. */
  kernels?: readonly string[];
  /** `default`: what models use here unless measuring says otherwise; `all`: whatever this adapter can run; or variants by name. */
  variants: 'all' | 'default' | readonly string[];
  /** Of the activations. Kernels that know f32 alone are left out of f16. Errors: InputError where the adapter has no shader-f16. */
  storage: StorageType;
  without?: LoadOptions['without'];
  signal?: AbortSignal;
  onKernel?: (done: number, total: number, detail: string) => void;
}

export interface KernelBenchRow {
  /** `matmul`, `softmax-stats`: the shader's name without what tells variants apart. */
  kernel: string;
  variant: string;
  /** Sizes, as the case is called. */
  case: string;
  flops: number;
  /** Each tensor counted once. */
  bytes: number;
  /** ms of one dispatch; null where the numbers were wrong or the kernel did not run. */
  ms: number | null;
  gflops: number | null;
  gigabytesPerSecond: number | null;
  /** What the peaks allow: as if arithmetic and memory ran side by side, each at its peak. */
  limitMs: number;
  /** limitMs / ms. */
  ofLimit: number | null;
  /** Why it was not timed. */
  refused?: string;
}

export interface KernelBenchReport {
  adapter: string;
  storage: StorageType;
  /** Multiply-adds in registers, and a copy of a big buffer (reading and writing together). */
  peaks: { gflops: number; gigabytesPerSecond: number };
  rows: KernelBenchRow[];
}

interface Job {
  set: CaseSet;
  kernel: string;
  variant: Variant;
  kernelCase: KernelCase;
}

/** Errors: NoAdapterError; InputError for names that are not there; DeviceLostError; the signal's reason. */
export async function benchKernels(
  env: Environment,
  options: KernelBenchOptions,
  /** For tests: other kernels than the product's. */
  sets: readonly CaseSet[] = allCases,
): Promise<KernelBenchReport> {
  const { storage, without, signal, onKernel } = options;
  const chosen = setsOf(options, sets);
  const gpu = await openGpu(await env.gpu(), { without, whileWaiting: env.whileWaiting });
  try {
    if (storage === 'f16' && !gpu.profile.f16) throw new InputError('This adapter has no shader-f16. Leave the storage out, or take f32.');
    onKernel?.(0, 0, "the adapter's peaks");
    const peaks = { gflops: await peakGflops(gpu), gigabytesPerSecond: await peakGigabytesPerSecond(gpu) };
    const jobs = jobsOf(gpu, chosen, options);
    const rows: KernelBenchRow[] = [];
    for (const [done, job] of jobs.entries()) {
      signal?.throwIfAborted();
      onKernel?.(done, jobs.length, `${job.kernel} ${job.variant.name}, ${job.kernelCase.name}`);
      rows.push(await bench(gpu, job, storage, peaks));
    }
    return { adapter: gpu.profile.description, storage, peaks, rows };
  } finally {
    gpu.destroy();
  }
}

/** The shader's name, without its variant where the shader has it in its name. */
function familyOf({ kernel, training }: CaseSet, sets: readonly CaseSet[]): string {
  if (training) return kernel;
  const stem = kernel.split('-')[0]!;
  const isSplit = sets.filter(set => !set.training && set.kernel.startsWith(`${stem}-`)).length > 1;
  return isSplit ? stem : kernel;
}

/** Errors: InputError for a kernel or a variant that no set has. */
function setsOf({ kernels, variants }: KernelBenchOptions, sets: readonly CaseSet[]): { set: CaseSet; kernel: string }[] {
  const all = sets.map(set => ({ set, kernel: familyOf(set, sets) })).filter(({ set }) => casesOf(set).length > 0);
  const named = (name: string) => all.filter(({ set, kernel }) => kernel === name || set.kernel === name);
  for (const name of kernels ?? []) {
    if (named(name).length > 0) continue;
    throw new InputError(`There is no kernel "${name}" to time. There are ${[...new Set(all.map(({ kernel }) => kernel))].join(', ')}.`);
  }
  const chosen = kernels ? all.filter(entry => kernels.some(name => named(name).includes(entry))) : all;
  const known = [...new Set(chosen.flatMap(({ set }) => set.variants.map(({ name }) => name)))];
  for (const name of typeof variants === 'string' ? [] : variants) {
    if (!known.includes(name)) throw new InputError(`There is no variant "${name}" of these kernels. There are ${known.join(', ')}.`);
  }
  return chosen;
}

const casesOf = ({ cases, benchCases = [] }: CaseSet): KernelCase[] => [...cases.filter(c => c.bench), ...benchCases];

/** Grouped by kernel and case, so that the variants of one case stand together. */
function jobsOf(gpu: Gpu, chosen: readonly { set: CaseSet; kernel: string }[], { variants, storage }: KernelBenchOptions): Job[] {
  const { profile } = gpu;
  const jobs = chosen
    .filter(({ set }) => (set.storages ?? ['f32', 'f16']).includes(storage))
    .flatMap(({ set, kernel }) =>
      casesOf(set).flatMap(kernelCase =>
        set.variants
          .filter(({ name }) => !kernelCase.variants || kernelCase.variants.includes(name))
          .filter(variant => variant.runsOn(profile) && (typeof variants === 'string' || variants.includes(variant.name)))
          .map(variant => ({ set, kernel, variant, kernelCase })),
      ),
    );
  const groups = new Map<string, Job[]>();
  for (const job of jobs) {
    const key = `${job.kernel}\n${job.kernelCase.name}`;
    groups.set(key, [...(groups.get(key) ?? []), job]);
  }
  return [...groups.values()].flatMap(group => {
    if (variants !== 'default') return group;
    const best = defaultVariant(
      group.map(({ variant }) => variant),
      profile,
    );
    return group.filter(({ variant }) => variant.name === best);
  });
}

async function bench(
  gpu: Gpu,
  { kernel, variant, kernelCase }: Job,
  storage: StorageType,
  peaks: KernelBenchReport['peaks'],
): Promise<KernelBenchRow> {
  const instance = kernelCase.make(caseContext(gpu, kernelCase, variant.name, storage));
  const { flops, bytes } = instance.kernel.cost(instance.run);
  const limitMs = Math.max(flops / peaks.gflops, bytes / peaks.gigabytesPerSecond) / 1e6;
  const row = { kernel, variant: variant.name, case: kernelCase.name, flops, bytes, limitMs };
  const nothing = { ms: null, gflops: null, gigabytesPerSecond: null, ofLimit: null };
  try {
    const wrong = await wrongOf(gpu, instance, storage);
    if (wrong) return { ...row, ...nothing, refused: wrong };
    const ms = await timeMs(gpu, instance, storage);
    return { ...row, ms, gflops: flops / ms / 1e6, gigabytesPerSecond: bytes / ms / 1e6, ofLimit: limitMs / ms };
  } catch (error) {
    if (error instanceof DeviceLostError || gpu.lostError) throw gpu.lostError ?? error;
    if (!(error instanceof Error) || error.name === 'AbortError') throw error;
    return { ...row, ...nothing, refused: error.message.split('\n')[0]! };
  }
}

async function wrongOf(gpu: Gpu, instance: CaseInstance, storage: StorageType): Promise<string | null> {
  const bound = toleranceOf(instance, storage);
  for (const { name, nmse } of await runCase(gpu, instance, storage))
    if (!(nmse <= bound)) return `wrong numbers in ${name}: error ${nmse.toExponential(1)}, at most ${bound.toExponential(0)}`;
  return null;
}

async function timeMs(gpu: Gpu, instance: CaseInstance, storage: StorageType): Promise<number> {
  const trial = new TrialBench(gpu);
  const timer = new GpuTimer(gpu);
  try {
    const step = await gpu.checked(instance.kernel.label, () => {
      const buffers = instance.buffers.map(b => {
        const bytes = pack(b, storage) as Uint8Array<ArrayBuffer>;
        return trial.storage(b.name, bytes.byteLength, bytes);
      });
      return makeStep(gpu, instance.kernel, buffers);
    });
    return await trial.timeMs(timer, [step], instance.run);
  } finally {
    timer.dispose();
    trial.dispose();
  }
}
