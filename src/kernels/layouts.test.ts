/** Every composed kernel declares what its wrapper says and stays within WebGPU's default limits. No GPU needed. */
import { expect, test } from 'vitest';
import type { DeviceProfile } from '../gpu/device.ts';
import { packRun, runSlotBytes } from '../gpu/run.ts';
import type { Kernel } from '../gpu/step.ts';
import { shaderLayout } from '../testing/wgsl-layout.ts';
import { allCases } from './all.cases.ts';
import { caseContext } from './checking/run-case.ts';

/** An adapter that offers everything, so that every variant can be composed. */
const profile: DeviceProfile = {
  vendor: '',
  architecture: '',
  description: 'everything',
  software: false,
  f16: true,
  subgroups: true,
  timestamps: true,
  subgroupSize: { min: 32, max: 32 },
  limits: {},
  key: 'everything',
};

/** The distinct texts of a set; cases that are only large (`bench`) add none. */
function kernelsOf(set: (typeof allCases)[number]): Kernel[] {
  const kernels = new Map<string, Kernel>();
  for (const { name: variant } of set.variants) {
    for (const storage of set.storages ?? (['f32', 'f16'] as const)) {
      for (const kernelCase of set.cases) {
        if (kernelCase.bench || (kernelCase.variants && !kernelCase.variants.includes(variant))) continue;
        const { kernel } = kernelCase.make(caseContext({ profile }, kernelCase, variant, storage));
        kernels.set(`${kernel.bindings.join()}\n${kernel.code}`, kernel);
      }
    }
  }
  return [...kernels.values()];
}

test.each(allCases.map(set => [set.kernel, set] as const))('%s', (_, set) => {
  const kernels = kernelsOf(set);
  expect(kernels.length).toBeGreaterThan(0);
  for (const kernel of kernels) {
    const { code, bindings, label } = kernel;
    const layout = shaderLayout(code);
    expect(layout.bindings, label).toEqual([...bindings]);
    expect(layout.bindings.filter(kind => kind !== 'uniform').length, `${label}: storage buffers`).toBeLessThanOrEqual(8);
    expect(
      layout.workgroupSize.reduce((a, b) => a * b),
      `${label}: invocations`,
    ).toBeLessThanOrEqual(256);
    expect(layout.workgroupBytes, `${label}: workgroup memory`).toBeLessThanOrEqual(16_384);
    if (layout.bindings.includes('uniform')) expect(layout.names.at(-1), label).toBe('run');
    const members = layout.structs.find(struct => struct.name === 'Run')?.members ?? [];
    const { fields, words } = packed(kernel);
    expect(
      members.map(({ name, type, offset }) => [name, type.name, words[offset / 4]]),
      label,
    ).toEqual(fields);
  }
});

/** The fields of struct Run with a number of its own for each, and what `packRun` makes of them. */
function packed(kernel: Kernel): { fields: [name: string, type: string, word: number][]; words: Uint32Array } {
  const firstGroup = 99;
  const run: Record<string, number> = {};
  const declared = kernel.numbers.filter(({ type }) => type !== 'count');
  const fields = declared.map(({ name, type, from }, i): [string, string, number] => {
    if (typeof from === 'string') run[from] = 100 + i;
    const value = name === 'firstGroup' ? firstGroup : typeof from === 'number' ? from : 100 + i;
    const word = type === 'f32' ? new Uint32Array(Float32Array.of(value).buffer)[0]! : value;
    return [name.replace(/[A-Z]/g, letter => `_${letter.toLowerCase()}`), type, word];
  });
  const words = new Uint32Array(runSlotBytes / 4);
  packRun(kernel, run, firstGroup, words);
  return { fields, words };
}
