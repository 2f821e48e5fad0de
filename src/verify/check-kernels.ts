/** The kernels' part of "check this device": runs their cases on one device and compares with the references. */

import { DeviceLostError } from '../errors.ts';
import type { DeviceProfile, Gpu } from '../gpu/device.ts';
import type { CaseInstance, CaseSet, KernelCase } from '../kernels/checking/cases.ts';
import { caseContext, runCase, toleranceOf } from '../kernels/checking/run-case.ts';
import type { Variant } from '../kernels/variants.ts';
import type { StorageType, VariantReport } from '../types.ts';
import type { CheckForm, KernelCheck, VariantCheck } from './types.ts';

export interface KernelsOptions {
  sets: readonly CaseSet[];
  form: CheckForm;
  /** Check only the variants that models use on this adapter. */
  onlyUsed?: boolean;
  /** Results of tuning on this adapter: models use the chosen variants and avoid the refused ones. */
  tuned?: readonly VariantReport[];
  /** Storage for which tuning has just checked the attention variant that it chose on this device; it is not checked again. */
  justTuned?: StorageType;
  signal?: AbortSignal;
  onCase?: (done: number, total: number, detail: string) => void;
}

/** A variant with one storage type; its cases are compiled and judged together. */
interface Job {
  set: CaseSet;
  variant: Variant;
  storage: StorageType;
  cases: readonly KernelCase[];
  /** Reason why it is not run; null if it is. */
  skip: string | null;
}

/** After this many lost devices in succession the check stops, as then no single variant is at fault. */
const maxLost = 3;

export interface CheckedKernels {
  kernels: KernelCheck[];
  /** The error that ended the check early; `kernels` has the results until then. */
  stopped: Error | null;
}

/**
 * Runs the cases and judges every variant. A variant that loses the device fails by name and the check goes on with `reopen()`; without it,
 * or when that keeps happening, the check stops there. Errors: the signal's reason.
 */
export async function checkKernels(gpu: Gpu, options: KernelsOptions, reopen?: () => Promise<Gpu>): Promise<CheckedKernels> {
  const { sets, signal, onCase } = options;
  const jobs = sets.flatMap(set => jobsOf(set, gpu.profile, options));
  const total = jobs.reduce((sum, job) => sum + (job.skip === null ? job.cases.length : 0), 0);
  const checks = new Map<string, VariantCheck[]>(sets.map(set => [set.kernel, []]));
  let done = 0;
  let lost = 0;
  let device = gpu;
  let stopped: Error | null = null;
  for (const job of jobs) {
    const check = emptyCheck(job);
    checks.get(job.set.kernel)!.push(check);
    if (job.skip !== null) continue;
    if (stopped) {
      Object.assign(check, { outcome: 'skipped', reason: 'the check ended before it' });
      continue;
    }
    const detail = `${job.set.kernel} ${job.variant.name} ${job.storage}`;
    try {
      await runJob(device, job, check, options, () => onCase?.(done++, total, detail));
    } catch (error) {
      if (!(error instanceof DeviceLostError)) throw error;
      check.failures.push({ case: job.cases[check.cases]?.name ?? 'compiling', why: error.message });
      signal?.throwIfAborted();
      if (!reopen || ++lost > maxLost) stopped = error;
      else
        try {
          device = await reopen();
        } catch (cause) {
          stopped = cause instanceof Error ? cause : error;
        }
    }
    if (check.failures.length > 0) check.outcome = 'failed';
  }
  onCase?.(total, total, '');
  const kernels = [...checks].map(([kernel, variants]) => {
    avoid(kernel, variants, options.tuned ?? []);
    return summary(kernel, variants);
  });
  return { kernels, stopped };
}

function jobsOf(set: CaseSet, profile: DeviceProfile, { form, onlyUsed = false, tuned = [], justTuned }: KernelsOptions): Job[] {
  const lean = form === 'short' && (profile.software || onlyUsed);
  return set.variants.flatMap(variant =>
    (set.storages ?? (['f32', 'f16'] as const)).map(storage => {
      const cases = set.cases.filter(c => (!c.variants || c.variants.includes(variant.name)) && (form === 'full' || c.quick));
      const isUsed = variant.suits(profile) || tuned.some(t => isOf(t, set.kernel) && t.chosen === variant.name);
      const wasChecked = tuned.some(t => t.kernel === 'attention' && isOf(t, set.kernel) && !t.remembered);
      let skip: string | null = null;
      if (storage === 'f16' && !profile.f16) skip = 'no shader-f16';
      else if (!variant.runsOn(profile)) skip = 'needs features or subgroups that are not there';
      else if (lean && storage === 'f16' && profile.software) skip = 'models keep f32 activations on a software adapter';
      else if (lean && !isUsed) skip = 'models do not use it on this adapter';
      else if (wasChecked && storage === justTuned) skip = 'checked a moment ago, when variants were measured';
      else if (cases.length === 0) skip = 'no case for it in this form';
      return { set, variant, storage, cases, skip };
    }),
  );
}

function emptyCheck({ variant, storage, skip }: Job): VariantCheck {
  const base = { variant: variant.name, storage, cases: 0, worst: null, failures: [], notes: [] };
  return skip === null ? { ...base, outcome: 'passed' } : { ...base, outcome: 'skipped', reason: skip };
}

async function runJob(gpu: Gpu, job: Job, check: VariantCheck, { signal }: KernelsOptions, onCase: () => void): Promise<void> {
  const { cases, storage, variant } = job;
  // A few at a time, so that compilers work in parallel but large cases do not fill the memory.
  const atOnce = 8;
  for (let from = 0; from < cases.length; from += atOnce) {
    const made = cases.slice(from, from + atOnce).map(kernelCase => {
      signal?.throwIfAborted();
      return { kernelCase, instance: kernelCase.make(caseContext(gpu, kernelCase, variant.name, storage)) };
    });
    await compileAhead(
      gpu,
      made.map(({ instance }) => instance),
    );
    for (const { kernelCase, instance } of made) {
      signal?.throwIfAborted();
      onCase();
      await runOne(gpu, kernelCase, instance, storage, check);
      check.cases++;
    }
  }
}

/** Fills the pipeline cache. Compile errors are ignored here and reported when the case runs. */
async function compileAhead(gpu: Gpu, instances: readonly CaseInstance[]): Promise<void> {
  try {
    await gpu.checked('compiling', () => Promise.allSettled(instances.map(({ kernel }) => gpu.pipelines.get(kernel))));
  } catch (error) {
    if (error instanceof DeviceLostError) throw error;
  }
}

async function runOne(gpu: Gpu, kernelCase: KernelCase, instance: CaseInstance, storage: StorageType, check: VariantCheck): Promise<void> {
  const bound = toleranceOf(instance, storage);
  const wrong = kernelCase.nonFinite ? check.notes : check.failures;
  try {
    for (const { name, nmse, worst } of await runCase(gpu, instance, storage)) {
      const { index, got, expected } = worst;
      const maxAbs = Math.abs(got - expected);
      if (!(nmse <= bound)) {
        const at = `at ${index}: ${short(got)} instead of ${short(expected)}`;
        wrong.push({
          case: kernelCase.name,
          why: `${name}: error ${nmse.toExponential(1)}, at most ${bound.toExponential(0)}; worst ${at}`,
        });
      }
      if (kernelCase.nonFinite) continue;
      const error = { nmse: finite(nmse), maxAbs: finite(maxAbs), bound, case: kernelCase.name };
      if (check.worst === null || load(error) > load(check.worst)) check.worst = error;
    }
  } catch (error) {
    if (error instanceof DeviceLostError || gpu.lostError) throw gpu.lostError ?? error;
    if (!(error instanceof Error) || error.name === 'AbortError') throw error;
    wrong.push({ case: kernelCase.name, why: error.message });
  }
}

/** Error divided by its bound: over 1 is too large. For an exact case (bound 0): 0 if exact, infinite if not. */
function load({ nmse, bound }: { nmse: number | null; bound: number }): number {
  if (nmse === null) return Number.POSITIVE_INFINITY;
  if (nmse === 0) return 0;
  return bound === 0 ? Number.POSITIVE_INFINITY : nmse / bound;
}

function finite(value: number): number | null {
  return Number.isFinite(value) ? value : null;
}

function short(value: number): string {
  return Number.isInteger(value) ? String(value) : value.toPrecision(6);
}

/** Whether a choice of tuning is one between variants of this shader: `matmul` is for `matmul-rows` too, `softmaxStats` for `softmax-stats`. */
function isOf(report: VariantReport, kernel: string): boolean {
  const name = report.kernel.replace(/[A-Z]/g, letter => `-${letter.toLowerCase()}`);
  return kernel === name || kernel.startsWith(`${name}-`);
}

/**
 * Marks the variants that tuning refuses. One that failed here too, and that tuning chose for no task, is `avoided`: no model uses it.
 */
function avoid(kernel: string, variants: VariantCheck[], tuned: readonly VariantReport[]): void {
  const own = tuned.filter(report => isOf(report, kernel));
  for (const check of variants) {
    const refusal = own.flatMap(({ candidates }) => candidates).find(c => c.variant === check.variant && c.refused);
    if (!refusal || check.outcome === 'skipped') continue;
    check.reason = `refused when variants were measured: ${refusal.refused}`;
    if (check.outcome === 'failed' && !own.some(({ chosen }) => chosen === check.variant)) check.outcome = 'avoided';
  }
}

function summary(kernel: string, variants: VariantCheck[]): KernelCheck {
  const counted = variants.filter(({ outcome }) => outcome === 'passed' || outcome === 'failed');
  let worst: KernelCheck['worst'] = null;
  for (const check of counted) if (check.worst && (worst === null || load(check.worst) > load(worst))) worst = check.worst;
  return {
    kernel,
    passed: counted.every(({ outcome }) => outcome === 'passed'),
    cases: variants.reduce((sum, { cases }) => sum + cases, 0),
    worst,
    variants,
  };
}
