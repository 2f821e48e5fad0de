/** `affinage train --check`: the kernels of training against their references, then training itself, on this adapter. */
import { openGpu } from '../gpu/device.ts';
import type { Environment } from '../inference/environment.ts';
import { allCases } from '../kernels/all.cases.ts';
import { checkTraining, type TrainingCheck } from '../training/check.ts';
import type { StorageType } from '../types.ts';
import { checkKernels } from './check-kernels.ts';

interface VerifyTrainingOptions {
  /** Of the models that are trained; default all that the adapter has. */
  storage?: StorageType;
  signal: AbortSignal;
  onCheck(check: TrainingCheck): void;
}

/** Each kernel of training is one check, then those of `checkTraining`. Errors: NoAdapterError, those of a GPU; the signal's reason. */
export async function verifyTraining(env: Environment, { storage, signal, onCheck }: VerifyTrainingOptions): Promise<TrainingCheck[]> {
  const gpu = await openGpu(await env.gpu(), { whileWaiting: env.whileWaiting });
  try {
    const sets = allCases.filter(set => set.training);
    const { kernels, stopped } = await checkKernels(gpu, { sets, form: 'short', onlyUsed: true, signal });
    if (stopped) throw stopped;
    const checks = kernels.map(({ kernel, passed, variants }): TrainingCheck => {
      const failure = variants.flatMap(({ failures }) => failures)[0];
      return { name: `kernel ${kernel}`, failure: passed ? null : (failure?.why ?? 'no variant runs here') };
    });
    for (const check of checks) onCheck(check);
    const all: StorageType[] = gpu.profile.f16 ? ['f32', 'f16'] : ['f32'];
    return [...checks, ...(await checkTraining(gpu, storage ? [storage] : all, onCheck))];
  } finally {
    gpu.destroy();
  }
}
