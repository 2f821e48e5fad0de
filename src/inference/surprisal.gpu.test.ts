/** Surprisal, held to what predict and distribution answer on texts that are written out. */
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { FolderSource } from '../node/folder.ts';
import { fixtureWithTokenizer, testEnvironment } from '../testing/environment.ts';
import type { Model, Prediction, Surprisal } from '../types.ts';
import { createLoader } from './load.ts';

const env = testEnvironment();
const isSlow = process.env.AFFINAGE_ADAPTER === 'swiftshader';
const onlyOnLavapipe = 'some 15 s on SwiftShader each; the test of both modes below runs the same calls there';
let model: Model;
beforeAll(async () => {
  const source = new FolderSource(fileURLToPath(new URL('../../public/models/mini', import.meta.url)), 'mini');
  model = await createLoader(env)(source, { storage: 'f32' });
});
afterAll(() => model?.dispose());

const text = 'Le patient de 63 ans est hospitalisé pour une douleur thoracique 😀 de l’épaule e\u0301trange.';

/** Everything of an answer by token, so that portions can be compared with the whole. */
const rowsOf = (s: Surprisal) =>
  Array.from(s.ids, (id, i) => ({
    id,
    place: [...s.offsets.subarray(2 * i, 2 * i + 2)],
    bits: s.bits[i]!,
    rank: s.ranks[i]!,
    entropy: s.entropy[i]!,
    best: Array.from(s.bestIds.subarray(i * s.topK, (i + 1) * s.topK), best => s.strings[best]),
  }));

test('exact: each token as fillMask scores it in the text in which it is hidden', async context => {
  if (isSlow) return context.skip(onlyOnLavapipe);
  const { ids, tokens, offsets } = await model.tokenize(text);
  const exact = await model.surprisal(text, { mode: 'exact', topK: 3 });
  expect([...exact.ids]).toEqual(ids.slice(1, -1));
  expect(exact).toMatchObject({ mode: 'exact', from: 0, total: ids.length - 2, topK: 3, windows: [] });
  let compared = 0;
  for (const [i, row] of rowsOf(exact).entries()) {
    const [start, end] = offsets[i + 1]!;
    expect(row.place).toEqual([start, end]);
    // Hiding it in the text itself must give the same tokens around it; pieces of words do not.
    const hidden = `${text.slice(0, start)}[MASK]${text.slice(end)}`;
    const again = (await model.tokenize(hidden)).ids;
    if (again.length !== ids.length || again.some((id, at) => at !== i + 1 && id !== ids[at])) continue;
    const [target] = (await model.fillMask(hidden, { targets: [tokens[i + 1]!] })) as Prediction[];
    const best = (await model.fillMask(hidden, { topK: 3 })) as Prediction[];
    expect(row.bits, tokens[i + 1]).toBeCloseTo(-Math.log2(target!.score), 3);
    expect(row.rank).toBe(target!.rank);
    expect(row.best).toEqual(best.map(p => p.token_str));
    compared++;
  }
  expect(compared).toBeGreaterThan(8);
});

test('fast: the model sees the token; a hidden token as it stands is predicted alike by both modes', async () => {
  const fast = await model.surprisal(text);
  const exact = await model.surprisal(text, { mode: 'exact' });
  expect([...fast.ids]).toEqual([...exact.ids]);
  expect(fast.windows).toEqual([[0, fast.total]]);
  const mean = (bits: Float32Array) => bits.reduce((sum, b) => sum + b, 0) / bits.length;
  expect(mean(fast.bits)).toBeLessThan(mean(exact.bits));
  const masked = 'Une [MASK] du genou.';
  const [at] = [1];
  const one = await model.surprisal(masked);
  const { logProbs, entropy } = await model.distribution(masked);
  expect(one.bits[at!]).toBeCloseTo(-logProbs[one.ids[at!]!]! / Math.LN2, 3);
  expect(one.entropy[at!]).toBeCloseTo(entropy, 3);
  expect(one.bestBits[at! * one.topK]).toBeCloseTo(-Math.max(...logProbs) / Math.LN2, 3);
});

test('portions are the whole; a narrow exact reading costs less and is told apart', async context => {
  if (isSlow) return context.skip(onlyOnLavapipe);
  for (const mode of ['fast', 'exact'] as const) {
    const whole = await model.surprisal(text, { mode });
    const parts = [await model.surprisal(text, { mode, to: 7 }), await model.surprisal(text, { mode, from: 7 })];
    const joined = parts.flatMap(rowsOf);
    expect(joined.map(({ bits: _, entropy: __, ...row }) => row)).toEqual(rowsOf(whole).map(({ bits: _, entropy: __, ...row }) => row));
    joined.forEach(({ bits }, i) => {
      expect(bits).toBeCloseTo(whole.bits[i]!, 4);
    });
  }
  const narrow = await model.surprisal(text, { mode: 'exact', around: 4, from: 10, to: 11 });
  const { offsets } = await model.tokenize(text);
  const [start, end] = offsets[11]!;
  // Two tokens on each side of it.
  const around = `${text.slice(offsets[9]![0], start)}[MASK]${text.slice(end, offsets[13]![1])}`;
  const token = (await model.tokenize(text)).tokens[11]!;
  const [target] = (await model.fillMask(around, { targets: [token] })) as Prediction[];
  expect(narrow.bits[0]).toBeCloseTo(-Math.log2(target!.score), 3);
  const cost = async (kind: 'surprisal-fast' | 'surprisal-exact', more = {}) => (await model.estimate([text], { kind, ...more })).flops;
  expect(await cost('surprisal-exact')).toBeGreaterThan(5 * (await cost('surprisal-fast')));
  expect(await cost('surprisal-exact', { around: 4 })).toBeLessThan((await cost('surprisal-exact')) / 2);
});

test('beyond the context a text is read in windows; an empty one has no tokens', async context => {
  if (isSlow) return context.skip(onlyOnLavapipe);
  const small = await createLoader(env)(fixtureWithTokenizer('published-bf16'), { dtype: 'f32' });
  const most = (await small.report()).architecture.context;
  const long = 'Le patient a une fièvre du cœur aiguë. '.repeat(120);
  const read = await small.surprisal(long, { topK: 1 });
  expect(read.total).toBeGreaterThan(most);
  expect(read.windows.length).toBeGreaterThan(1);
  expect(read.windows.at(-1)![1]).toBe(read.total);
  expect(read.bits.every(bits => Number.isFinite(bits))).toBe(true);
  expect(read.ranks.every(rank => rank >= 1)).toBe(true);
  const some = await small.surprisal(long, { topK: 1, from: 500, to: 520 });
  some.bits.forEach((bits, i) => {
    expect(bits).toBeCloseTo(read.bits[500 + i]!, 4);
  });
  expect((await small.surprisal('')).total).toBe(0);
  expect((await small.surprisal('', { mode: 'exact' })).bits).toHaveLength(0);
  await expect(small.surprisal('Le patient.', { from: 90 })).rejects.toThrow(/no tokens from 90/);
  await small.dispose();
});

test('an exact reading can be stopped, and tells how far it is', async () => {
  const stop = new AbortController();
  const long = `${text} `.repeat(8);
  const seen: number[] = [];
  const running = model.surprisal(long, {
    mode: 'exact',
    signal: stop.signal,
    onProgress: ({ stage, done, total }) => {
      if (stage !== 'run') return;
      seen.push(done / total);
      stop.abort();
    },
  });
  await expect(running).rejects.toThrow(/abort/i);
  expect(seen[0]).toBeLessThan(1);
  expect((await model.surprisal(text)).total).toBeGreaterThan(0);
});
