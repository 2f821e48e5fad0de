import { expect, test } from 'vitest';
import { pca } from './pca.ts';
import { Slices } from './slices.ts';

const slices = () => new Slices(new AbortController().signal);

/** A grid on a plane in five dimensions: u by −2 … 2 along (3, 0, 4, 0, 0)/5, v by −1 … 1 along (0, 1, 0, 0, 0), far from the origin. */
const grid = [-2, -1, 0, 1, 2].flatMap(u => [-1, 0, 1].map(v => ({ u, v })));
const data = Float32Array.from(grid.flatMap(({ u, v }) => [7 + 0.6 * u, 5 + v, 9 + 0.8 * u, 1, 3]));

test('the coordinates on a plane come back, the longer axis first, with what each explains', async () => {
  const { xy, shares } = await pca(data, 5, slices());
  grid.forEach(({ u, v }, i) => {
    expect(xy[2 * i]).toBeCloseTo(u, 4);
    expect(xy[2 * i + 1]).toBeCloseTo(v, 4);
  });
  // 15 points: Σu² = 30, Σv² = 10.
  expect(shares[0]).toBeCloseTo(0.75, 5);
  expect(shares[1]).toBeCloseTo(0.25, 5);
});

test('points on a line have no second axis, and equal points none at all', async () => {
  const line = await pca(Float32Array.from([0, 0, 1, 1, 2, 2]), 2, slices());
  expect(line.shares[0]).toBeCloseTo(1, 6);
  expect([...line.xy].filter((_, i) => i % 2 === 1).every(y => Math.abs(y) < 1e-5)).toBe(true);
  const one = await pca(Float32Array.from([3, 4, 3, 4]), 2, slices());
  expect([...one.xy]).toEqual([0, 0, 0, 0]);
  expect(one.shares).toEqual([0, 0]);
});

test('the same data give the same map, and what was given is not changed', async () => {
  const given = data.slice();
  const [a, b] = [await pca(given, 5, slices()), await pca(given, 5, slices())];
  expect(a.xy).toEqual(b.xy);
  expect(given).toEqual(data);
});

test('no slice is long, and aborting ends the work', async () => {
  const many = Float32Array.from({ length: 800 * 256 }, (_, i) => Math.sin(i * i));
  const controller = new AbortController();
  let longest = 0;
  // The processor's time: other tests may run beside this one.
  let from = process.cpuUsage();
  let pauses = 0;
  class Timed extends Slices {
    override async pause(): Promise<void> {
      longest = Math.max(longest, process.cpuUsage(from).user / 1000);
      if (++pauses === 3) controller.abort();
      await super.pause();
      from = process.cpuUsage();
    }
  }
  await expect(pca(many, 256, new Timed(controller.signal))).rejects.toThrow(/abort/i);
  expect(pauses).toBe(3);
  expect(longest).toBeLessThan(50);
});
