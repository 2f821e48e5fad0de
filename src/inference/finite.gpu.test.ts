/** Numbers that are not finite: found wherever they arise, answered in f32 where that helps, refused by name where nothing does. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { NonFiniteError } from '../errors.ts';
import type { ModelSource } from '../source/source.ts';
import { changedWeights } from '../testing/changed-weights.ts';
import { fixtureWithTokenizer, type TestEnvironment, testEnvironment } from '../testing/environment.ts';
import { fixtureSource, nmse } from '../testing/fixtures.ts';
import type { LoadOptions, Model, Prediction } from '../types.ts';
import { f32Note } from './finite.ts';
import { createLoader } from './load.ts';
import { plainTail } from './sentence/vectors.ts';

const unmeasured = { measured: { matmul: new Map(), attention: null } };
const fixture = 'published-bf16';
const texts = ['Le patient.', 'une fièvre aiguë du cœur', 'La fièvre du patient.'];
const masked = ['Le [MASK] du cœur.', 'une [MASK]'];

let hasF16 = false;
let sound: Model;
const env = testEnvironment();
const load = (source: ModelSource, options: LoadOptions = {}, place: TestEnvironment = env, internal = {}) =>
  createLoader(place, { ...unmeasured, ...internal })(source, { dtype: 'f32', ...options });

beforeAll(async () => {
  sound = await load(fixtureWithTokenizer(fixture));
  hasF16 = (await sound.report()).adapter.features.shaderF16;
});
afterAll(() => sound.dispose());

/** The model with its MLPs' inner numbers 2^20 larger and the way back as much smaller: in f32 the same answers, in f16 none. */
const overflowing = (by = 2 ** 20) =>
  changedWeights(fixture, (name, values) => {
    // u is a gate (gelu is not linear), so only g grows: the second half of Wi's rows.
    if (name.endsWith('mlp.Wi.weight')) return values.map((v, i) => (i < values.length / 2 ? v : v * by));
    if (name.endsWith('mlp.Wo.weight')) return values.map(v => v / by);
    return values;
  });

describe('f16 cannot hold the activations', () => {
  test('embed and fillMask answer in f32 by themselves, say so once, and remember it', async context => {
    if (!hasF16) return context.skip('no shader-f16 on this adapter');
    const place = testEnvironment();
    const source = await overflowing();
    const model = await load(source, { storage: 'f16' }, place);
    expect((await model.report()).storage).toBe('f16');
    const notices: string[] = [];
    const onProgress = ({ notice }: { notice?: string }) => void (notice && notices.push(notice));
    const weightsBefore = (await model.report()).gpuBytes.weights;
    for (const pooling of ['mean', 'none'] as const) {
      const got = await model.embed(texts, { pooling, onProgress });
      const expected = await sound.embed(texts, { pooling });
      expect(nmse(got.data, expected.data), pooling).toBeLessThanOrEqual(1e-9);
    }
    expect(await model.fillMask(masked, { topK: 3, onProgress })).toMatchObject(tokensOf(await sound.fillMask(masked, { topK: 3 })));
    expect(notices).toEqual([f32Note]);
    const report = await model.report();
    expect([report.storage, report.notes.filter(note => note === f32Note).length]).toEqual(['f32', 1]);
    expect(report.gpuBytes.weights).toBe(weightsBefore); // shared, not loaded twice
    await model.dispose();

    const again = await load(source, { storage: 'f16' }, place);
    const later = await again.report();
    expect([later.storage, later.notes.includes(f32Note)]).toEqual(['f32', true]);
    await again.dispose();
  });

  test('what f32 cannot answer either is an error, and nothing says or remembers that f32 is right', async context => {
    if (!hasF16) return context.skip('no shader-f16 on this adapter');
    const place = testEnvironment();
    const source = await changedWeights(fixture, (name, values) => (name.endsWith('mlp.Wi.weight') ? values.map(() => 3e38) : values));
    const model = await load(source, { storage: 'f16' }, place);
    const notices: string[] = [];
    const onProgress = ({ notice }: { notice?: string }) => void (notice && notices.push(notice));
    await expect(model.embed(texts, { onProgress })).rejects.toBeInstanceOf(NonFiniteError);
    expect([notices, (await model.report()).notes.includes(f32Note)]).toEqual([[], false]);
    await model.dispose();
    const again = await load(source, { storage: 'f16' }, place);
    expect((await again.report()).storage).toBe('f16');
    await again.dispose();
  });

  test('a head whose relu would turn NaN into 0 hides nothing', async context => {
    if (!hasF16) return context.skip('no shader-f16 on this adapter');
    // The final norm's weight is too large for f16 and every way into the dense layer negative: relu makes zeros, the scores are uniform.
    const config = { ...(await configOf(fixture)), classifier_activation: 'relu' };
    const source = await changedWeights(
      fixture,
      (name, values) => {
        if (name.endsWith('final_norm.weight')) return values.map(() => 1e7);
        if (name.endsWith('head.dense.weight')) return values.map((v, i) => (i % 2 ? -Math.abs(v) : Math.abs(v)) / 1e7);
        return values;
      },
      { 'config.json': config },
    );
    const f32 = await load(source);
    const model = await load(source, { storage: 'f16' }, testEnvironment());
    const expected = (await f32.fillMask(masked[0]!, { topK: 3 })) as Prediction[];
    expect(await model.fillMask(masked[0]!, { topK: 3 })).toMatchObject(tokensOf(expected));
    expect((await model.report()).storage).toBe('f32');
    const targets = { targets: ['fièvre', 'une'] };
    expect(await model.fillMask(masked[0]!, targets)).toMatchObject(tokensOf(await f32.fillMask(masked[0]!, targets)));
    await Promise.all([model.dispose(), f32.dispose()]);
  });

  test('the remedy stands in the error where no loader is there to apply it', async context => {
    if (!hasF16) return context.skip('no shader-f16 on this adapter');
    const { openModel } = await import('./open.ts');
    const loaded = await openModel(testEnvironment(), await overflowing(), { dtype: 'f32', storage: 'f16' }, unmeasured);
    await expect(loaded.session.vectors([[1, 7, 2]], plainTail('mean', true))).rejects.toThrow(
      /beyond what f16 can hold: load .* storage "f32"/,
    );
    loaded.gpu.destroy();
  });
});

describe('f32 cannot hold them either', () => {
  const broken: [string, (name: string, values: Float32Array) => Float32Array, RegExp][] = [
    ['weights of 3e38', (name, v) => (name.endsWith('mlp.Wi.weight') ? v.fill(3e38) : v), /last hidden state/],
    [
      'a table of 1e25: the variance overflows',
      (name, v) => (name.includes('tok_embeddings') ? v.map(x => Math.sign(x) * 1e25) : v),
      /last hidden state/,
    ],
    ['a final norm of 3e38', (name, v) => (name.endsWith('final_norm.weight') ? v.fill(3e38) : v), /last hidden state|vectors|scores/],
  ];
  test.each(broken)('%s: embed and fillMask name the place and the remedy', async (_, change, place) => {
    const model = await load(await changedWeights(fixture, change));
    for (const options of [{}, { pooling: 'none' }, { pooling: 'none', normalize: true }, { pooling: 'cls', normalize: false }] as const) {
      const attempt = model.embed(['Le patient.', 'une fièvre'], options);
      await expect(attempt).rejects.toThrow(NonFiniteError);
      await expect(attempt).rejects.toThrow(place);
      await expect(attempt).rejects.toThrow(/texts 1, 2 of 2 .*in f32 too.*broken/);
    }
    await expect(model.fillMask(masked[0]!)).rejects.toThrow(NonFiniteError);
    await expect(model.fillMask(masked[0]!, { targets: ['une'] })).rejects.toThrow(/of the text/);
    await model.dispose();
  });

  test('one text among many is named, and none of the others', async () => {
    // One word's embedding alone: its norm overflows.
    const ids = (await sound.tokenize('fièvre')).ids;
    const word = ids[1]!;
    const source = await changedWeights(fixture, (name, v) => {
      if (!name.includes('tok_embeddings')) return v;
      const width = 128;
      return v.map((x, i) => (Math.floor(i / width) === word ? (i % 2 ? 3e38 : -3e38) : x));
    });
    const model = await load(source);
    const attempt = model.embed(['Le patient.', 'une fièvre aiguë', 'du cœur']);
    await expect(attempt).rejects.toThrow(/last hidden state of text 2 of 3 has/);
    await expect(attempt).rejects.toMatchObject({ details: { texts: [1], place: 'last hidden state', storage: 'f32', dtype: 'f32' } });
    // The others are answered as ever.
    expect((await model.embed(['Le patient.', 'du cœur'])).data.every(Number.isFinite)).toBe(true);
    // The decoder is the same table: that word's score overflows in every text.
    await expect(model.fillMask(['une [MASK]', '[MASK] du cœur'])).rejects.toThrow(/scores of texts 1, 2 of 2 have/);
    await model.dispose();
  });

  test('a vector of zeros stays one, and is no error', async () => {
    const source = await changedWeights(fixture, (name, v) => (name.endsWith('final_norm.weight') ? v.fill(0) : v));
    const model = await load(source);
    for (const pooling of ['mean', 'cls', 'none'] as const) {
      const { data } = await model.embed(texts, { pooling, normalize: true });
      expect(data.every(value => value === 0)).toBe(true);
    }
    await model.dispose();
  });
});

describe('weights that the format cannot hold', () => {
  /** One MLP, 2^30 or 2^-30 of what it was between its two halves: the same answers. */
  const stretched = () =>
    changedWeights(fixture, (name, values) => {
      if (name.endsWith('layers.0.mlp.Wi.weight')) return values.map((v, i) => (i < values.length / 2 ? v : v * 2 ** 30));
      if (name.endsWith('layers.0.mlp.Wo.weight')) return values.map(v => v / 2 ** 30);
      return values;
    });
  test.each(['auto', 'q8', 'q4'] as const)('dtype %s loads it all the same, with those tensors as f32, and says so', async dtype => {
    const model = await load(await stretched(), { dtype });
    const plain = await load(fixtureWithTokenizer(fixture), { dtype });
    const [got, expected] = [await model.embed(texts), await plain.embed(texts)];
    expect(nmse(got.data, expected.data)).toBeLessThanOrEqual(dtype === 'auto' ? 1e-5 : 0.02);
    const already = (await plain.report()).notes;
    const notes = (await model.report()).notes.filter(note => !already.includes(note));
    expect(notes).toEqual([expect.stringMatching(/layers\.0\.mlp\.Wi\.weight", .*layers\.0\.mlp\.Wo\.weight" are kept as f32/)]);
    expect(already.join()).not.toMatch(/kept as f32/);
    await Promise.all([model.dispose(), plain.dispose()]);
  });
});

async function configOf(name: string): Promise<Record<string, unknown>> {
  const file = await fixtureSource(name).open('config.json');
  return JSON.parse(new TextDecoder().decode(await file.read(0, file.sizeBytes))) as Record<string, unknown>;
}

/** The tokens and, to five digits, nothing else: scores differ in the last ones. */
function tokensOf(answer: unknown): object[] {
  return (answer as Prediction[][]).map(entry =>
    Array.isArray(entry) ? (entry as Prediction[]).map(({ token }) => ({ token })) : { token: (entry as Prediction).token },
  );
}
