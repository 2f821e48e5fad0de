/** Every composed kernel declares what its wrapper says and stays within WebGPU's default limits. No GPU needed. */
import { expect, test } from 'vitest';
import type { DeviceProfile } from '../gpu/device.ts';
import { emptyRun, packRun, type RunSizes, runBytes } from '../gpu/run.ts';
import { compose } from '../gpu/shader.ts';
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
  for (const { code, bindings, label } of kernels) {
    const layout = shaderLayout(code);
    expect(layout.bindings, label).toEqual([...bindings]);
    expect(layout.bindings.filter(kind => kind !== 'uniform').length, `${label}: storage buffers`).toBeLessThanOrEqual(8);
    expect(
      layout.workgroupSize.reduce((a, b) => a * b),
      `${label}: invocations`,
    ).toBeLessThanOrEqual(256);
    expect(layout.workgroupBytes, `${label}: workgroup memory`).toBeLessThanOrEqual(16_384);
    const run = layout.structs.find(struct => struct.name === 'Run');
    if (layout.bindings.includes('uniform')) expect(layout.names.at(-1), label).toBe('run');
    if (run) expect(run.size, label).toBe(runBytes);
  }
});

test('struct Run is laid out as packRun writes it', () => {
  const fields = { ...emptyRun };
  const names = Object.keys(fields) as (keyof RunSizes)[];
  names.forEach((name, i) => {
    fields[name] = i + 1;
  });
  const members = shaderLayout(compose('layernorm')).structs.find(struct => struct.name === 'Run')!.members;
  const packed = packRun(fields);
  expect(members.map(({ name, offset }) => [name, packed[offset / 4]])).toEqual(
    names.map(name => [name.replace(/[A-Z]/g, letter => `_${letter.toLowerCase()}`), fields[name]]),
  );
  expect(packed.byteLength).toBe(runBytes);
});
