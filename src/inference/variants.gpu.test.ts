/**
 * Whole models through the variants that are made for hardware GPUs, asked for by name: software adapters would never choose them, and no
 * hardware GPU runs these tests.
 */
import { beforeAll, describe, expect, test } from 'vitest';
import { ConfigError } from '../errors.ts';
import type { DeviceProfile } from '../gpu/device.ts';
import { checkHead, checkHidden, checkVectors } from '../testing/check-session.ts';
import { fixtureWithTokenizer, testEnvironment } from '../testing/environment.ts';
import { type FixtureName, loadFixture } from '../testing/fixtures.ts';
import { testGpu } from '../testing/gpu.ts';
import type { KernelVariants, LoadOptions } from '../types.ts';
import { createLoader } from './load.ts';
import { type Loaded, openModel } from './open.ts';
import type { Plan } from './plans.ts';
import { plainTail } from './sentence/vectors.ts';
import { storeInF32 } from './widen.ts';

let profile: DeviceProfile;
beforeAll(async () => {
  const gpu = await testGpu();
  profile = gpu.profile;
  gpu.destroy();
});

const open = (name: FixtureName, options: LoadOptions, env = testEnvironment()) => openModel(env, fixtureWithTokenizer(name), options);

/** `f16`: another choice where activations are stored in f16. */
const configurations: { name: FixtureName; dtype: 'f32' | 'q4'; variants: KernelVariants; f16?: KernelVariants }[] = [
  {
    name: 'published-bf16',
    dtype: 'f32',
    variants: {
      matmul: 'tile',
      attention: 'tile',
      embed: 'threads',
      layernorm: 'threads',
      normalize: 'threads',
      pool: 'wide',
      softmaxStats: 'wide',
      targetScores: 'wide',
      topk: 'select',
      watch: 'wide',
    },
    // The same text at its other size: `tile` takes a software adapter seconds for each matrix.
    f16: { matmul: 'tile-small' },
  },
  // `rows` computes the head, of a few masked rows; the layers, which it does not accept, keep what suits the adapter.
  { name: 'quantized-q4', dtype: 'q4', variants: { matmul: 'rows', attention: 'quad', topk: 'select', softmaxStats: 'wide' } },
];

/** Kernels and variants of the steps that answered a request of so many tokens and masked rows: `matmul.tile`. */
async function usedBy({ session }: Loaded, tokens: number, rows: number): Promise<{ layers: Set<string>; head: Set<string> }> {
  const { plans } = session;
  const named = ({ steps }: Plan) => steps.map(({ label }) => label.split(' ')[0]!);
  const layers = named(await plans.trunk(tokens));
  for (const tail of [plainTail('none', true), plainTail('mean', true)]) {
    await plans.reserve(tokens, tail);
    layers.push(...named(await plans.vectors(tail)));
  }
  const head = [...named(await plans.head('topk', rows)), ...named(await plans.head('targets', rows))];
  return { layers: new Set(layers), head: new Set(head) };
}

const dashed = (kernel: string) => kernel.replace(/[A-Z]/g, letter => `-${letter.toLowerCase()}`);

describe('whole models', () => {
  for (const { name, dtype, variants: chosen, f16 } of configurations) {
    for (const storage of ['f32', 'f16'] as const) {
      const variants = storage === 'f16' ? { ...chosen, ...f16 } : chosen;
      test(`${name} with matmul ${variants.matmul}, attention ${variants.attention}, storage ${storage}`, async context => {
        if (storage === 'f16' && !profile.f16) return context.skip('no shader-f16 on this adapter');
        if (profile.software && !profile.f16) return context.skip('SwiftShader takes seconds to compile what was written for GPUs');
        const env = testEnvironment();
        const loaded = await open(name, { dtype, storage, variants }, env);
        try {
          const fixture = await loadFixture(name);
          const { session, variants: reports } = loaded;
          await checkHidden(session, fixture, name);
          await checkVectors(session, fixture, name);
          // Four masked rows, which the small plan of the head computes; then those of all texts.
          const one = fixture.cases.find(({ masks }) => masks.length === 4)!;
          await checkHead(session, { ...fixture, cases: [one] }, name);
          const used = await usedBy(loaded, one.ids.length, one.masks.length);
          await checkHead(session, fixture, name);

          for (const [kernel, variant] of Object.entries(variants)) {
            const own = (labels: Set<string>) => [...labels].filter(label => label.startsWith(`${dashed(kernel)}.`));
            const seen = [...own(used.head), ...(variant === 'rows' ? [] : own(used.layers))];
            expect(new Set(seen), kernel).toEqual(new Set([`${dashed(kernel)}.${variant}`]));
            expect(reports.filter(r => r.forced && r.kernel === kernel).map(r => r.chosen)).toContain(variant);
          }
        } finally {
          loaded.gpu.destroy();
        }
      });
    }
  }
});

describe('what is asked for', () => {
  /** These compile quickly everywhere. */
  const variants = { matmul: 'rows-alone', attention: 'register', embed: 'rows', normalize: 'threads', pool: 'narrow' } as const;

  test('is checked, reported, neither timed nor remembered; the rest is chosen as ever', async () => {
    const env = testEnvironment();
    const model = await createLoader(env)(fixtureWithTokenizer('published-bf16'), { dtype: 'f32', variants });
    const { variants: reports, notes } = await model.report();
    const forced = reports.filter(r => r.forced);
    expect(forced.map(r => `${r.task}: ${r.chosen}`)).toEqual([
      'matmul f32 many: rows-alone',
      'matmul f32 some: rows-alone',
      'matmul f32 few: rows-alone',
      'attention 2×64: register',
      'embed 128: rows',
      'normalize 128: threads',
      'pool 128: narrow',
    ]);
    for (const { candidates, remembered } of forced) expect([remembered, candidates.map(c => c.ms)]).toEqual([false, [null]]);
    expect([...env.remembered.keys()].filter(key => /matmul|attention|embed|pool/.test(key))).toEqual([]);
    expect(notes.filter(note => note.includes('variant'))).toEqual([]);
    await model.dispose();
  });

  test('holds after f16 storage gave way to f32', async () => {
    const env = testEnvironment();
    const loaded = await open('published-bf16', { dtype: 'f32', variants }, env);
    await storeInF32(env, loaded, {});
    expect(loaded.session.plans.choices).toMatchObject({ attention: 'register', embed: 'rows', normalize: 'threads', pool: 'narrow' });
    await loaded.session.warm(20, () => {});
    const { layers } = await usedBy(loaded, 20, 1);
    expect([...layers].filter(label => label.startsWith('matmul'))).toEqual(['matmul.rows-alone']);
    expect(loaded.variants.filter(r => r.forced)).toHaveLength(7);
    loaded.gpu.destroy();
  });

  test('a variant that takes few rows leaves the others, which a note says', async context => {
    if (profile.software && !profile.f16) return context.skip('SwiftShader takes seconds to compile it');
    const loaded = await open('published-bf16', { dtype: 'f32', variants: { matmul: 'rows' } });
    const note = loaded.notes.list.find(text => text.startsWith('The variant rows of matmul'));
    expect(note).toMatch(/takes at most 8 rows\. The others use [a-z-]+ for f32 many rows, [a-z-]+ for f32 some rows\.$/);
    loaded.gpu.destroy();
  });

  test('what this adapter cannot run is an error that says what it needs', async () => {
    const load = open('published-bf16', { dtype: 'f32', without: ['subgroups'], variants: { attention: 'quad' } });
    await expect(load).rejects.toThrow(ConfigError);
    await expect(load).rejects.toThrow(
      /variant quad of attention.*it needs subgroups of at least 4 threads\. Here there are register, tile\./,
    );
  });
});
