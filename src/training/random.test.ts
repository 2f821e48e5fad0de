import { expect, test } from 'vitest';
import { bits, integer } from './random.ts';

test('the same numbers on every machine, others for every other list of parts', () => {
  expect([bits(), bits(0), bits(17, 3)]).toMatchInlineSnapshot(`
    [
      2654435769,
      2679775057,
      3579510101,
    ]
  `);
  const lists = [[], [0], [1], [2 ** 32], [0, 0], [0, 1], [1, 0], [17, 3], [3, 17], [2 ** 40 + 1]];
  expect(new Set(lists.map(list => bits(...list))).size).toBe(lists.length);
});

test('each bit is set half of the time, also where only the last part counts up', () => {
  const count = 4096;
  const set = new Array<number>(32).fill(0);
  for (let i = 0; i < count; i++) {
    const x = bits(42, 7, i);
    for (let bit = 0; bit < 32; bit++) set[bit]! += (x >>> bit) & 1;
  }
  for (const n of set) expect(Math.abs(n - count / 2)).toBeLessThan(5 * Math.sqrt(count / 4)); // five standard deviations
});

test('whole numbers below a bound are equally frequent, and neighbours do not follow one another', () => {
  const drawn = Array.from({ length: 7000 }, (_, i) => integer(7, 1, i));
  const pairs = new Map<number, number>();
  drawn.forEach((x, i) => {
    const pair = 7 * x + (drawn[i + 1] ?? 0);
    pairs.set(pair, (pairs.get(pair) ?? 0) + 1);
  });
  expect(pairs.size).toBe(49);
  for (const n of pairs.values()) expect(Math.abs(n - 7000 / 49)).toBeLessThan(5 * Math.sqrt(7000 / 49));
});
