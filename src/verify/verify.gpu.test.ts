/** The check of a device on the adapter under test: it passes as it is, and finds what was broken on purpose. */
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { GpuError } from '../errors.ts';
import type { Gpu } from '../gpu/device.ts';
import type { CaseInstance, CaseSet } from '../kernels/checking/cases.ts';
import { layernormCases } from '../kernels/layernorm.cases.ts';
import { matmulCases } from '../kernels/matmul.cases.ts';
import { normalizeCases } from '../kernels/normalize.cases.ts';
import { FolderSource } from '../node/folder.ts';
import { testEnvironment } from '../testing/environment.ts';
import { testGpu } from '../testing/gpu.ts';
import type { Progress, VariantReport } from '../types.ts';
import { checkKernels } from './check-kernels.ts';
import { checkOnLoad } from './check-on-load.ts';
import { createCheckedLoader } from './checked-loader.ts';
import { toText, verifyDevice } from './verify.ts';

const mini = new FolderSource(fileURLToPath(new URL('../../public/models/mini', import.meta.url)), 'mini');
const environment = () => Object.assign(testEnvironment(), { openSource: async () => mini });

/** The set with the kernels of one variant changed. */
function broken(set: CaseSet, variant: string, change: (instance: CaseInstance) => CaseInstance): CaseSet {
  return {
    ...set,
    cases: set.cases.map(c => ({
      ...c,
      make: context => (context.variant === variant ? change(c.make(context)) : c.make(context)),
    })),
  };
}

const withCode = (instance: CaseInstance, from: string, to: string): CaseInstance => {
  const code = instance.kernel.code.replace(from, to);
  if (code === instance.kernel.code) throw new Error(`${from} is not in ${instance.kernel.label}`);
  return { ...instance, kernel: { ...instance.kernel, code } };
};
const wrongLayernorm = broken(layernormCases, 'rows', instance => withCode(instance, '+ EPS', '+ EPS + 0.01'));
const refusedLayernorm = broken(layernormCases, 'rows', instance => withCode(instance, 'fn main(', 'fn main(no '));

test('the short form passes, with every kernel that models use here and the embedded model', async () => {
  const progress: Progress[] = [];
  const check = await verifyDevice(environment(), { form: 'short', onProgress: p => progress.push(p) });
  expect(check, toText(check)).toMatchObject({ form: 'short', passed: true, failures: [] });
  for (const family of ['attention', 'embed', 'layernorm', 'matmul', 'pool', 'softmax-stats', 'topk']) {
    const own = check.kernels.filter(({ kernel }) => kernel.startsWith(family));
    expect(
      own.reduce((sum, { cases }) => sum + cases, 0),
      family,
    ).toBeGreaterThan(0);
  }
  expect(check.models[0]).toMatchObject({ storage: 'f32', dtype: 'q8', passed: true, tokensEqual: true, top5Agreement: 1 });
  expect(structuredClone(check)).toEqual(check);
  expect(new Set(progress.map(({ stage }) => stage))).toEqual(new Set(['check']));
  expect(progress.at(-1)).toMatchObject({ unit: 'items', done: progress.at(-1)!.total });
  const text = toText(check);
  expect(text).toContain(check.adapter!.description);
  expect(text).not.toMatch(/FAILED|WRONG|undefined|NaN/);
});

describe('on one device', () => {
  let gpu: Gpu;
  beforeAll(async () => {
    gpu = await testGpu();
  });
  afterAll(() => gpu.destroy());

  test('a broken variant fails by name, with its error; its neighbours pass', async () => {
    const { kernels, stopped } = await checkKernels(gpu, { sets: [wrongLayernorm, normalizeCases], form: 'short' });
    expect(stopped).toBeNull();
    expect(kernels.map(({ kernel, passed }) => [kernel, passed])).toEqual([
      ['layernorm', false],
      ['normalize', true],
    ]);
    const { variants, worst } = kernels[0]!;
    expect(worst!.nmse).toBeGreaterThan(worst!.bound);
    for (const v of variants.filter(({ outcome }) => outcome !== 'skipped'))
      expect(v.outcome).toBe(v.variant === 'rows' ? 'failed' : 'passed');
    const wrong = variants.find(({ outcome }) => outcome === 'failed')!;
    expect(wrong.failures).toHaveLength(wrong.cases);
    expect(wrong.failures[0]!.why).toMatch(/^y: error \d.* at most .*; worst at \d+: .* instead of /);
  });

  test('what does not compile fails with the words of the compiler', async () => {
    const { kernels } = await checkKernels(gpu, { sets: [refusedLayernorm], form: 'short' });
    const wrong = kernels[0]!.variants.find(({ outcome }) => outcome === 'failed')!;
    expect(wrong.variant).toBe('rows');
    expect(wrong.failures[0]!.why).toMatch(/did not compile/);
  });

  test('a wrong kernel fails the load, unless tuning refuses the variant anyway', async () => {
    const loaded = { gpu, storage: 'f32' as const };
    const wrong = { ...matmulCases.find(({ kernel }) => kernel === 'matmul-rows')! };
    const sets = [
      broken(wrong, 'rows-alone', i => ({
        ...i,
        reference: inputs =>
          Object.fromEntries(Object.entries(i.reference(inputs)).map(([name, values]) => [name, values?.map(v => v + 1)])),
      })),
    ];
    const report = (chosen: string, refused?: string): VariantReport => ({
      kernel: 'matmul',
      shape: 'q8 many',
      task: 'matmul q8 many',
      chosen,
      candidates: [{ variant: 'rows-alone', ms: null, ...(refused && { refused }) }],
      remembered: true,
    });
    const failed = checkOnLoad({ ...loaded, variants: [report('rows-alone')] }, {}, sets);
    await expect(failed).rejects.toThrow(GpuError);
    await expect(failed).rejects.toThrow(/wrong numbers \(.*matmul-rows rows-alone f32: y: error .*Update the graphics driver/s);
    expect(await checkOnLoad({ ...loaded, variants: [report('tile', 'wrong numbers')] }, {}, sets)).toMatchObject({
      passed: true,
      form: 'short',
    });
    const { kernels } = await checkKernels(gpu, { sets, form: 'short', tuned: [report('tile', 'wrong numbers')] });
    expect(kernels[0]).toMatchObject({ passed: true });
    expect(kernels[0]!.variants.filter(({ outcome }) => outcome === 'avoided')).toMatchObject([
      { variant: 'rows-alone', storage: 'f32', reason: expect.stringContaining('refused') as string },
    ]);
    // Refused for one task and chosen for another: it is in use.
    const inUse = [report('tile', 'wrong numbers'), report('rows-alone')];
    expect((await checkKernels(gpu, { sets, form: 'short', tuned: inUse })).kernels[0]).toMatchObject({ passed: false });
  });
});

test('a variant that loses the device fails by name, and the check goes on with another device', async () => {
  const opened: Gpu[] = [];
  const open = async () => {
    const gpu = await testGpu();
    opened.push(gpu);
    return gpu;
  };
  const gpu = await open();
  const used = normalizeCases.variants.find(variant => variant.suits(gpu.profile))!.name;
  const sets = [
    broken(normalizeCases, used, instance => {
      opened.at(-1)!.device.destroy();
      return instance;
    }),
    layernormCases,
  ];
  const { kernels, stopped } = await checkKernels(gpu, { sets, form: 'short' }, open);
  expect(stopped).toBeNull();
  expect(kernels.map(({ passed }) => passed)).toEqual([false, true]);
  const lost = kernels[0]!.variants.filter(({ outcome }) => outcome === 'failed');
  expect(lost.map(({ variant }) => variant)).toEqual(lost.map(() => used));
  expect(lost[0]!.failures[0]!.why).toMatch(/device was lost/);
  for (const each of opened) each.destroy();

  const alone = await testGpu();
  const dying = [
    broken(normalizeCases, used, instance => {
      alone.device.destroy();
      return instance;
    }),
    layernormCases,
  ];
  const ended = await checkKernels(alone, { sets: dying, form: 'short' });
  expect(ended.stopped).toMatchObject({ name: 'DeviceLostError' });
  expect(ended.kernels[1]!.variants.map(({ outcome }) => outcome)).not.toContain('passed');
});

test('the first load on an adapter checks it, the next ones remember', async () => {
  const env = environment();
  const stages: Progress['stage'][][] = [];
  // A busy machine may not time every variant within the budget. The next load would then measure the rest, choose another, and rightly
  // check that one. So what was not timed counts as slow here.
  const settle = () => {
    for (const [key, text] of env.remembered) {
      const value = JSON.parse(text) as Partial<VariantReport>;
      const candidates = value.candidates?.map(each => (each.ms === null && !each.refused ? { ...each, ms: 1e9 } : each));
      if (candidates) env.remembered.set(key, JSON.stringify({ ...value, candidates }));
    }
  };
  for (let i = 0; i < 2; i++) {
    const seen: Progress['stage'][] = [];
    stages.push(seen);
    const model = await createCheckedLoader(env)(mini, { onProgress: ({ stage }) => seen.push(stage) });
    expect((await model.report()).deviceCheck).toMatchObject({ passed: true, form: 'short' });
    await model.dispose();
    settle();
  }
  expect(stages[0]).toContain('check');
  expect(stages[1]).toContain('files');
  expect(stages[1]).not.toContain('check');
  // Damaged memory is no memory; what fails is told, frees its device and is not remembered.
  const forget = () => {
    for (const key of env.remembered.keys()) if (key.startsWith('checked|')) env.remembered.set(key, '{"note": {"passed": false}}');
  };
  forget();
  const before = [...env.remembered];
  vi.doMock('./check-on-load.ts', () => ({ checkOnLoad: () => Promise.reject(new GpuError('kernel x is wrong')) }));
  try {
    await expect(createCheckedLoader(env)(mini)).rejects.toThrow('kernel x is wrong');
    expect(await env.devices.at(-1)!.lost).toMatchObject({ reason: 'destroyed' });
    expect([...env.remembered]).toEqual(before);
    // Without the code of the check the model is there, and the reader is told.
    vi.doMock('./check-on-load.ts', () => Promise.reject(new Error('404')));
    const notices: (string | undefined)[] = [];
    const model = await createCheckedLoader(env)(mini, { onProgress: ({ notice }) => notices.push(notice) });
    expect(notices.filter(Boolean)).toEqual([expect.stringMatching(/^This adapter was not checked/)]);
    expect(await model.report()).not.toHaveProperty('deviceCheck');
    await model.dispose();
  } finally {
    vi.doUnmock('./check-on-load.ts');
  }
});
