/** What is measured or checked of a model: a task for each kernel and shape that has a choice of variants. */
import type { DeviceProfile, Gpu } from '../../gpu/device.ts';
import { attentionVariants } from '../../kernels/attention.ts';
import { type MatmulVariant, matmulVariants } from '../../kernels/matmul.ts';
import type { Variant } from '../../kernels/variants.ts';
import type { KernelVariants, StorageType } from '../../types.ts';
import { kernelVariants, matmulClass } from '../choices.ts';
import type { DeviceLinear } from '../matrix.ts';
import { type AttentionForm, AttentionTrial } from './tune-attention.ts';
import { MatmulTrial, trialShape } from './tune-matmul.ts';
import { type RowsForm, type RowsKernel, RowsTrial } from './tune-rows.ts';
import type { Trial } from './tune-trial.ts';

const called = (kernel: keyof KernelVariants, shape: string) => ({
  kernel,
  shape,
  name: `${kernel.replace(/[A-Z]/g, letter => `-${letter.toLowerCase()}`)} ${shape}`,
});

export interface Task {
  kernel: keyof KernelVariants;
  /** As in `VariantReport`. */
  shape: string;
  /** Kernel, as its shader is called, and shape. */
  name: string;
  /** The default first. */
  candidates: readonly string[];
  /** Tried only if no candidate computes right numbers. */
  reserves: readonly string[];
  open(variant: string): Promise<Trial>;
}

/** What the measuring needs of a model: its attention, a matrix of a layer, the decoder if there is one, and what the other kernels depend on. */
export interface TunedModel extends AttentionForm, RowsForm {
  layer: DeviceLinear;
  decoder: DeviceLinear | null;
  /** A matrix of each weight format: a variant that is asked for is checked on every one. */
  formats: readonly DeviceLinear[];
}

/** Rows of the trials for many rows, and for most. */
export const manyRows = 128;
const mostRows = 1024;

/** Kernels beside matmul and attention that are measured. Two read the scores of a whole vocabulary, and the norm runs twice in each layer. */
export const timedRows = ['layernorm', 'softmaxStats', 'topk'] as const;

/** All that is measured for this model, and what is checked because a variant of it is asked for. */
export function tasksOf(gpu: Gpu, model: TunedModel, storage: StorageType, forced: KernelVariants): Task[] {
  const rows = (Object.keys(kernelVariants) as (keyof KernelVariants)[]).filter(
    (kernel): kernel is RowsKernel => kernel !== 'matmul' && kernel !== 'attention',
  );
  return [
    ...matmulTasks(gpu, model, storage, forced.matmul !== undefined),
    attentionTask(gpu, model, storage),
    ...rows
      .map(kernel => rowsTask(gpu, model, storage, kernel))
      .filter(
        // A single candidate needs no measuring. A variant that was asked for is checked in every task of its kernel.
        ({ kernel, candidates }) =>
          forced[kernel] !== undefined || ((timedRows as readonly string[]).includes(kernel) && candidates.length > 1),
      ),
  ];
}

function matmulTasks(gpu: Gpu, { layer, decoder, formats }: TunedModel, storage: StorageType, isForced: boolean): Task[] {
  const task = ({ matrix, bias }: DeviceLinear, use: 'decoder' | 'layer', rows: number, maxRows: number): Task => {
    const shape = trialShape(matrix, storage, maxRows, use, bias !== null);
    const able = matmulVariants.filter(v => v.runsOn(gpu.profile) && v.accepts(shape));
    return {
      ...called('matmul', matmulClass(shape)),
      ...ranked(able, gpu.profile),
      open: variant => new MatmulTrial(gpu, matrix, storage, rows, shape, variant as MatmulVariant).ready(),
    };
  };
  const tasks = [task(layer, 'layer', manyRows, manyRows), task(layer, 'layer', 16, 32)];
  // Variants for many rows differ on GPUs only, and on a software adapter this trial would take seconds.
  if (!gpu.profile.software) tasks.push(task(layer, 'layer', mostRows, mostRows));
  if (decoder) tasks.push(task(decoder, 'decoder', 1, 4));
  if (isForced) for (const linear of formats) tasks.push(task(linear, 'decoder', 1, 4));
  return tasks.filter(({ name }, i) => tasks.findIndex(other => other.name === name) === i);
}

function attentionTask(gpu: Gpu, form: AttentionForm, storage: StorageType): Task {
  const able = attentionVariants.filter(v => v.runsOn(gpu.profile));
  return {
    ...called('attention', `${form.heads}×${form.headDim}`),
    ...ranked(able, gpu.profile),
    open: variant => new AttentionTrial(gpu, form, storage, variant as (typeof attentionVariants)[number]['name']).ready(),
  };
}

const isOverVocabulary = (kernel: RowsKernel) => kernel === 'softmaxStats' || kernel === 'targetScores' || kernel === 'topk';

function rowsTask(gpu: Gpu, form: RowsForm, storage: StorageType, kernel: RowsKernel): Task {
  const able = kernelVariants[kernel].filter(v => v.runsOn(gpu.profile));
  return {
    ...called(kernel, String(isOverVocabulary(kernel) ? form.V : form.H)),
    ...ranked(able, gpu.profile),
    open: variant => new RowsTrial(gpu, kernel, form, storage, variant as never).ready(),
  };
}

/**
 * Variants that suit this kind of adapter come first. On a software adapter those made for GPUs are only reserves: there they are
 * several times slower and take seconds to compile.
 */
function ranked(able: readonly Variant[], profile: DeviceProfile): { candidates: string[]; reserves: string[] } {
  const suited = able.filter(v => v.suits(profile)).map(v => v.name);
  const others = able.filter(v => !v.suits(profile)).map(v => v.name);
  return profile.software && suited.length > 0
    ? { candidates: suited, reserves: others }
    : { candidates: [...suited, ...others], reserves: [] };
}
