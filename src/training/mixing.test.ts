import { expect, test } from 'vitest';
import { InputError } from '../errors.ts';
import { listedDocuments, numberedDocuments } from '../testing/document-list.ts';
import { itemsOf, ShuffledDocuments, type ShuffleState } from './documents.ts';
import { MixedDocuments, type MixState } from './mixing.ts';

/** Sources of 40 documents; source s has documents 100 s …, of 1 to 12, 1 to 60 and 30 tokens. */
const lengths = [
  Array.from({ length: 40 }, (_, i) => 1 + ((5 * i) % 12)),
  Array.from({ length: 40 }, (_, i) => 1 + ((7 * i) % 60)),
  new Array<number>(40).fill(30),
];
const endless = { seed: 9, block: 8, epochs: Number.POSITIVE_INFINITY };

const mixture = (shares: readonly number[], options: { seed: number; block?: number; epochs?: number } = endless) =>
  new MixedDocuments(
    shares.map((share, s) => ({
      documents: new ShuffledDocuments(listedDocuments(numberedDocuments(lengths[s]!, 100 * s)), options),
      share,
    })),
  );

const sourceOf = (document: ArrayLike<number>) => Math.floor(document[0]! / 100_000);

test('each source is within one document of its share of the tokens, at every point', async () => {
  const shares = [70, 20, 10];
  const mixed = mixture(shares);
  const tokens = [0, 0, 0];
  for (let i = 0; i < 500; i++) {
    const document = (await mixed.next())!;
    tokens[sourceOf(document)]! += document.length;
    const total = tokens.reduce((a, b) => a + b);
    const off = shares.map((share, s) => Math.abs(tokens[s]! - (total * share) / 100));
    expect(Math.max(...off)).toBeLessThanOrEqual(60);
  }
  expect(mixed.state().tokens).toEqual(tokens);
  expect(tokens[0]! / tokens.reduce((a, b) => a + b)).toBeCloseTo(0.7, 1);
});

test('only the ratios of shares count, and the order is always the same', async () => {
  const order = async (mixed: ReturnType<typeof mixture>) => {
    const list: ArrayLike<number>[] = [];
    for (let i = 0; i < 60; i++) list.push((await mixed.next())!);
    return list;
  };
  expect(await order(mixture([7, 2, 1]))).toEqual(await order(mixture([0.7, 0.2, 0.1])));
});

test('a source that ends leaves; the others go on to their ends', async () => {
  const got: number[] = [];
  for await (const document of itemsOf(mixture([1, 1, 1], { seed: 2 }))) got.push(sourceOf(document));
  expect([0, 1, 2].map(s => got.filter(x => x === s).length)).toEqual([40, 40, 40]);
  const lastOfSmallest = got.lastIndexOf(0);
  expect(new Set(got.slice(0, lastOfSmallest)).size).toBe(3);
  expect(got.slice(lastOfSmallest + 1).length).toBeGreaterThan(0);
});

test('goes on from any position', async () => {
  const options = { seed: 4, block: 7 };
  const whole: ArrayLike<number>[] = [];
  const states: string[] = [];
  const mixed = mixture([3, 2], options);
  for (;;) {
    states.push(JSON.stringify(mixed.state()));
    const document = await mixed.next();
    if (!document) break;
    whole.push(document);
  }
  expect(whole.length).toBe(80);
  for (const [done, state] of states.entries()) {
    if (done % 3 !== 0 && done < 75) continue;
    const other = mixture([3, 2], options);
    other.restore(JSON.parse(state) as MixState<ShuffleState>);
    const rest: ArrayLike<number>[] = [];
    for await (const document of itemsOf(other)) rest.push(document);
    expect(rest, `after ${done}`).toEqual(whole.slice(done));
  }
});

test('refuses no source, a share that is none, and a position of other shares', () => {
  expect(() => new MixedDocuments([])).toThrow(InputError);
  for (const share of [0, -1, Number.NaN, Number.POSITIVE_INFINITY]) expect(() => mixture([1, share])).toThrow(`A share is ${share}`);
  expect(() => mixture([1, 2]).restore(mixture([2, 1]).state())).toThrow('made with shares 2 : 1, and shares is now 1 : 2');
});
