import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Gpu } from '../gpu/device.ts';
import { shaderNames } from '../gpu/shader.ts';
import { testGpu } from '../testing/gpu.ts';
import { allCases } from './all.cases.ts';
import { caseContext, runCase, toleranceOf } from './checking/run-case.ts';

let gpu: Gpu;
beforeAll(async () => {
  gpu = await testGpu();
  console.log(`adapter: ${gpu.profile.description}, f16 ${gpu.profile.f16}, subgroups ${gpu.profile.subgroups}`);
});
afterAll(() => gpu.destroy());

const isSlowCompiler = ({ profile }: Gpu) => profile.software && !profile.f16;

test('every shader file has cases', () => {
  expect(shaderNames()).toEqual([...new Set(allCases.map(set => set.kernel))].sort());
});

for (const { kernel, variants, cases, storages = ['f32', 'f16'] as const } of allCases) {
  describe(kernel, () => {
    for (const kernelCase of cases) {
      for (const { name: variant, runsOn, suits } of variants) {
        if (kernelCase.variants && !kernelCase.variants.includes(variant)) continue;
        for (const storage of storages) {
          test(`${kernelCase.name} · ${variant} · ${storage}`, async context => {
            if (storage === 'f16' && !gpu.profile.f16) return context.skip('no shader-f16 on this adapter');
            if (!runsOn(gpu.profile)) return context.skip('variant not for this adapter');
            // SwiftShader takes seconds to compile what was written for GPUs; lavapipe runs every size of it.
            if (isSlowCompiler(gpu) && !suits(gpu.profile) && !kernelCase.quick)
              return context.skip('a variant for GPUs: its quick cases only on SwiftShader');
            const instance = kernelCase.make(caseContext(gpu, kernelCase, variant, storage));
            for (const { name, nmse, worst } of await runCase(gpu, instance, storage)) {
              expect(nmse, `${name}: worst at ${worst.index}: got ${worst.got}, expected ${worst.expected}`).toBeLessThanOrEqual(
                toleranceOf(instance, storage),
              );
            }
          });
        }
      }
    }
  });
}
