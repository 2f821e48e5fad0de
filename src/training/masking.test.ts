import { expect, test } from 'vitest';
import { labelNext, maskWords, noLabel } from './masking.ts';
import type { PackedBatch } from './packing.ts';

const [cls, sep, mask] = [1, 2, 4];
/** 40 sequences of 150 tokens: [CLS], ids of 5 … 1004, [SEP]. */
const large = batchOf(
  Array.from({ length: 40 }, (_, s) => [cls, ...Array.from({ length: 148 }, (_, t) => 5 + ((s * 148 + t * 7) % 1000)), sep]),
);

function batchOf(sequences: readonly number[][], number = 3): PackedBatch {
  const cuSeqlens = [0];
  for (const { length } of sequences) cuSeqlens.push(cuSeqlens.at(-1)! + length);
  const positions = sequences.flatMap(sequence => [...sequence.keys()]);
  return {
    number,
    ids: Uint32Array.from(sequences.flat()),
    positions: Uint32Array.from(positions),
    cuSeqlens: Uint32Array.from(cuSeqlens),
  };
}

test.each([0.15, 0.3])('a share of %d of the tokens is chosen; of those eight tenths are masked, one is another id, one stays', rate => {
  const { ids, labels, labelled } = maskWords(large, { seed: 17, rate, maskId: mask });
  const chosen = [...labels.keys()].filter(t => labels[t] !== noLabel);
  expect(labelled).toBe(chosen.length);
  const near = (count: number, of: number, share: number) =>
    expect(Math.abs(count - of * share)).toBeLessThan(4 * Math.sqrt(of * share * (1 - share))); // four standard deviations
  near(chosen.length, ids.length, rate);
  expect(chosen.every(t => labels[t] === large.ids[t])).toBe(true);
  expect(ids.every((id, t) => labels[t] !== noLabel || id === large.ids[t])).toBe(true);
  near(chosen.filter(t => ids[t] === mask).length, chosen.length, 0.8);
  near(chosen.filter(t => ids[t] === large.ids[t]).length, chosen.length, 0.1);
  const others = chosen.map(t => ids[t]!).filter((id, i) => id !== mask && id !== large.ids[chosen[i]!]);
  near(others.length, chosen.length, 0.1);
  expect(Math.max(...others)).toBeLessThanOrEqual(1004);
  expect(new Set(others.map(id => Math.floor(id / 201))).size).toBe(5); // from all over the vocabulary
  near(chosen.filter(t => large.ids[t] === cls).length, 40, rate); // separators are tokens like others
});

test('the same for a seed and a number of batch, different for another; the batch stays as it was', () => {
  const before = large.ids.slice();
  const draw = (seed: number, number: number) => maskWords({ ...large, number }, { seed, rate: 0.3, maskId: mask });
  expect(draw(17, 3)).toEqual(draw(17, 3));
  expect(draw(17, 4).labels).not.toEqual(draw(17, 3).labels);
  expect(draw(42, 3).labels).not.toEqual(draw(17, 3).labels);
  expect(large.ids).toEqual(before);
});

test('shares, spared ids and the range of random ids can be set', () => {
  const options = { seed: 1, rate: 1, maskId: mask, spared: [cls, sep] };
  const all = maskWords(large, { ...options, masked: 1, random: 0 });
  const isSpared = (id: number) => id === cls || id === sep;
  expect([...all.ids]).toEqual([...large.ids].map(id => (isSpared(id) ? id : mask)));
  expect([...all.labels]).toEqual([...large.ids].map(id => (isSpared(id) ? noLabel : id)));
  const drawn = maskWords(large, { ...options, masked: 0, random: 1, randomIds: [2000, 2003] });
  expect(new Set(drawn.ids)).toEqual(new Set([cls, sep, 2000, 2001, 2002]));
  const kept = maskWords(large, { ...options, masked: 0, random: 0 });
  expect(kept.ids).toEqual(large.ids);
  expect(kept.labelled).toBe(40 * 148);
});

test('refuses shares that are none', () => {
  for (const rate of [0, 1.1, Number.NaN]) expect(() => maskWords(large, { seed: 1, rate, maskId: mask })).toThrow(`rate is ${rate}`);
  expect(() => maskWords(large, { seed: 1, rate: 0.3, maskId: mask, masked: 0.8, random: 0.3 })).toThrow('together at most 1');
  expect(() => maskWords(large, { seed: 1, rate: 0.3, maskId: mask, random: -0.1 })).toThrow('random -0.1');
});

test('the next token of the same sequence; its last one predicts nothing', () => {
  const batch = batchOf([[1, 10, 11, 2], [7], [1, 20, 2]]);
  const { ids, labels, labelled } = labelNext(batch);
  expect([...labels]).toEqual([10, 11, 2, noLabel, noLabel, 20, 2, noLabel]);
  expect(labelled).toBe(5);
  expect(ids).toEqual(batch.ids);
});
