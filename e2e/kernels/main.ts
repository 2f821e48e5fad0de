/**
 * Runs the kernels' cases in a page, as kernels.gpu.test.ts does in Node. It is used in Firefox, whose shader compiler (naga) is not the
 * one of Chromium and Node (Tint). Built by firefox.test.ts; no part of the product.
 */
import { type Gpu, openGpu } from '../../src/gpu/device.ts';
import { allCases } from '../../src/kernels/all.cases.ts';
import { caseContext, runCase, toleranceOf } from '../../src/kernels/checking/run-case.ts';
import type { StorageType } from '../../src/types.ts';

/** One test: its place in `allCases`. */
export interface KernelTest {
  set: number;
  case: string;
  variant: string;
  storage: StorageType;
}

export interface KernelPage {
  /** Opens `devices` devices, as error scopes of one device cannot separate two concurrent cases. Returns a description of the adapter. */
  open(devices: number): Promise<string>;
  /** 'ok', `skip: why`, or what is wrong. */
  run(wanted: KernelTest): Promise<string>;
}

declare global {
  var affinageKernels: KernelPage;
}

const idle: Gpu[] = [];
const waiting: ((gpu: Gpu) => void)[] = [];

function release(gpu: Gpu): void {
  const next = waiting.shift();
  if (next) next(gpu);
  else idle.push(gpu);
}

const acquire = (): Gpu | Promise<Gpu> => idle.pop() ?? new Promise<Gpu>(resolve => waiting.push(resolve));

globalThis.affinageKernels = {
  async open(devices) {
    for (let i = 0; i < devices; i++) idle.push(await openGpu(navigator.gpu));
    const profile = idle[0]?.profile;
    return `${profile?.description}, f16 ${profile?.f16}, subgroups ${profile?.subgroups}`;
  },

  async run({ set: setIndex, case: caseName, variant: variantName, storage }) {
    const set = allCases[setIndex];
    const kernelCase = set?.cases.find(({ name }) => name === caseName);
    const variant = set?.variants.find(({ name }) => name === variantName);
    if (!kernelCase || !variant) return `Set ${setIndex} has no case ${caseName} · ${variantName}.`;
    const gpu = await acquire();
    try {
      if (storage === 'f16' && !gpu.profile.f16) return 'skip: no shader-f16 on this adapter';
      if (!variant.runsOn(gpu.profile)) return 'skip: variant not for this adapter';
      const instance = kernelCase.make(caseContext(gpu, kernelCase, variantName, storage));
      const limit = toleranceOf(instance, storage);
      const wrong = (await runCase(gpu, instance, storage)).find(({ nmse }) => !(nmse <= limit));
      if (!wrong) return 'ok';
      const { index, got, expected } = wrong.worst;
      return `${wrong.name}: NMSE ${wrong.nmse} over ${limit}; worst at ${index}: got ${got}, expected ${expected}`;
    } catch (error) {
      return error instanceof Error ? `${error.name}: ${error.message}` : String(error);
    } finally {
      release(gpu);
    }
  },
};
