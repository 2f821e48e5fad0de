/** `affinage verify` as it is shipped, in full, on this adapter. */
import { afterAll, beforeAll, expect, it, vi } from 'vitest';
import { type BuiltCli, buildCli } from '../testing/built-cli.ts';
import type { DeviceCheck } from '../verify/types.ts';

vi.setConfig({ testTimeout: 300_000, hookTimeout: 120_000 });

let cli: BuiltCli;
beforeAll(async () => {
  cli = await buildCli();
});
afterAll(() => cli?.remove());

it('the full form passes, every variant that runs here included', async () => {
  // With f16 storages it would be twice as long: kernels.gpu.test.ts runs those.
  const { code, stdout, stderr } = await cli.run(['verify', '--json', '--without', 'shader-f16']);
  expect([code, stderr]).toEqual([0, '']);
  const check = JSON.parse(stdout) as DeviceCheck;
  expect(check).toMatchObject({ form: 'full', passed: true, without: ['shader-f16'], failures: [] });
  expect(check.adapter?.features.shaderF16).toBe(false);
  expect(check.models).toMatchObject([{ storage: 'f32', passed: true, top5Agreement: 1 }]);
  expect(check.models[0]!.sentences).toBeGreaterThan(10);
  for (const { kernel, variants, cases } of check.kernels) {
    expect(cases, kernel).toBeGreaterThan(0);
    for (const { variant, storage, outcome, worst } of variants) {
      if (storage === 'f16') expect(outcome).toBe('skipped');
      else expect(['passed', 'skipped'], `${kernel} ${variant}`).toContain(outcome);
      if (outcome === 'passed') expect(worst!.nmse, `${kernel} ${variant}`).toBeLessThanOrEqual(worst!.bound);
    }
  }
});

it('without an adapter it says so and ends with 1', async () => {
  const { code, stdout, stderr } = await cli.run(['verify', '--short'], { env: { VK_ICD_FILENAMES: '/nowhere.json' } });
  expect(code).toBe(1);
  expect(stdout).toMatch(/short form: FAILED/);
  expect(stdout).toMatch(/FAILED adapter: NoAdapterError/);
  expect(stderr).toMatch(/^affinage: this device did not pass \(adapter: [^\n]+\n$/);
});
