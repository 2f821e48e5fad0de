/**
 * Which variant is fastest on this very adapter? Each candidate first computes a known answer: one that is wrong here is
 * refused and reported, whatever its speed. Winners are remembered by adapter and version.
 */
import { GpuError } from '../../errors.ts';
import type { Gpu } from '../../gpu/device.ts';
import { GpuTimer } from '../../gpu/timing.ts';
import { type MatmulVariant, matmulVariants } from '../../kernels/matmul.ts';
import type { Notes } from '../../notes.ts';
import type { KernelVariants, StorageType, VariantReport } from '../../types.ts';
import { type Measured, matmulClass } from '../choices.ts';
import { Pace } from '../pace.ts';
import { attentionTrialFlops } from './tune-attention.ts';
import { manyRows, type Task, type TunedModel, tasksOf, timedRows } from './tune-tasks.ts';
import type { Trial } from './tune-trial.ts';

/**
 * Measuring stops here at load, so that with the check of the candidate then on trial it ends within 2 s; what was not reached
 * takes the default for its kind of adapter and is measured at the next load.
 */
const loadBudgetMs = 1200;
/** Another variant replaces the default only if it takes at most this part of its time, as measurements vary. */
const clearlyFaster = 0.93;

/** Largest NMSE of a right variant: its sums are f32, so it differs from the reference by rounding only. */
const maxNmse = 1e-9;

export interface Tuned {
  measured: Measured;
  reports: VariantReport[];
}

/** Where choices are remembered. If they are lost, the variants are measured again, so neither function throws. */
export interface TuningStore {
  get(key: string): Promise<string | null>;
  set(key: string, value: string): Promise<void>;
}

export interface TuneOptions {
  store: TuningStore;
  version: string;
  signal?: AbortSignal;
  budgetMs?: number;
  /** Variants asked for: checked, neither timed nor remembered. This adapter can run them (`checkForced`). */
  forced?: KernelVariants;
  /** Takes a note for each variant that was asked for and does not fit every product. */
  notes?: Notes;
  onTask?: (done: number, total: number, task: string) => void;
}

/**
 * Measures the candidates for this model's shapes. Errors: GpuError when no variant of a kernel is right on this adapter, or one that was
 * asked for is not.
 */
export async function tune(gpu: Gpu, model: TunedModel, storage: StorageType, options: TuneOptions): Promise<Tuned> {
  const { forced = {}, notes, signal } = options;
  const tasks = tasksOf(gpu, model, storage, forced);
  const deadline = performance.now() + (options.budgetMs ?? loadBudgetMs);
  const timer = new GpuTimer(gpu);
  const found: { kernel: keyof KernelVariants; report: VariantReport }[] = [];
  try {
    for (const [i, task] of tasks.entries()) {
      signal?.throwIfAborted();
      options.onTask?.(i, tasks.length, task.name);
      const asked = forced[task.kernel];
      const report =
        asked !== undefined && knows(task, asked)
          ? await tryForced(task, asked, timer)
          : await recall(gpu, storage, task, timer, deadline, options);
      found.push({ kernel: task.kernel, report });
    }
  } finally {
    timer.dispose();
  }
  const of = (kernel: keyof KernelVariants) => found.filter(f => f.kernel === kernel).map(f => f.report);
  if (forced.matmul) for (const note of leftOut(forced.matmul, of('matmul'))) notes?.add(note);
  const measured = {
    matmul: new Map(of('matmul').map(r => [r.shape, r.chosen])),
    attention: of('attention')[0]!.chosen,
    ...Object.fromEntries(timedRows.map(kernel => [kernel, of(kernel)[0]?.chosen])),
  };
  return { measured: measured as unknown as Measured, reports: found.map(f => f.report) };
}

/** The choice of an earlier load where it is settled, else one by measuring, which is remembered. */
async function recall(
  gpu: Gpu,
  storage: StorageType,
  task: Task,
  timer: GpuTimer,
  deadline: number,
  { store, version }: TuneOptions,
): Promise<VariantReport> {
  const key = `${version}|${gpu.profile.key}|${storage}|${task.name}`;
  const earlier = parseReport(await store.get(key), task);
  // With a single right candidate there is nothing to choose, whether it was timed or not.
  if (earlier && (earlier.candidates.length === 1 || earlier.candidates.every(isDecided))) return { ...earlier, remembered: true };
  // What the budget did not reach is measured at the next load: a slow adapter settles its choices over a few of them.
  const report = await measure(task, timer, deadline, earlier);
  await store.set(key, JSON.stringify(report));
  return report;
}

/** Checks a variant that was asked for. Errors: GpuError if its numbers are wrong. */
async function tryForced(task: Task, variant: string, timer: GpuTimer): Promise<VariantReport> {
  const { refused } = await tryOut(task, variant, timer, 0);
  if (refused) {
    throw new GpuError(
      `The variant ${variant} of ${task.kernel} was asked for, but it is not right on this adapter (${task.name}: ${refused}). Leave it out of the variants: then one that computes correctly is chosen.`,
      { kernel: task.kernel, variant },
    );
  }
  return { ...about(task), chosen: variant, candidates: [{ variant, ms: null }], remembered: false, forced: true };
}

/** A sentence for the products that the variant asked for does not take. */
function leftOut(asked: MatmulVariant, reports: readonly VariantReport[]): string[] {
  const others = reports.filter(r => !r.forced).map(r => `${r.chosen} for ${r.shape} rows`);
  if (others.length === 0) return [];
  const takes = matmulVariants.find(v => v.name === asked)?.takes;
  return [`The variant ${asked} of matmul, which was asked for, takes ${takes}. The others use ${others.join(', ')}.`];
}

const about = ({ kernel, shape, name }: Task) => ({ kernel, shape, task: name });

const knows = ({ candidates, reserves }: Task, variant: string) => candidates.includes(variant) || reserves.includes(variant);

/** The speed measured in the trials, for the first estimates, when nothing of the model has run yet. */
export function paceOfTrials(gpu: Gpu, model: TunedModel, reports: readonly VariantReport[]): Pace {
  const pace = new Pace(gpu.profile);
  const { N, K, format } = model.layer.matrix;
  const many = matmulClass({ format, maxRows: manyRows });
  for (const { kernel, shape, chosen, candidates } of reports) {
    const ms = candidates.find(c => c.variant === chosen)?.ms;
    if (!ms) continue;
    if (kernel === 'matmul' && shape === many) pace.set('matmul', { flops: 2 * manyRows * N * K, bytes: 0 }, ms);
    if (kernel === 'attention') pace.set('attention', { flops: attentionTrialFlops(model), bytes: 0 }, ms);
  }
  return pace;
}

/** Measured, or refused: either way nothing is left to find out. */
function isDecided({ ms, refused }: VariantReport['candidates'][number]): boolean {
  return ms !== null || refused !== undefined;
}

async function measure(task: Task, timer: GpuTimer, deadline: number, earlier: VariantReport | null): Promise<VariantReport> {
  const candidates: VariantReport['candidates'] = [];
  for (const variant of task.candidates) {
    const known = earlier?.candidates.find(c => c.variant === variant && isDecided(c));
    const hasSound = candidates.some(c => !c.refused);
    if (known) candidates.push(known);
    else if (hasSound && performance.now() > deadline) candidates.push({ variant, ms: null });
    else candidates.push({ variant, ...(await tryOut(task, variant, timer, deadline)) });
  }
  for (const variant of task.reserves) {
    if (candidates.some(c => !c.refused)) break;
    const known = earlier?.candidates.find(c => c.variant === variant && isDecided(c));
    candidates.push(known ?? { variant, ...(await tryOut(task, variant, timer, deadline)) });
  }
  const sound = candidates.filter(c => !c.refused);
  if (sound.length === 0) {
    const why = candidates.map(c => `${c.variant}: ${c.refused}`).join('; ');
    throw new GpuError(
      `No variant of ${task.name} computes correctly on this adapter (${why}). Update the driver or the browser, and report it.`,
      { candidates },
    );
  }
  let best = sound[0]!;
  for (const c of sound) if (c.ms !== null && best.ms !== null && c.ms < best.ms * (best === sound[0] ? clearlyFaster : 1)) best = c;
  return { ...about(task), chosen: best.variant, candidates, remembered: false };
}

async function tryOut(task: Task, variant: string, timer: GpuTimer, deadline: number): Promise<{ ms: number | null; refused?: string }> {
  let trial: Trial | undefined;
  try {
    trial = await task.open(variant);
    const nmse = await trial.check();
    if (!(nmse <= maxNmse)) return { ms: null, refused: `wrong numbers (error ${nmse.toExponential(1)})` };
    return { ms: performance.now() > deadline ? null : await trial.timeMs(timer) };
  } catch (error) {
    if (error instanceof GpuError) return { ms: null, refused: error.message.split('\n')[0]! };
    throw error;
  } finally {
    trial?.dispose();
  }
}

/** A remembered report, unless it is damaged or names variants that are no more. */
function parseReport(text: string | null, task: Task): VariantReport | null {
  if (!text) return null;
  try {
    const report = JSON.parse(text) as Partial<VariantReport>;
    const names = report.candidates?.map(c => c.variant) ?? [];
    const known: readonly string[] = [...task.candidates, ...task.reserves];
    const fits =
      task.candidates.every(name => names.includes(name)) && names.every(name => known.includes(name)) && names.includes(report.chosen!);
    if (report.task !== task.name || !fits) return null;
    return { ...(report as VariantReport), ...about(task) };
  } catch {
    return null;
  }
}
