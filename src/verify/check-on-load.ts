/** The short check on a model's own device, before its first request. checked-loader.ts imports this file when it is needed. */

import { GpuError } from '../errors.ts';
import type { Loaded } from '../inference/open.ts';
import { modelCases } from '../kernels/all.cases.ts';
import type { CaseSet } from '../kernels/checking/cases.ts';
import type { DeviceCheckNote, LoadOptions } from '../types.ts';
import { checkKernels } from './check-kernels.ts';

/**
 * Runs the short cases in the variants that models use on this adapter. Variants that tuning refuses are no error.
 * Errors: GpuError naming the kernels that are wrong; DeviceLostError; the signal's reason.
 */
export async function checkOnLoad(
  { gpu, variants, storage }: Pick<Loaded, 'gpu' | 'variants' | 'storage'>,
  { signal, onProgress }: LoadOptions,
  sets: readonly CaseSet[] = modelCases,
): Promise<DeviceCheckNote> {
  const { kernels, stopped } = await checkKernels(gpu, {
    sets,
    form: 'short',
    onlyUsed: true,
    tuned: variants,
    justTuned: storage,
    signal,
    onCase: (done, total, detail) => onProgress?.({ stage: 'check', done, total, unit: 'items', detail }),
  });
  if (stopped) throw stopped;
  const failed = kernels.filter(({ passed }) => !passed);
  if (failed.length > 0) {
    const wrong = failed.flatMap(({ kernel, variants: tried }) =>
      tried
        .filter(({ outcome }) => outcome === 'failed')
        .map(({ variant, storage, failures }) => `${kernel} ${variant} ${storage}: ${failures[0]?.why.split('\n')[0]}`),
    );
    throw new GpuError(
      `This adapter computes wrong numbers (${gpu.profile.description}): ${wrong.join('; ')}. Update the graphics driver or the browser, run the full check of this device, and report it.`,
      { kernels: failed.map(({ kernel }) => kernel) },
    );
  }
  return { passed: true, at: Date.now(), form: 'short' };
}
