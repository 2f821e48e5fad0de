/** "Check this device": every kernel and the embedded model on this adapter, against references. */

import { ModelFileError } from '../errors.ts';
import { type Gpu, openGpu } from '../gpu/device.ts';
import { adapterReport } from '../inference/adapter-report.ts';
import type { Environment } from '../inference/environment.ts';
import { createLoader } from '../inference/load.ts';
import { modelCases } from '../kernels/all.cases.ts';
import type { CaseSet } from '../kernels/checking/cases.ts';
import type { StorageType, VariantReport } from '../types.ts';
import { checkKernels } from './check-kernels.ts';
import { checkModel } from './check-model.ts';
import { failureOf, platform } from './place.ts';
import { readReference, weightsMatch } from './reference.ts';
import type { DeviceCheck, VerifyOptions } from './types.ts';

export { toText } from './to-text.ts';
export type * from './types.ts';

/** Sentences of the short form. */
const fewSentences = 3;

/** For tests: other kernels than the product's. */
export interface VerifyInternal {
  sets?: readonly CaseSet[];
}

/**
 * Checks the adapter of `env`. Faults of the GPU or the embedded model are part of the result and are not thrown. The full form
 * compiles every variant of every kernel: seconds on a GPU, up to minutes on a software adapter. Errors: the signal's reason.
 */
export async function verifyDevice(env: Environment, options: VerifyOptions, internal: VerifyInternal = {}): Promise<DeviceCheck> {
  const { form, without = [], variants, signal, onProgress } = options;
  const started = performance.now();
  const check: DeviceCheck = {
    form,
    passed: false,
    at: Date.now(),
    durationMs: 0,
    version: env.version,
    platform: platform(),
    adapter: null,
    without: [...without],
    ...(variants && { forced: variants }),
    kernels: [],
    models: [],
    failures: [],
  };
  const part = async (name: string, work: () => Promise<void>): Promise<void> => {
    signal?.throwIfAborted();
    try {
      await work();
    } catch (error) {
      if (signal?.aborted) throw signal.reason;
      check.failures.push({ part: name, error: failureOf(error) });
    }
  };

  let storages: StorageType[] = ['f32'];
  await part('adapter', async () => {
    const gpu = await open();
    check.adapter = adapterReport(gpu.profile);
    // The storage that a quantized model would use (inference/open.ts), and f32 in any case.
    if (gpu.profile.f16 && (form === 'full' || !gpu.profile.software)) storages = ['f32', 'f16'];
    gpu.destroy();
  });
  if (check.adapter) {
    const tuned: VariantReport[] = [];
    // The model first, as the kernels' results depend on which variants its tuning refuses on this adapter.
    for (const storage of storages) await part(`model ${storage}`, () => runModel(storage, tuned));
    await part('kernels', () => runKernels(tuned));
  }
  signal?.throwIfAborted();
  check.passed = check.failures.length === 0 && check.kernels.every(({ passed }) => passed) && check.models.every(({ passed }) => passed);
  check.durationMs = performance.now() - started;
  return check;

  async function open(): Promise<Gpu> {
    return openGpu(await env.gpu(), { without, whileWaiting: env.whileWaiting });
  }

  async function runModel(storage: StorageType, tuned: VariantReport[]): Promise<void> {
    const progress = (done: number, total: number) =>
      onProgress?.({ stage: 'check', done, total, unit: 'items', detail: `mini, ${storage} activations` });
    progress(0, 0);
    const source = await env.openSource('mini', { signal });
    const reference = await readReference(source, signal);
    if (!(await weightsMatch(source, reference, form === 'full', signal))) {
      throw new ModelFileError(
        'The weights of the embedded model are not those of its reference. Reload the page, or install affinage again.',
      );
    }
    const cases = form === 'full' ? reference.cases : reference.cases.slice(0, fewSentences);
    // The short form does not tune: it uses the choices of earlier loads.
    const load = createLoader(env, form === 'short' ? { tuneBudgetMs: 0 } : {});
    const model = await load(source, { storage, without, variants, signal });
    try {
      const report = await model.report();
      tuned.push(...report.variants);
      const identity = { model: report.name, dtype: report.dtype, storage: report.storage };
      check.models.push(await checkModel(model, identity, { cases }, { signal, onSentence: done => progress(done, cases.length) }));
    } finally {
      await model.dispose();
    }
  }

  async function runKernels(tuned: VariantReport[]): Promise<void> {
    const opened: Gpu[] = [];
    const next = async () => {
      const gpu = await open();
      opened.push(gpu);
      return gpu;
    };
    try {
      const { kernels, stopped } = await checkKernels(
        await next(),
        {
          sets: internal.sets ?? modelCases,
          form,
          tuned,
          signal,
          onCase: (done, total, detail) => onProgress?.({ stage: 'check', done, total, unit: 'items', detail }),
        },
        next,
      );
      check.kernels = kernels;
      if (stopped) throw stopped;
    } finally {
      for (const gpu of opened) gpu.destroy();
    }
  }
}
