import { expect, test } from 'vitest';
import type { Doc } from '../state.ts';
import { copiesOf } from './copies.ts';
import { columnsOf, groupsOf } from './groups.ts';
import { pointAt, pointsInside, toPixels } from './layout.ts';
import { nearestOf } from './neighbours.ts';
import { evenly, sampleOf } from './sample.ts';
import { Slices } from './slices.ts';
import { umap } from './umap.ts';

/** One passage a part. */
const doc = (id: string, columns: readonly (readonly string[])[], header: readonly string[] = [], done = columns.length): Doc => ({
  id,
  name: `nom ${id}`,
  kind: header.length > 0 ? 'table' : 'text',
  header,
  parts: columns.map(each => ({ text: 'x', columns: each })),
  passages: Uint32Array.from(columns.flatMap((_, part) => [part, 0, 1])),
  done,
});
const texts = (id: string, count: number, done = count) => doc(id, Array<string[]>(count).fill([]), [], done);

test('all passages with a vector are taken, or so many at even distances over all documents', () => {
  const documents = [texts('a', 3, 2), texts('b', 2, 0), texts('c', 4)];
  expect(sampleOf(documents).total).toBe(6);
  expect(sampleOf(documents).refs.map(({ doc: id, passage }) => id + passage)).toEqual(['a0', 'a1', 'c0', 'c1', 'c2', 'c3']);
  expect(sampleOf(documents, 3).refs.map(({ doc: id, passage }) => id + passage)).toEqual(['a0', 'c0', 'c2']);
  expect(sampleOf([texts('a', 5000)]).refs).toHaveLength(2000);
  expect(sampleOf([texts('a', 5000)]).refs.at(-1)).toEqual({ doc: 'a', passage: 4997 });
  expect(sampleOf([])).toEqual({ refs: [], total: 0 });
});

test('the six most frequent groups have a name; the rest, and what has no value, are others', () => {
  const rows = 'AAABBCDEFGG'.split('').map(value => [value]);
  const documents = [doc('t', [...rows, [' ']], ['service']), texts('u', 2)];
  const groups = groupsOf(documents, sampleOf(documents).refs, 'service');
  expect(groups.names).toEqual([
    { name: 'A', count: 3 },
    { name: 'B', count: 2 },
    { name: 'G', count: 2 },
    { name: 'C', count: 1 },
    { name: 'D', count: 1 },
    { name: 'E', count: 1 },
  ]);
  expect(groups.of).toEqual([0, 0, 0, 1, 1, 3, 4, 5, 6, 2, 2, 6, 6, 6]);
  expect(groups.others).toBe(4);
  expect(groupsOf(documents, sampleOf(documents).refs, null).names).toEqual([
    { name: 'nom t', count: 12 },
    { name: 'nom u', count: 2 },
  ]);
  expect(columnsOf(documents)).toEqual(['service']);
});

/** Points on a circle, by their angles in degrees. */
const circle = (angles: readonly number[]) =>
  Float32Array.from(angles.flatMap(angle => [Math.cos((angle * Math.PI) / 180), Math.sin((angle * Math.PI) / 180)]));

test('the nearest of each point, itself first', () => {
  const { indices, distances } = nearestOf(circle([0, 90, 10, 100, 12]), 2, 3, () => undefined);
  expect(indices).toEqual([
    [0, 2, 4],
    [1, 3, 4],
    [2, 4, 0],
    [3, 1, 4],
    [4, 2, 0],
  ]);
  expect(distances[0]?.[1]).toBeCloseTo(1 - Math.cos(Math.PI / 18), 5);
});

test('UMAP keeps two far heaps apart, the same way each time', () => {
  const data = circle([...Array(12).keys()].flatMap(i => [i / 10, 180 + i / 10]));
  const shares: number[] = [];
  const xy = umap(data, 2, share => shares.push(share));
  expect(umap(data, 2, () => undefined)).toEqual(xy);
  expect(xy.every(Number.isFinite)).toBe(true);
  const distance = (a: number, b: number) => Math.hypot((xy[2 * a] ?? 0) - (xy[2 * b] ?? 0), (xy[2 * a + 1] ?? 0) - (xy[2 * b + 1] ?? 0));
  const mean = (odd: number) => [...Array(11).keys()].reduce((sum, i) => sum + distance(0, 2 * (i + 1) - odd), 0) / 11;
  expect(mean(0)).toBeLessThan(mean(1));
  expect(shares.every((share, i) => share >= (shares[i - 1] ?? 0) && share < 1)).toBe(true);
});

test('places become pixels with one scale for both axes, up is up, and are found again', () => {
  const pixels = toPixels(Float32Array.from([0, 0, 10, 0, 5, 2]), 228, 128);
  expect([...pixels]).toEqual([14, 84, 214, 84, 114, 44]);
  expect(pointsInside(pixels, { x0: 220, y0: 90, x1: 100, y1: 40 })).toEqual([1, 2]);
  expect(pointAt(pixels, 110, 50, 12)).toBe(2);
  expect(pointAt(pixels, 60, 60, 12)).toBeNull();
  // Equal places stand in the middle.
  expect([...toPixels(Float32Array.from([3, 3, 3, 3]), 100, 60)]).toEqual([50, 30, 50, 30]);
});

test('copies of a text are found wherever they are; the first of each stands for all', async () => {
  const text = (id: string, all: string, ends: readonly number[], done = ends.length): Doc => ({
    ...texts(id, 0),
    parts: [{ text: all, columns: [] }],
    passages: Uint32Array.from(ends.flatMap((end, i) => [0, ends[i - 1] ?? 0, end])),
    done,
  });
  const documents = [text('a', 'Toux sèche. Fièvre.', [12, 19]), text('b', 'Toux  sèche.Toux.Fièvre.', [12, 17, 24], 2)];
  const { distinct, copies } = await copiesOf(documents, new Slices(new AbortController().signal));
  const name = ({ doc: id, passage }: { doc: string; passage: number }) => id + passage;
  expect(distinct.map(name)).toEqual(['a0', 'a1', 'b1']);
  expect(copies.map(pair => pair.map(name))).toEqual([['a0', 'b0']]);
  expect(evenly(distinct, 2).map(name)).toEqual(['a0', 'a1']);
  expect(evenly(distinct)).toBe(distinct);
});
