/** What every case promises: its reference is pure, in f64, and names outputs of the kernel. No GPU needed. */
import { createHash } from 'node:crypto';
import { expect, test } from 'vitest';
import type { DeviceProfile } from '../gpu/device.ts';
import { allCases } from './all.cases.ts';
import type { Outputs } from './checking/cases.ts';
import { expectedOf, inputsOf } from './checking/expected.ts';
import { caseContext } from './checking/run-case.ts';

const profile = { software: true, f16: true, subgroups: true } as DeviceProfile;

/** Kernels that only move numbers, or integers: what they give is as exact in f32. */
const exact = ['convert', 'gather-rows', 'fma-peak', 'quantize', 'target-scores', 'transpose', 'watch'];

/** The quick cases, which are small, in the first variant that takes each. */
const made = (set: (typeof allCases)[number]) =>
  set.cases
    .filter(c => c.quick)
    .map(kernelCase => {
      const variant = (kernelCase.variants ?? set.variants.map(v => v.name))[0]!;
      return kernelCase.make(caseContext({ profile }, kernelCase, variant, 'f32'));
    });

/** Of each array: comparing them number by number takes a minute. */
const hashes = (arrays: Outputs) =>
  Object.entries(arrays).map(([name, values]) => [name, values && createHash('sha256').update(values).digest('hex')]);

test.each(allCases.map(set => [set.kernel, set] as const))('%s', (kernel, set) => {
  let inF64 = 0;
  for (const instance of made(set)) {
    const inputs = inputsOf(instance);
    const before = hashes(inputs);
    const outputs = instance.reference(inputs);
    expect(hashes(inputs), instance.kernel.label).toEqual(before);
    expect(hashes(instance.reference(inputs)), instance.kernel.label).toEqual(hashes(outputs));
    expect([...expectedOf(instance).keys()].length).toBeGreaterThan(0);
    for (const [name, values] of Object.entries(outputs)) {
      const { type, data } = instance.buffers.find(b => b.name === name)!;
      expect(values instanceof Uint32Array, `${instance.kernel.label} ${name}`).toBe(type === 'u32');
      expect(values!.length).toBeLessThanOrEqual(data.length);
      if (values instanceof Float64Array) inF64 += values.filter(v => v !== Math.fround(v)).length;
    }
  }
  // A reference that kept its numbers in f32 on the way would be no reference for a gradient.
  if (exact.includes(kernel)) expect(inF64).toBe(0);
  else expect(inF64).toBeGreaterThan(0);
});

test('an output that the kernel does not have is refused', () => {
  const [instance] = made(allCases.find(({ kernel }) => kernel === 'layernorm')!);
  const y = new Float64Array(1);
  expect(() => expectedOf({ ...instance!, reference: () => ({ z: y }) })).toThrow(/z, which is no output/);
  expect(() => expectedOf({ ...instance!, reference: () => ({ x: y }) })).toThrow(/x, which is no output/);
});
