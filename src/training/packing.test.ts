import fc from 'fast-check';
import { expect, test } from 'vitest';
import { InputError } from '../errors.ts';
import { listedDocuments, numberedDocuments } from '../testing/document-list.ts';
import { itemsOf, ShuffledDocuments, type ShuffleState } from './documents.ts';
import { type PackedBatch, PackedBatches, type PackOptions, type PackState } from './packing.ts';

const inOrder = (documents: readonly ArrayLike<number>[]) => new ShuffledDocuments(listedDocuments(documents), { seed: 0, block: 1 });

async function batchesOf(documents: readonly ArrayLike<number>[], options: PackOptions): Promise<PackedBatch[]> {
  const list: PackedBatch[] = [];
  for await (const batch of itemsOf(new PackedBatches(inOrder(documents), options))) list.push(batch);
  return list;
}

const sequencesOf = ({ ids, cuSeqlens }: PackedBatch) =>
  Array.from(cuSeqlens.subarray(1), (end, i) => [...ids.subarray(cuSeqlens[i]!, end)]);

test('separators, positions and bounds of each document; the oldest first, then the longest that fits', async () => {
  const options = { context: 10, before: 1, after: 2 };
  const batches = await batchesOf([[10, 11], [20, 21, 22], [30, 31, 32, 33], [], [40]], options);
  expect(batches.map(sequencesOf)).toEqual([
    [
      [1, 10, 11, 2],
      [1, 30, 31, 32, 33, 2],
    ],
    [
      [1, 20, 21, 22, 2],
      [1, 40, 2],
    ],
  ]);
  const [first] = batches;
  expect([...first!.positions]).toEqual([0, 1, 2, 3, 0, 1, 2, 3, 4, 5]);
  expect([...first!.cuSeqlens]).toEqual([0, 4, 10]);
  expect(batches.map(({ number }) => number)).toEqual([0, 1]);
});

test('a long document is cut: separators at its own ends, or around every part', async () => {
  const [long] = numberedDocuments([9]);
  const parts = async (options: PackOptions) => (await batchesOf([long!], options)).flatMap(sequencesOf);
  expect(await parts({ context: 4, before: 91, after: 92 })).toEqual([
    [91, 0, 1, 2],
    [3, 4, 5, 6],
    [7, 8, 92],
  ]);
  expect(await parts({ context: 4, before: 91, after: 92, aroundParts: true })).toEqual([
    [91, 0, 1, 92],
    [91, 2, 3, 92],
    [91, 4, 5, 92],
    [91, 6, 7, 92],
    [91, 8, 92],
  ]);
  expect(await parts({ context: 3, after: 92 })).toEqual([
    [0, 1, 2],
    [3, 4, 5],
    [6, 7, 8],
  ]); // a separator alone is no sequence
});

test('every token once, no batch over its size, no sequence over the context, whatever the lengths', async () => {
  const sizes = fc.record({
    lengths: fc.array(fc.integer({ min: 0, max: 40 }), { maxLength: 60 }).filter(lengths => lengths.length > 0),
    context: fc.integer({ min: 3, max: 20 }),
    factor: fc.integer({ min: 1, max: 3 }),
    pool: fc.integer({ min: 1, max: 4 }),
    separators: fc.constantFrom({}, { before: 900_001 }, { before: 900_001, after: 900_002 }),
    aroundParts: fc.boolean(),
  });
  await fc.assert(
    fc.asyncProperty(sizes, async ({ lengths, context, factor, pool, separators, aroundParts }) => {
      const documents = numberedDocuments(lengths);
      const tokens = factor * context;
      const batches = await batchesOf(documents, { context, tokens, pool: pool * tokens, aroundParts, ...separators });
      const own = batches.flatMap(({ ids }) => [...ids].filter(id => id < 900_000));
      expect(own.toSorted((a, b) => a - b)).toEqual(documents.flat());
      for (const batch of batches) {
        expect(batch.ids.length).toBeLessThanOrEqual(tokens);
        for (const sequence of sequencesOf(batch)) {
          expect(sequence.length).toBeGreaterThan(0);
          expect(sequence.length).toBeLessThanOrEqual(context);
          expect(new Set(sequence.filter(id => id < 900_000).map(id => Math.floor(id / 1000))).size).toBeLessThanOrEqual(1);
        }
      }
    }),
    { numRuns: 60 },
  );
});

test('batches are nearly full though documents are up to three quarters of one, and the pool bounds what is read ahead', async () => {
  const source = listedDocuments(numberedDocuments(Array.from({ length: 2000 }, (_, i) => 5 + ((i * 37) % 90))));
  const packer = new PackedBatches(new ShuffledDocuments(source, { seed: 0, block: 1 }), { context: 128, pool: 1024 });
  let given = 0;
  let count = 0;
  for (; count < 500; count++) {
    given += (await packer.next())!.ids.length;
    const read = source.reads.reduce((sum, i) => sum + 5 + ((i * 37) % 90), 0);
    expect(read - given).toBeLessThanOrEqual(1024 + 95);
  }
  expect(given / (count * 128)).toBeGreaterThan(0.96);
});

test('goes on from any position, also where documents and their parts wait out of order', async () => {
  const documents = numberedDocuments(Array.from({ length: 60 }, (_, i) => (i % 9 === 0 ? 70 : 1 + ((i * 29) % 31))));
  const make = () => {
    const source = listedDocuments(documents);
    const stream = new ShuffledDocuments(source, { seed: 8, block: 16, epochs: 2 });
    return { source, packer: new PackedBatches(stream, { context: 32, tokens: 40, pool: 120, before: 1, after: 2 }) };
  };
  const { packer } = make();
  const states: string[] = [];
  const whole: PackedBatch[] = [];
  for (;;) {
    states.push(JSON.stringify(packer.state()));
    const batch = await packer.next();
    if (!batch) break;
    whole.push(batch);
  }
  expect(whole.length).toBeGreaterThan(50);
  expect(states.some(state => (JSON.parse(state) as PackState<ShuffleState>).waiting.some(([, part]) => part > 0))).toBe(true);
  for (const [done, state] of states.entries()) {
    const { packer: other } = make();
    other.restore(JSON.parse(state) as PackState<ShuffleState>);
    expect(JSON.stringify(other.state()), `state after ${done}`).toBe(state);
    const next = await other.next();
    expect(next, `batch ${done}`).toEqual(whole[done] ?? null);
    if (next) expect(JSON.stringify(other.state()), `state after ${done + 1}`).toBe(states[done + 1]);
  }
  // Once to the end, from a position in the second epoch.
  const { packer: last, source } = make();
  const at = states.findIndex(state => (JSON.parse(state) as PackState<ShuffleState>).documents.epoch === 1) + 5;
  last.restore(JSON.parse(states[at]!) as PackState<ShuffleState>);
  const rest: PackedBatch[] = [];
  for await (const batch of itemsOf(last)) rest.push(batch);
  expect(rest).toEqual(whole.slice(at));
  expect(source.reads.length).toBeLessThanOrEqual(60);
});

test('refuses options without room, positions of other options, and a source that has become shorter', async () => {
  const make = (options: PackOptions, count = 30) =>
    new PackedBatches(inOrder(numberedDocuments(new Array<number>(count).fill(3))), options);
  expect(() => make({ context: 2, before: 1, after: 2 })).toThrow('context is 2; accepted: a whole number from 3');
  expect(() => make({ context: 8, tokens: 7 })).toThrow(InputError);
  expect(() => make({ context: 8, pool: 7 })).toThrow(InputError);
  expect(() => make({ context: 8, after: -1 })).toThrow(InputError);
  const packer = make({ context: 8 });
  await packer.next();
  expect(() => make({ context: 9 }).restore(packer.state())).toThrow(InputError);
  const shorter = make({ context: 8 }, 2);
  shorter.restore(packer.state());
  await expect(shorter.next()).rejects.toThrow('fewer documents');
});
