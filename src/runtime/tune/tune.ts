/**
 * Which variant is fastest on this very adapter? Each candidate first computes a known answer: one that is wrong here is
 * refused and reported, whatever its speed. Winners are remembered by adapter and version.
 */
import { GpuError } from '../../errors.ts';
import type { DeviceProfile, Gpu } from '../../gpu/device.ts';
import { GpuTimer } from '../../gpu/timing.ts';
import { attentionVariants } from '../../kernels/attention.ts';
import { type MatmulVariant, matmulVariants } from '../../kernels/matmul.ts';
import type { Variant } from '../../kernels/variants.ts';
import type { StorageType, VariantReport } from '../../types.ts';
import { type Measured, matmulClass } from '../choices.ts';
import type { DeviceLinear } from '../matrix.ts';
import { Pace } from '../pace.ts';
import { type AttentionForm, AttentionTrial, attentionTrialFlops } from './tune-attention.ts';
import { MatmulTrial, trialShape } from './tune-matmul.ts';
import type { Trial } from './tune-trial.ts';

/**
 * Measuring stops here at load, so that with the check of the candidate then on trial it ends within 2 s; what was not reached
 * takes the default for its kind of adapter and is measured at the next load.
 */
const loadBudgetMs = 1200;
/** A rival must beat the default by this factor: measurements jitter. */
const clearlyFaster = 0.93;

/** A right kernel in f32 sums differs from the reference by rounding only. */
const maxNmse = 1e-9;

interface Task<Name extends string> {
  name: string;
  /** The default first. */
  candidates: readonly Name[];
  /** Tried only where no candidate is sound. */
  reserves: readonly Name[];
  open(variant: Name): Promise<Trial>;
}

export interface Tuned {
  measured: Measured;
  reports: VariantReport[];
}

/** Where choices are remembered. Losing them costs a new measurement, so neither side throws. */
export interface TuningStore {
  get(key: string): Promise<string | null>;
  set(key: string, value: string): Promise<void>;
}

/** What of a model is measured: its attention, a matrix of a layer, and the decoder where there is one. */
export interface TunedModel extends AttentionForm {
  layer: DeviceLinear;
  decoder: DeviceLinear | null;
}

export interface TuneOptions {
  store: TuningStore;
  version: string;
  signal?: AbortSignal;
  budgetMs?: number;
  onTask?: (done: number, total: number, task: string) => void;
}

/** Measures the candidates for this model's shapes. Errors: GpuError when no variant of a kernel is right on this adapter. */
export async function tune(gpu: Gpu, model: TunedModel, storage: StorageType, options: TuneOptions): Promise<Tuned> {
  const tasks = [...matmulTasks(gpu, model, storage), attentionTask(gpu, model, storage)];
  const deadline = performance.now() + (options.budgetMs ?? loadBudgetMs);
  const timer = new GpuTimer(gpu);
  const reports: VariantReport[] = [];
  try {
    for (const [i, task] of tasks.entries()) {
      options.signal?.throwIfAborted();
      options.onTask?.(i, tasks.length, task.name);
      const key = `${options.version}|${gpu.profile.key}|${storage}|${task.name}`;
      const earlier = parseReport(await options.store.get(key), task);
      // A single candidate that was sound leaves nothing to choose, timed or not.
      const isSettled = earlier !== null && (earlier.candidates.length === 1 || earlier.candidates.every(isDecided));
      // What the budget did not reach is measured at the next load: a slow adapter settles its choices over a few of them.
      const report = isSettled ? { ...earlier!, remembered: true } : await measure(task, timer, deadline, earlier);
      reports.push(report);
      if (!isSettled) await options.store.set(key, JSON.stringify(report));
    }
  } finally {
    timer.dispose();
  }
  const matmul = new Map(reports.filter(r => r.task.startsWith('matmul ')).map(r => [r.task.slice('matmul '.length), r.chosen]));
  const attention = reports.find(r => r.task.startsWith('attention'))!.chosen;
  return { measured: { matmul, attention } as unknown as Measured, reports };
}

/** Rows of the trial for many rows. */
const manyRows = 128;

/** What the adapter has shown in the trials, for the first estimates: nothing of the model has run yet. */
export function paceOfTrials(gpu: Gpu, model: TunedModel, reports: readonly VariantReport[]): Pace {
  const pace = new Pace(gpu.profile);
  const { N, K, format } = model.layer.matrix;
  const many = `matmul ${matmulClass({ format, maxRows: manyRows })}`;
  for (const { task, chosen, candidates } of reports) {
    const ms = candidates.find(c => c.variant === chosen)?.ms;
    if (!ms) continue;
    if (task === many) pace.set('matmul', { flops: 2 * manyRows * N * K, bytes: 0 }, ms);
    if (task.startsWith('attention ')) pace.set('attention', { flops: attentionTrialFlops(model), bytes: 0 }, ms);
  }
  return pace;
}

function matmulTasks(gpu: Gpu, { layer, decoder }: TunedModel, storage: StorageType): Task<string>[] {
  const task = ({ matrix, bias }: DeviceLinear, use: 'decoder' | 'layer', rows: number, maxRows: number): Task<string> => {
    const shape = trialShape(matrix, storage, maxRows, use, bias !== null);
    const able = matmulVariants.filter(v => v.runsOn(gpu.profile) && v.accepts(shape));
    return {
      name: `matmul ${matmulClass(shape)}`,
      ...ranked(able, gpu.profile),
      open: variant => new MatmulTrial(gpu, matrix, storage, rows, shape, variant as MatmulVariant).ready(),
    };
  };
  const tasks = [task(layer, 'layer', manyRows, manyRows), task(layer, 'layer', 16, 32)];
  if (decoder) tasks.push(task(decoder, 'decoder', 1, 4));
  return tasks;
}

function attentionTask(gpu: Gpu, form: AttentionForm, storage: StorageType): Task<string> {
  const able = attentionVariants.filter(v => v.runsOn(gpu.profile));
  return {
    name: `attention ${form.heads}×${form.headDim}`,
    ...ranked(able, gpu.profile),
    open: variant => new AttentionTrial(gpu, form, storage, variant as (typeof attentionVariants)[number]['name']).ready(),
  };
}

/**
 * Variants that suit this kind of adapter first. Those made for GPUs are held back on a software adapter: there they lose by
 * several times and take seconds to compile.
 */
function ranked(able: readonly Variant[], profile: DeviceProfile): { candidates: string[]; reserves: string[] } {
  const suited = able.filter(v => v.suits(profile)).map(v => v.name);
  const others = able.filter(v => !v.suits(profile)).map(v => v.name);
  return profile.software && suited.length > 0
    ? { candidates: suited, reserves: others }
    : { candidates: [...suited, ...others], reserves: [] };
}

/** Measured, or refused: either way nothing is left to find out. */
function isDecided({ ms, refused }: VariantReport['candidates'][number]): boolean {
  return ms !== null || refused !== undefined;
}

async function measure(task: Task<string>, timer: GpuTimer, deadline: number, earlier: VariantReport | null): Promise<VariantReport> {
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
  return { task: task.name, chosen: best.variant, candidates, remembered: false };
}

async function tryOut(
  task: Task<string>,
  variant: string,
  timer: GpuTimer,
  deadline: number,
): Promise<{ ms: number | null; refused?: string }> {
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
function parseReport(text: string | null, task: Task<string>): VariantReport | null {
  if (!text) return null;
  try {
    const report = JSON.parse(text) as Partial<VariantReport>;
    const names = report.candidates?.map(c => c.variant) ?? [];
    const known: readonly string[] = [...task.candidates, ...task.reserves];
    const fits =
      task.candidates.every(name => names.includes(name)) && names.every(name => known.includes(name)) && names.includes(report.chosen!);
    if (report.task !== task.name || !fits) return null;
    return report as VariantReport;
  } catch {
    return null;
  }
}
