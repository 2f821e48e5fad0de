/** Tuning: every candidate is checked on this adapter, wrong ones are refused, choices are remembered. */
import { afterEach, beforeEach, expect, test } from 'vitest';
import { GpuError } from '../../errors.ts';
import { Gpu } from '../../gpu/device.ts';
import { type ModelConfig, readConfig } from '../../model/config.ts';
import { type DeviceWeights, tunedModel, uploadWeights } from '../../model/device-weights.ts';
import { openWeights } from '../../model/reader.ts';
import { fixtureSource } from '../../testing/fixtures.ts';
import { testGpu } from '../../testing/gpu.ts';
import type { KernelVariants } from '../../types.ts';
import { kernelVariants, makeChoices } from '../choices.ts';
import { tune } from './tune.ts';

let gpu: Gpu;
let config: ModelConfig;
let weights: DeviceWeights;
async function open(): Promise<void> {
  gpu = await testGpu();
  const source = fixtureSource('published-bf16');
  const file = await source.open('config.json');
  config = readConfig(await file.read(0, file.sizeBytes));
  weights = await uploadWeights(gpu, config, await openWeights(source, config), { dtype: 'q4', onBytes: () => {} });
}
// A device for each test: pipelines of one that broke its shaders must not serve the next.
beforeEach(open);
afterEach(() => gpu.destroy());

/** Measures with all the time it needs: the tests are about right and wrong, not about haste. */
function run(remembered = new Map<string, string>(), budgetMs = 120_000, forced?: KernelVariants) {
  const store = {
    get: async (key: string) => remembered.get(key) ?? null,
    set: async (key: string, value: string) => {
      remembered.set(key, value);
    },
  };
  return tune(gpu, tunedModel(config, weights), 'f32', { store, version: 'test', budgetMs, forced });
}

/** From now on, shaders whose label matches are wrong: matmuls leave inputs out, attention scales its scores by another factor. */
function breakShaders(label: RegExp): void {
  const real = gpu.device.createShaderModule.bind(gpu.device);
  gpu.device.createShaderModule = descriptor => {
    if (!label.test(descriptor.label ?? '')) return real(descriptor);
    const code = descriptor.code
      .replace(/^const K: u32 = \d+u;/m, 'const K: u32 = 32u;')
      .replace(/^const SCALE: f32 = [^;]*;/m, 'const SCALE: f32 = 0.1;');
    expect(code).not.toBe(descriptor.code);
    return real({ ...descriptor, code });
  };
}

test('every candidate is measured or refused; no activation memory is left behind; the choice is remembered', async () => {
  const before = gpu.memory.report.total;
  const remembered = new Map<string, string>();
  const first = await run(remembered);
  expect(gpu.memory.report.total).toBe(before);
  expect(first.reports.length).toBe(4);
  for (const { candidates, chosen, remembered: known } of first.reports) {
    expect(known).toBe(false);
    expect(candidates.filter(c => c.refused)).toEqual([]);
    expect(candidates.find(c => c.variant === chosen)!.ms).toBeGreaterThan(0);
  }
  const second = await run(remembered);
  expect(second.reports.map(r => [r.task, r.chosen, r.remembered])).toEqual(first.reports.map(r => [r.task, r.chosen, true]));
});

test('a hurried choice is sound, and is finished by later loads', async () => {
  const remembered = new Map<string, string>();
  const hurried = await run(remembered, 0);
  expect(hurried.reports.every(r => r.candidates[0]!.variant === r.chosen && r.candidates.every(c => c.ms === null))).toBe(true);
  const finished = await run(remembered);
  // Where a single candidate was sound, nothing is left to choose.
  for (const { candidates, remembered: known } of finished.reports) {
    expect(known).toBe(candidates.length === 1);
    if (candidates.length > 1) expect(candidates.every(c => c.ms !== null)).toBe(true);
  }
  expect((await run(remembered)).reports.every(r => r.remembered)).toBe(true);
});

test('a damaged memory is measured again', async () => {
  const remembered = new Map<string, string>();
  await run(remembered);
  for (const key of remembered.keys()) remembered.set(key, '{"chosen":"gone"}');
  expect((await run(remembered)).reports.every(r => !r.remembered)).toBe(true);
});

test('a candidate with wrong numbers is refused and reported, another one is chosen', async () => {
  const sound = await run();
  const victim = sound.reports[0]!.chosen;
  gpu.destroy();
  await open();
  breakShaders(new RegExp(`^matmul\\.${victim} `));
  const { reports, measured } = await run();
  for (const { task, candidates, chosen } of reports.filter(r => r.kernel === 'matmul')) {
    const broken = candidates.find(c => c.variant === victim);
    if (!broken) continue;
    expect(broken.refused, task).toMatch(/wrong numbers/);
    expect(broken.ms).toBe(null);
    expect(chosen).not.toBe(victim);
  }
  expect([...measured.matmul.values()]).not.toContain(victim);
});

test('no sound candidate at all is an error that names them', async () => {
  breakShaders(/^attention\./);
  await expect(run()).rejects.toThrow(GpuError);
  await expect(run()).rejects.toThrow(/No variant of attention .* computes correctly/);
});

/** A variant of every kernel that compiles quickly on software adapters, and a change of a constant that makes it wrong. */
const wrongs: [keyof KernelVariants, string, RegExp, string][] = [
  ['matmul', 'rows-alone', /^const K: u32 = \d+u;/m, 'const K: u32 = 32u;'],
  ['attention', 'register', /^const SCALE: f32 = [^;]*;/m, 'const SCALE: f32 = 0.1;'],
  ['embed', 'rows', /^const EPS: f32 = [^;]*;/m, 'const EPS: f32 = 0.1;'],
  ['layernorm', 'rows', /^const EPS: f32 = [^;]*;/m, 'const EPS: f32 = 0.1;'],
  ['normalize', 'rows', /^const H: u32 = \d+u;/m, 'const H: u32 = 64u;'],
  ['pool', 'narrow', /^const MODE: u32 = \d+u;/m, 'const MODE: u32 = 1u;'],
  ['softmaxStats', 'narrow', /^const V: u32 = \d+u;/m, 'const V: u32 = 500u;'],
  ['targetScores', 'narrow', /^const V: u32 = \d+u;/m, 'const V: u32 = 500u;'],
  ['topk', 'tournament', /^const V: u32 = \d+u;/m, 'const V: u32 = 300u;'],
  ['watch', 'narrow', /^const WIDTH: u32 = \d+u;/m, 'const WIDTH: u32 = 64u;'],
];

test('variants that are asked for: every kernel, checked, none timed or remembered', async () => {
  const before = gpu.memory.report.total;
  const remembered = new Map<string, string>();
  const forced = Object.fromEntries(wrongs.map(([kernel, variant]) => [kernel, variant])) as KernelVariants;
  const { reports, measured } = await run(remembered, 120_000, forced);
  expect(gpu.memory.report.total).toBe(before);
  expect(reports.map(r => [r.forced, r.candidates])).toEqual(reports.map(r => [true, [{ variant: r.chosen, ms: null }]]));
  expect(new Set(reports.map(r => r.kernel))).toEqual(new Set(wrongs.map(([kernel]) => kernel)));
  expect(new Set(measured.matmul.values())).toEqual(new Set(['rows-alone']));
  expect([...remembered]).toEqual([]);
});

test.each(wrongs)('%s %s, asked for, with wrong numbers is a GpuError that names it', async (kernel, variant, constant, wrong) => {
  const real = gpu.device.createShaderModule.bind(gpu.device);
  let changed = 0;
  gpu.device.createShaderModule = descriptor => {
    const code = descriptor.label?.includes(`.${variant} `) ? descriptor.code.replace(constant, wrong) : descriptor.code;
    if (code !== descriptor.code) changed++;
    return real({ ...descriptor, code });
  };
  const tuning = run(new Map(), 0, { [kernel]: variant } as KernelVariants);
  await expect(tuning).rejects.toThrow(GpuError);
  await expect(tuning).rejects.toThrow(new RegExp(`The variant ${variant} of ${kernel} was asked for, .*: wrong numbers \\(error `));
  expect(changed).toBeGreaterThan(0);
});

test('on a hardware adapter, norms and what reads the logits are measured too', async () => {
  // This adapter as if it were one; what takes long to compile here is told as measured before.
  const like = new Gpu(gpu.device, { ...gpu.profile, software: false, key: 'hardware' }, gpu.whileWaiting);
  const measuredBefore = (task: string, variant: string) =>
    JSON.stringify({ task, chosen: variant, candidates: allVariants(task).map(name => ({ variant: name, ms: 1 })), remembered: false });
  const allVariants = (task: string) => kernelVariants[task.split(' ')[0] as 'matmul' | 'attention'].map(({ name }) => name);
  const stored = new Map<string, string>();
  const store = {
    get: async (key: string) => {
      const task = key.split('|').at(-1)!;
      return /^(matmul|attention) /.test(task) ? measuredBefore(task, 'tile') : null;
    },
    set: async (key: string, value: string) => {
      stored.set(key.split('|').at(-1)!, value);
    },
  };
  const { reports, measured } = await tune(like, tunedModel(config, weights), 'f32', { store, version: 'test', budgetMs: 120_000 });
  const rows = reports.filter(r => !/^(matmul|attention) /.test(r.task));
  expect(rows.map(r => [r.task, r.candidates.map(c => c.variant)])).toEqual([
    [`layernorm ${config.hiddenSize}`, ['threads', 'rows']],
    [`softmax-stats ${config.vocabSize}`, ['wide', 'narrow']],
    [`topk ${config.vocabSize}`, ['select', 'tournament']],
  ]);
  for (const { task, candidates, chosen } of rows) {
    expect(
      candidates.every(c => c.ms! > 0),
      task,
    ).toBe(true);
    expect(stored.get(task)).toContain(`"chosen":"${chosen}"`);
  }
  expect([measured.layernorm, measured.softmaxStats, measured.topk]).toEqual(rows.map(r => r.chosen));
  const choices = makeChoices(like.profile, measured);
  expect([choices.layernorm, choices.softmaxStats, choices.topk]).toEqual(rows.map(r => r.chosen));
});
