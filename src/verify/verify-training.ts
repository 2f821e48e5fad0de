/** `affinage train --check`: the kernels of training against their references, then training itself, on this adapter. */
import { openGpu } from '../gpu/device.ts';
import type { Environment } from '../inference/environment.ts';
import { allCases } from '../kernels/all.cases.ts';
import { checksOfStorage, checkTraining, type TrainingCheck } from '../training/check.ts';
import type { OnProgress, StorageType } from '../types.ts';
import { checkKernels } from './check-kernels.ts';

interface VerifyTrainingOptions {
  /** Of the models that are trained; default all that the adapter has. */
  storage?: StorageType;
  signal?: AbortSignal;
  onCheck?(check: TrainingCheck): void;
  /** Stage `check`, in items. */
  onProgress?: OnProgress;
}

/** Each kernel of training is one check, then those of `checkTraining`. Errors: NoAdapterError, those of a GPU; the signal's reason. */
export async function verifyTraining(
  env: Environment,
  { storage, signal, onCheck, onProgress }: VerifyTrainingOptions,
): Promise<TrainingCheck[]> {
  const gpu = await openGpu(await env.gpu(), { whileWaiting: env.whileWaiting });
  try {
    const sets = allCases.filter(set => set.training);
    const all: StorageType[] = gpu.profile.f16 ? ['f32', 'f16'] : ['f32'];
    const storages = storage ? [storage] : all;
    const trainings = storages.length * checksOfStorage;
    let cases = 0;
    const onCase = (done: number, total: number, detail: string) => {
      cases = total;
      onProgress?.({ stage: 'check', done, total: total + trainings, unit: 'items', detail });
    };
    const { kernels, stopped } = await checkKernels(gpu, { sets, form: 'short', onlyUsed: true, signal, onCase });
    if (stopped) throw stopped;
    const checks = kernels.map(({ kernel, passed, variants }): TrainingCheck => {
      const failure = variants.flatMap(({ failures }) => failures)[0];
      return { name: `kernel ${kernel}`, failure: passed ? null : (failure?.why ?? 'no variant runs here') };
    });
    for (const check of checks) onCheck?.(check);
    let done = cases;
    const onTraining = (check: TrainingCheck) => {
      onCheck?.(check);
      onProgress?.({ stage: 'check', done: ++done, total: cases + trainings, unit: 'items', detail: check.name });
      signal?.throwIfAborted();
    };
    return [...checks, ...(await checkTraining(gpu, storages, onTraining))];
  } finally {
    gpu.destroy();
  }
}
