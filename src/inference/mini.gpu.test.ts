/** The embedded model, as shipped, against PyTorch on its stored weights (oracle/export_mini.py). */
import { readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { FolderSource } from '../node/folder.ts';
import { testEnvironment } from '../testing/environment.ts';
import { nmse } from '../testing/fixtures.ts';
import type { LoadOptions, Prediction } from '../types.ts';
import { createLoader } from './load.ts';

interface Expected {
  text: string;
  ids: number[];
  /** For each mask: the ten best. */
  masks: { position: number; ids: number[]; tokens: string[]; probabilities: number[] }[];
  /** Mean over every token, L2 norm 1. */
  embedding: number[];
}

const at = (path: string) => fileURLToPath(new URL(`../../${path}`, import.meta.url));
const source = () => new FolderSource(at('public/models/mini'), 'mini');
const readCases = async () => (JSON.parse(await readFile(at('oracle/data/mini-expected.json'), 'utf8')) as { cases: Expected[] }).cases;

const paths: [string, LoadOptions, number][] = [
  ['as stored (q8), f32 activations', { storage: 'f32' }, 1e-10],
  ['expanded to f32', { dtype: 'f32' }, 1e-10],
  ['as stored (q8), f16 activations', { storage: 'f16' }, 1e-5],
];

test.each(paths)('%s', async (_, options, tolerance) => {
  const load = createLoader(testEnvironment());
  const opened = load(source(), options);
  if (options.storage === 'f16' && process.env.AFFINAGE_ADAPTER === 'swiftshader') {
    await expect(opened).rejects.toThrow(/no shader-f16/);
    return;
  }
  const model = await opened;
  const cases = await readCases();
  expect(cases.length).toBeGreaterThan(10);
  const vectors = await model.embed(cases.map(c => c.text));
  for (const [i, expected] of cases.entries()) {
    expect((await model.tokenize(expected.text)).ids).toEqual(expected.ids);
    expect(nmse(vectors.data.subarray(i * vectors.dim, (i + 1) * vectors.dim), expected.embedding), expected.text).toBeLessThanOrEqual(
      Math.max(tolerance, 1e-12),
    );
    if (expected.masks.length === 0) continue;
    const answer = await model.fillMask(expected.text, { topK: 10 });
    const perMask = (expected.masks.length === 1 ? [answer] : answer) as Prediction[][];
    for (const [m, { ids, probabilities, tokens }] of expected.masks.entries()) {
      const got = perMask[m]!;
      if (options.storage === 'f16') expect(got[0]!.token, expected.text).toBe(ids[0]);
      else {
        expect(
          got.map(p => p.token),
          expected.text,
        ).toEqual(ids);
        expect(got.map(p => p.token_str)).toEqual(tokens);
      }
      const ours = ids.map(id => got.find(p => p.token === id)?.score ?? Number.NaN);
      if (options.storage !== 'f16') expect(nmse(ours, probabilities), expected.text).toBeLessThanOrEqual(1e-8);
    }
  }
  await model.dispose();
});
