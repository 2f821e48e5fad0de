import { expect, test } from 'vitest';
import { findPairs, pairsFrom } from './pairs.ts';
import { Slices } from './slices.ts';

const slices = () => new Slices(new AbortController().signal);
const nothing = () => undefined;

/** Unit vectors whose cosine with the first is `cosine`. */
const rows = (...cosines: number[]) => Float32Array.from(cosines.flatMap(cosine => [cosine, Math.sqrt(1 - cosine ** 2)]));

test('pairs from 0.90 upwards, the most alike first', async () => {
  const found = await findPairs(rows(1, 0.97, 1, 0.5, 0.92), 2, slices(), nothing);
  expect(found.pairs.map(({ a, b }) => `${a}${b}`)).toEqual(['02', '14', '01', '12', '04', '24']);
  expect(found.pairs[2]?.cosine).toBeCloseTo(0.97, 5);
  expect(pairsFrom(found, 0.9)).toMatchObject({ count: 6 });
  expect(pairsFrom(found, 0.97).shown.map(({ a, b }) => `${a}${b}`)).toEqual(['02', '14', '01', '12']);
  expect(pairsFrom(found, 0.975).count).toBe(2);
  expect(pairsFrom(found, 1)).toMatchObject({ count: 1, shown: [{ a: 0, b: 2, cosine: 1 }] });
});

test('of very many pairs the most alike are kept, and all are counted', async () => {
  const count = 40;
  const found = await findPairs(rows(...Array<number>(count).fill(1)), 2, slices(), nothing, 50);
  expect(found.pairs).toHaveLength(50);
  expect(pairsFrom(found, 0.97).count).toBe(780);
});

test('it tells how far it is, and aborting ends it', async () => {
  const count = 2000;
  const data = Float32Array.from({ length: count * 128 }, (_, i) => Math.sin(i * i) / 5);
  const controller = new AbortController();
  const shares: number[] = [];
  const work = findPairs(data, 128, new Slices(controller.signal), share => {
    shares.push(share);
    if (shares.length === 2) controller.abort();
  });
  await expect(work).rejects.toThrow(/abort/i);
  expect(shares).toHaveLength(2);
  expect(shares[1]).toBeGreaterThan(shares[0] ?? 1);
});
