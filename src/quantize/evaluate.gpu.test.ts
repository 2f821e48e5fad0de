/** Models side by side on the adapter: PyTorch's logits come back whole, a model agrees with itself, and formats rank as they must. */
import { afterAll, expect, test } from 'vitest';
import { InputError } from '../errors.ts';
import { maskedLogits } from '../inference/logits.ts';
import { type Loaded, openModel } from '../inference/open.ts';
import type { ModelSource } from '../source/source.ts';
import { fixtureWithTokenizer, testEnvironment } from '../testing/environment.ts';
import { loadFixture, nmse } from '../testing/fixtures.ts';
import { smallTokenizer } from '../testing/small-tokenizer.ts';
import type { LoadOptions } from '../types.ts';
import { evaluate } from './evaluate.ts';

// A comparison loads several models, each of which SwiftShader compiles for 20 s; what depends on the adapter is tested there elsewhere.
const isSlow = process.env.AFFINAGE_ADAPTER === 'swiftshader';
const measured = { matmul: new Map(), attention: null };
const opened: Loaded[] = [];
afterAll(() => {
  for (const { gpu } of opened) gpu.destroy();
});

async function open(source: string | ModelSource, options: LoadOptions = {}): Promise<Loaded> {
  const from = typeof source === 'string' ? fixtureWithTokenizer(source) : source;
  const loaded = await openModel(testEnvironment(), from, { storage: 'f32', ...options }, { measured });
  opened.push(loaded);
  return loaded;
}

const texts = ['Le patient a une fièvre aiguë du cœur, une fièvre.', 'La fièvre du patient', 'une [MASK] aiguë du [MASK]', '  '];

test.skipIf(isSlow)('logits of all masks of several texts are PyTorch’s', async () => {
  const fixture = await loadFixture('published-bf16');
  const loaded = await open('published-bf16');
  const cases = fixture.cases.filter(c => c.masks.length > 0);
  const ids = cases.map(c => Array.from(c.ids));
  const rows = cases.flatMap((c, text) => c.masks.map(position => ({ text, position })));
  const logits = await maskedLogits(loaded, ids, rows);
  const expected = cases.flatMap(c => Array.from(c.logits ?? []));
  expect(expected.length).toBeGreaterThan(1000);
  expect(nmse(logits, expected)).toBeLessThan(1e-6);
});

test.skipIf(isSlow)('a model against itself, against q8, and against q4', async () => {
  const [plain, q8, q4] = [
    await open('sharded-f32', { dtype: 'f32' }),
    await open('sharded-f32', { dtype: 'q8' }),
    await open('sharded-f32', { dtype: 'q4' }),
  ];
  const options = { every: 2, pseudo: 6 };
  const same = await evaluate(plain, plain, texts, options);
  expect(same.texts).toBe(3);
  expect(same.masks).toMatchObject({ top1: 1, top5: 1, klModelAgainst: 0, klAgainstModel: 0, logitsNmse: 0 });
  expect(same.masks?.truth?.positions).toBe((same.masks?.positions ?? 0) - 2); // the third text's own masks tell nothing
  expect(same.pseudoPerplexity?.tokens).toBe(6);
  expect(same.pseudoPerplexity?.model).toBe(same.pseudoPerplexity?.against);
  expect(same.cosine.least).toBeCloseTo(1, 5);
  const [small, large] = [await evaluate(plain, q8, texts, options), await evaluate(plain, q4, texts, options)];
  expect(small.masks?.klModelAgainst).toBeGreaterThan(0);
  expect(large.masks?.klModelAgainst).toBeGreaterThan(10 * (small.masks?.klModelAgainst ?? 0));
  expect(large.masks?.logitsNmse).toBeGreaterThan(10 * (small.masks?.logitsNmse ?? 0));
  expect(large.cosine.mean).toBeLessThan(small.cosine.mean);
  // The same masks again, and fewer where fewer are asked for.
  expect(await evaluate(plain, q8, texts, options)).toEqual(small);
  const first = await evaluate(plain, q8, texts, { ...options, limit: 3, pseudo: 0 });
  expect([first.masks?.positions, first.texts]).toEqual([3, 1]);
});

test.skipIf(isSlow)('what cannot be compared is refused, with the reason', async () => {
  const [plain, other] = [await open('sharded-f32'), await open('published-bf16')];
  await expect(evaluate(plain, other, texts)).rejects.toThrow(/different tokenizers/);
  await expect(evaluate(plain, plain, ['', ' '])).rejects.toThrow(InputError);
  await expect(evaluate(plain, plain, ['', ' '])).rejects.toThrow(/no text/);
  await expect(evaluate(plain, plain, ['Le'], { every: 1000, pseudo: 0 })).rejects.toThrow(/token to mask/);
  const lower = smallTokenizer() as { normalizer: unknown };
  lower.normalizer = { type: 'Lowercase' };
  const lowered = await open(fixtureWithTokenizer('sharded-f32', { 'tokenizer.json': lower }));
  await expect(evaluate(plain, lowered, texts)).rejects.toThrow(/text 1 becomes other tokens/);
});

test('without a prediction head only embeddings are compared', async () => {
  const base = await open('base-only-f32');
  const result = await evaluate(base, base, texts);
  expect(result.masks).toBeNull();
  expect(result.pseudoPerplexity).toBeNull();
  expect(result.cosine.least).toBeCloseTo(1, 5);
});
