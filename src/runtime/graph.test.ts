import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { Kernel } from '../gpu/step.ts';
import { Graph, type Tensor, tensorBytes } from './graph.ts';
import { widestSlots } from './memory.ts';

/** A kernel that is never compiled: lists only. */
const kernel = (bindings: number): Kernel => ({
  label: 'test',
  kind: 'other',
  code: '',
  numbers: [],
  bindings: [...Array.from({ length: bindings }, () => 'write' as const), 'uniform'],
  grid: () => [1, 1, 1],
  cost: () => ({ flops: 1, bytes: 1 }),
});

/** Lists one kernel for each entry, bound to the tensors of these indices. */
function listed(shapes: readonly (readonly (number | string)[])[], uses: readonly (readonly number[])[]) {
  const graph = new Graph();
  const tensors = shapes.map((shape, i) => graph.temporary(`t${i}`, 'f32', shape));
  for (const use of uses)
    graph.add(
      kernel(use.length),
      use.map(i => tensors[i]!),
    );
  return { graph, tensors };
}

describe('which tensors share a buffer', () => {
  test('a chain needs two buffers, however long it is: each tensor ends where the next but one begins', () => {
    const { graph, tensors } = listed(
      [
        ['tokens', 4],
        ['tokens', 4],
        ['tokens', 4],
        ['tokens', 4],
      ],
      [
        [0, 1],
        [1, 2],
        [2, 3],
      ],
    );
    const { slotOf, slotBytes } = graph.share({ tokens: 10 });
    expect(slotBytes).toEqual([160, 160]);
    expect(tensors.map(tensor => slotOf.get(tensor))).toEqual([0, 1, 0, 1]);
  });

  test('one that is kept lives on to the end, and one of another graph has no place here', () => {
    const { graph, tensors } = listed(
      [[8], [8], [8]],
      [
        [0, 1],
        [1, 2],
      ],
    );
    graph.keep(tensors[0]!);
    const outside: Tensor = { name: 'outside', type: 'f32', shape: [1000] };
    graph.add(kernel(2), [tensors[2]!, outside]);
    const { slotOf, slotBytes } = graph.share({});
    expect(slotBytes).toEqual([32, 32, 32]);
    expect(slotOf.has(outside)).toBe(false);
  });

  test('no two that live at once share; none is larger than its slot; never more bytes than one buffer each', () => {
    const graphs = fc.integer({ min: 1, max: 12 }).chain(count =>
      fc.record({
        sizes: fc.array(fc.integer({ min: 1, max: 50 }), { minLength: count, maxLength: count }),
        uses: fc.array(fc.array(fc.nat({ max: count - 1 }), { minLength: 1, maxLength: 4 }), { minLength: 1, maxLength: 15 }),
        kept: fc.subarray(Array.from({ length: count }, (_, i) => i)),
      }),
    );
    fc.assert(
      fc.property(graphs, ({ sizes, uses, kept }) => {
        const { graph, tensors } = listed(
          sizes.map(size => [size]),
          uses,
        );
        for (const i of kept) graph.keep(tensors[i]!);
        const { slotOf, slotBytes } = graph.share({});
        const life = (i: number) => {
          const at = uses.flatMap((use, k) => (use.includes(i) ? [k] : []));
          return { first: at[0]!, last: kept.includes(i) ? uses.length : at.at(-1)! };
        };
        const used = sizes.map((_, i) => i).filter(i => uses.some(use => use.includes(i)));
        for (const i of used) {
          expect(4 * sizes[i]!).toBeLessThanOrEqual(slotBytes[slotOf.get(tensors[i]!)!]!);
          for (const j of used) {
            if (i === j || slotOf.get(tensors[i]!) !== slotOf.get(tensors[j]!)) continue;
            expect(life(i).last < life(j).first || life(j).last < life(i).first, `${i} and ${j}`).toBe(true);
          }
        }
        const total = slotBytes.reduce((sum, bytes) => sum + bytes, 0);
        expect(total).toBeLessThanOrEqual(used.reduce((sum, i) => sum + 4 * sizes[i]!, 0));
        expect(total).toBeGreaterThanOrEqual(Math.max(...used.map(i => 4 * sizes[i]!)));
      }),
    );
  });
});

test('slots that serve several graphs are as large as the largest needs them', () => {
  expect(widestSlots([8, 2], [5, 5, 1], [])).toEqual([8, 5, 1]);
  expect(widestSlots()).toEqual([]);
});

test('a wrong number of bindings, and a size that nobody gave, are found when they are listed', () => {
  const { graph, tensors } = listed([['tokens']], []);
  expect(() => graph.add(kernel(2), [tensors[0]!])).toThrow(/2 bindings, 1/);
  expect(() => tensorBytes(tensors[0]!, { rows: 3 })).toThrow(/no size "tokens"/);
});
