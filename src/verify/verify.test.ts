import { readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from 'vitest';
import { ModelFileError, NoAdapterError } from '../errors.ts';
import type { Environment } from '../inference/environment.ts';
import { allCases, modelCases } from '../kernels/all.cases.ts';
import { FolderSource } from '../node/folder.ts';
import { memorySource } from '../testing/fixtures.ts';
import type { Embeddings } from '../types.ts';
import { checkModel, type ModelUnderTest } from './check-model.ts';
import { withoutPaths } from './place.ts';
import { type Reference, readReference, weightsMatch } from './reference.ts';
import { toText, verifyDevice } from './verify.ts';

const at = (path: string) => fileURLToPath(new URL(`../../${path}`, import.meta.url));
const mini = new FolderSource(at('public/models/mini'), 'mini');

test('the check of a device leaves out what only training uses', () => {
  const kernels = new Set(modelCases.map(set => set.kernel));
  expect(allCases.map(set => set.kernel).filter(kernel => !kernels.has(kernel))).toEqual([
    'activation',
    'activation-backward',
    'adamw',
    'cross-entropy-backward',
    'cross-entropy-stats',
    'gather-rows',
    'scatter-rows',
    'square-sum',
    'attention-dq',
    'attention-dkv',
    'attention-dq-lanes',
    'attention-dkv-lanes',
    'attention-dq-quad',
    'attention-dkv-quad',
    'attention-dots',
    'column-sum',
    'dropout',
    'gate',
    'gate-backward',
    'layernorm-backward',
    'rope-backward',
  ]);
});

test('the short form has a case for every variant of every kernel, none of them with NaN or infinities', () => {
  for (const { kernel, variants, cases } of allCases) {
    for (const { name } of variants) {
      const quick = cases.filter(c => c.quick && (!c.variants || c.variants.includes(name)));
      expect(quick.length, `${kernel} ${name}`).toBeGreaterThan(0);
      for (const c of quick) expect(c.nonFinite ?? false, c.name).toBe(false);
    }
  }
});

describe('the reference data', () => {
  test('belong to the weights beside them, and are those of the tests', async () => {
    const reference = await readReference(mini);
    expect(await weightsMatch(mini, reference, true)).toBe(true);
    const expected = JSON.parse(await readFile(at('oracle/data/mini-expected.json'), 'utf8')) as {
      cases: { text: string; ids: number[]; masks: { ids: number[]; probabilities: number[] }[]; embedding: number[] }[];
    };
    expect(reference.cases.map(({ text }) => text)).toEqual(expected.cases.map(({ text }) => text));
    for (const [i, { ids, masks, embedding }] of expected.cases.entries()) {
      const ours = reference.cases[i]!;
      expect(ours.ids).toEqual(ids);
      expect(ours.masks).toEqual(masks.map(mask => ({ ids: mask.ids, probabilities: mask.probabilities })));
      expect([...ours.embedding]).toEqual(embedding.map(Math.fround));
    }
  });

  test.each([
    ['no JSON', '{'],
    ['another form', '{"cases": []}'],
    ['no cases', '{"weights": {"bytes": 1, "sha256": ""}, "cases": []}'],
    [
      'an embedding cut off',
      '{"weights": {"bytes": 1, "sha256": ""}, "cases": [{"text": "a", "ids": [1], "masks": [], "embedding": "AAA="}]}',
    ],
  ])('are refused with %s', async (_, text) => {
    const source = memorySource('mini', async path => (path === 'expected.json' ? new TextEncoder().encode(text) : undefined));
    await expect(readReference(source)).rejects.toThrow(ModelFileError);
  });

  test('other weights are noticed', async () => {
    const reference = await readReference(mini);
    const other = { ...reference, weights: { ...reference.weights, sha256: '0'.repeat(64) } };
    expect(await weightsMatch(mini, other, true)).toBe(false);
    expect(await weightsMatch(mini, { ...other, weights: { ...other.weights, bytes: 1 } }, false)).toBe(false);
  });
});

describe('checkModel', () => {
  /** Answers with the reference itself, changed by `change`. */
  function parrot({ cases }: Reference, change: (answer: { ids: number[]; scores: number[]; vector: Float32Array<ArrayBuffer> }) => void) {
    const of = (text: string) => cases.find(c => c.text === text)!;
    const model = {
      tokenize: async (text: string) => ({ ids: of(text).ids, tokens: [], offsets: [] }),
      embed: async ([text]: readonly string[]): Promise<Embeddings> => {
        const answer = { ids: [], scores: [], vector: new Float32Array(of(text!).embedding) };
        change(answer);
        return { data: answer.vector, rows: 1, dim: answer.vector.length, offsets: Uint32Array.of(0, 1) };
      },
      fillMask: async (text: string) => {
        const all = of(text).masks.map(mask => {
          const answer = { ids: [...mask.ids], scores: [...mask.probabilities], vector: new Float32Array(1) };
          change(answer);
          return answer.ids.map((token, i) => ({ token, score: answer.scores[i]!, token_str: '', sequence: '' }));
        });
        return all.length === 1 ? all[0]! : all;
      },
    };
    return model as unknown as ModelUnderTest;
  }
  const identity = { model: 'mini', dtype: 'q8', storage: 'f32' } as const;

  test('right answers pass', async () => {
    const reference = await readReference(mini);
    const check = await checkModel(
      parrot(reference, () => {}),
      identity,
      reference,
    );
    expect(check).toMatchObject({ passed: true, tokensEqual: true, top5Agreement: 1, top1: check.masks, failures: [] });
    expect(check.masks).toBeGreaterThan(10);
  });

  test('a probability that is off, a wrong first choice and a NaN are found', async () => {
    const reference = await readReference(mini);
    const of = async (change: Parameters<typeof parrot>[1]) => checkModel(parrot(reference, change), identity, reference);
    const off = await of(({ scores }) => {
      if (scores.length > 0) scores[0]! *= 1.001;
    });
    expect(off.passed).toBe(false);
    expect(off.probabilities.nmse).toBeGreaterThan(off.probabilities.bound);
    expect(off).toMatchObject({ top1: off.masks, embeddings: { nmse: 0 } });

    const swapped = await of(({ ids, scores }) => {
      ids.reverse();
      scores.reverse();
    });
    expect(swapped).toMatchObject({ passed: false, top1: 0 });
    expect(swapped.top5Agreement).toBeLessThan(0.1);

    const poisoned = await of(({ vector }) => {
      vector[3] = Number.NaN;
    });
    expect(poisoned).toMatchObject({ passed: false, embeddings: { nmse: null, maxAbs: null }, probabilities: { nmse: 0 } });
  });
});

describe('verifyDevice', () => {
  const env = (gpu: Environment['gpu']): Environment => ({
    gpu,
    openSource: async () => mini,
    tuning: { get: async () => null, set: async () => {} },
    version: '1.2.3',
  });

  test('without an adapter it answers, and fails', async () => {
    const check = await verifyDevice(
      env(() => Promise.reject(new NoAdapterError('No adapter. Install a driver; see /home/someone/notes/gpu.txt'))),
      { form: 'short' },
    );
    expect(check).toMatchObject({ passed: false, adapter: null, kernels: [], models: [] });
    expect(check.failures).toEqual([
      { part: 'adapter', error: { name: 'NoAdapterError', message: 'No adapter. Install a driver; see …/gpu.txt', details: {} } },
    ]);
    expect(structuredClone(check)).toEqual(check);
    expect(toText(check)).toMatch(/^affinage 1\.2\.3: check of this device, short form: FAILED\n/);
  });

  test('an abort is thrown', async () => {
    const signal = AbortSignal.abort(new DOMException('no more', 'AbortError'));
    await expect(
      verifyDevice(
        env(() => Promise.reject(new Error('unused'))),
        { form: 'full', signal },
      ),
    ).rejects.toThrow('no more');
  });
});

test.each([
  ['cannot read /home/ann/models/mini/model.safetensors: no', 'cannot read …/model.safetensors: no'],
  ['C:\\Users\\ann\\mini\\config.json is bad', '…/config.json is bad'],
  ['from https://intranet.example/models/mini/config.json (404)', 'from …/config.json (404)'],
  ['at 7: 1.5 instead of 2', 'at 7: 1.5 instead of 2'],
  ['~/models/x and ../y/z', '…/x and …/z'],
  ['4 / 5 or 3/8', '4 / 5 or 3/8'],
  ['Mozilla/5.0 (X11; Linux x86_64) Gecko/20100101', 'Mozilla/5.0 (X11; Linux x86_64) Gecko/20100101'],
  ['at file:///opt/a/b.js:12:3', 'at …/b.js:12:3'],
])('withoutPaths: %s', (text, expected) => {
  expect(withoutPaths(text)).toBe(expected);
});
