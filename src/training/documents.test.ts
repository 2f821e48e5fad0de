import { expect, test } from 'vitest';
import { InputError } from '../errors.ts';
import { listedDocuments, numberedDocuments } from '../testing/document-list.ts';
import { type DocumentSource, itemsOf, ShuffledDocuments, type ShuffleState } from './documents.ts';

const documents = numberedDocuments([1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13]);
const numbersOf = async (stream: ShuffledDocuments) => {
  const numbers: number[] = [];
  for await (const document of itemsOf(stream)) numbers.push(document[0]! / 1000);
  return numbers;
};
const sorted = (numbers: readonly number[]) => numbers.toSorted((a, b) => a - b);

test('every document once an epoch, in blocks that are shuffled anew each time, the same for a seed', async () => {
  const stream = (seed: number) => new ShuffledDocuments(listedDocuments(documents), { seed, block: 5, epochs: 2 });
  const order = await numbersOf(stream(42));
  const [one, two] = [order.slice(0, 13), order.slice(13)];
  for (const epoch of [one, two]) {
    expect(sorted(epoch)).toEqual([...documents.keys()]);
    for (const first of [0, 5, 10]) expect(sorted(epoch.slice(first, first + 5))).toEqual([...documents.keys()].slice(first, first + 5));
  }
  expect(one).not.toEqual(two);
  expect(one).not.toEqual([...documents.keys()]);
  expect(await numbersOf(stream(42))).toEqual(order);
  expect(await numbersOf(stream(43))).not.toEqual(order);
});

test('a block of one leaves the order; blocks that fill the source exactly end it too', async () => {
  expect(await numbersOf(new ShuffledDocuments(listedDocuments(documents), { seed: 1, block: 1 }))).toEqual([...documents.keys()]);
  const exact = new ShuffledDocuments(listedDocuments(documents.slice(0, 10)), { seed: 1, block: 5, epochs: 2 });
  expect((await numbersOf(exact)).length).toBe(20);
  expect(await exact.next()).toBeNull();
});

test('memory holds one block: no document is read before its block begins', async () => {
  const source = listedDocuments(documents);
  const stream = new ShuffledDocuments(source, { seed: 42, block: 5, epochs: Number.POSITIVE_INFINITY });
  for (let i = 0; i < 5; i++) await stream.next();
  expect(source.reads).toEqual([0, 1, 2, 3, 4]);
  await stream.next();
  expect(source.reads.length).toBe(10);
});

test('goes on from any position, reading no earlier block', async () => {
  const options = { seed: 42, block: 5, epochs: 2 };
  const whole = await numbersOf(new ShuffledDocuments(listedDocuments(documents), options));
  const stream = new ShuffledDocuments(listedDocuments(documents), options);
  for (let done = 0; done <= whole.length; done++) {
    const source = listedDocuments(documents);
    const other = new ShuffledDocuments(source, options);
    other.restore(JSON.parse(JSON.stringify(stream.state())) as ShuffleState);
    expect(await numbersOf(other), `after ${done}`).toEqual(whole.slice(done));
    if (done > 5 && done < 10) expect(source.reads[0]).toBe(5);
    await stream.next();
  }
});

test('a stream in use goes back to a saved position', async () => {
  const stream = new ShuffledDocuments(listedDocuments(documents), { seed: 3, block: 4 });
  const saved = stream.state();
  const first = await numbersOf(stream);
  stream.restore(saved);
  expect(await numbersOf(stream)).toEqual(first);
});

test('a source that fails loses nothing: the next call reads the block again', async () => {
  let isBroken = true;
  const whole = listedDocuments(documents);
  const source: DocumentSource = {
    name: 'flaky',
    async *read(from) {
      let number = from;
      for await (const document of whole.read(from)) {
        if (number++ === 7 && isBroken) throw new Error('connection lost');
        yield document;
      }
    },
  };
  const options = { seed: 5, block: 5 };
  const stream = new ShuffledDocuments(source, options);
  const got: number[] = [];
  await expect(
    (async () => {
      for await (const document of itemsOf(stream)) got.push(document[0]! / 1000);
    })(),
  ).rejects.toThrow('connection lost');
  isBroken = false;
  expect([...got, ...(await numbersOf(stream))]).toEqual(await numbersOf(new ShuffledDocuments(listedDocuments(documents), options)));
});

test('refuses an empty source, options that are none, and a position of another seed', async () => {
  const empty = new ShuffledDocuments(listedDocuments([], 'notes.jsonl'), { seed: 1, epochs: Number.POSITIVE_INFINITY });
  await expect(empty.next()).rejects.toThrow('notes.jsonl holds no documents.');
  expect(() => new ShuffledDocuments(listedDocuments([]), { seed: 1, block: 0 })).toThrow(InputError);
  expect(() => new ShuffledDocuments(listedDocuments([]), { seed: -1 })).toThrow('seed is -1');
  expect(() => new ShuffledDocuments(listedDocuments([]), { seed: 1, epochs: 1.5 })).toThrow('epochs is 1.5');
  const stream = new ShuffledDocuments(listedDocuments(documents), { seed: 1 });
  expect(() => stream.restore({ ...stream.state(), seed: 2 })).toThrow('made with seed 2, and seed is now 1');
  expect(() => stream.restore({ ...stream.state(), block: 3 })).toThrow(InputError);
});
