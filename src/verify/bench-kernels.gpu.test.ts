/** Kernels by the clock: right ones are timed against the peaks, wrong ones are refused by name. */
import { expect, test } from 'vitest';
import type { CaseSet } from '../kernels/checking/cases.ts';
import { convertCases } from '../kernels/convert.cases.ts';
import { normalizeCases } from '../kernels/normalize.cases.ts';
import { testEnvironment } from '../testing/environment.ts';
import { benchKernels } from './bench-kernels.ts';

const env = testEnvironment();

/** The set with references that are off by one. */
function wrong(set: CaseSet): CaseSet {
  const cases = set.cases.map(c => ({
    ...c,
    make: (context: Parameters<typeof c.make>[0]) => {
      const instance = c.make(context);
      const reference: typeof instance.reference = inputs =>
        Object.fromEntries(Object.entries(instance.reference(inputs)).map(([name, values]) => [name, values?.map(v => v + 1)]));
      return { ...instance, reference };
    },
  }));
  return { ...set, cases };
}

test('every variant of the timed cases, with rates that agree with times and peaks', async () => {
  const { peaks, rows } = await benchKernels(env, { variants: 'all', storage: 'f32' }, [normalizeCases, convertCases]);
  expect(rows.map(r => [r.kernel, r.variant, r.case])).toEqual([
    ['normalize', 'threads', '128×1024'],
    ['normalize', 'rows', '128×1024'],
    ['convert', 'plain', 'to elem 128×1024'],
    ['convert', 'plain', 'from elem 128×1024'],
  ]);
  for (const { ms, flops, bytes, gflops, gigabytesPerSecond, limitMs, ofLimit, refused } of rows) {
    expect([refused, bytes > 0, ms! > 0]).toEqual([undefined, true, true]);
    expect(gflops).toBeCloseTo(flops / ms! / 1e6, 6);
    expect(gigabytesPerSecond).toBeCloseTo(bytes / ms! / 1e6, 6);
    expect(limitMs).toBeCloseTo(Math.max(flops / peaks.gflops, bytes / peaks.gigabytesPerSecond) / 1e6, 6);
    expect(ofLimit).toBeCloseTo(limitMs / ms!, 6);
  }
});

test('the default is one variant a case, and a name picks its own', async () => {
  const names = async (variants: 'default' | string[]) =>
    (await benchKernels(env, { kernels: ['normalize'], variants, storage: 'f32' }, [normalizeCases, convertCases])).rows.map(
      r => r.variant,
    );
  expect(await names('default')).toHaveLength(1);
  expect(await names(['threads'])).toEqual(['threads']);
});

test('wrong numbers are refused, not timed', async () => {
  const { rows } = await benchKernels(env, { variants: 'default', storage: 'f32' }, [wrong(normalizeCases)]);
  expect(rows).toHaveLength(1);
  expect(rows[0]).toMatchObject({ ms: null, gflops: null, gigabytesPerSecond: null, ofLimit: null });
  expect(rows[0]!.refused).toMatch(/^wrong numbers in x: error .*, at most 1e-10$/);
});
