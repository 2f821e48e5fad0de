import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { parseConfig } from './config.ts';
import { countParameters, formatOf, layerSlot, listParameters, type ParameterConfig } from './parameters.ts';
import { benchShapes } from './shapes.ts';

const biases = { norm: true, attention: true, mlp: true, decoder: true, classifier: true };
const small: ParameterConfig = {
  vocabSize: 7,
  hiddenSize: 64,
  headDim: 32,
  layers: 2,
  intermediateSize: 5,
  biases,
  tieWordEmbeddings: false,
};

const orderOf = (config: ParameterConfig, slot: string) => listParameters(config).find(p => p.slot === slot)!.order;

describe('the order of rows on the GPU', () => {
  test('every row of every parameter is there once, its inverse finds it, and the rest are zeros', () => {
    const config = fc.record({
      heads: fc.integer({ min: 1, max: 4 }),
      headDim: fc.constantFrom(32, 64, 128),
      intermediateSize: fc.integer({ min: 1, max: 100 }),
    });
    fc.assert(
      fc.property(config, ({ heads, headDim, intermediateSize }) => {
        const parameters = listParameters({ ...small, hiddenSize: heads * headDim, headDim, intermediateSize });
        for (const { slot, shape, order } of parameters) {
          const sources = Array.from({ length: order.rows }, (_, n) => order.sourceRow(n));
          const rows = sources.filter(row => row >= 0);
          expect(
            rows.toSorted((a, b) => a - b),
            slot,
          ).toEqual(Array.from({ length: shape[0] }, (_, row) => row));
          expect(
            sources.every((row, n) => row < 0 || order.deviceRow(row) === n),
            slot,
          ).toBe(true);
        }
      }),
      { numRuns: 20 },
    );
  });

  test('RoPE finds the two numbers that it turns side by side, in q and in k; v is as it was', () => {
    const { sourceRow } = orderOf(small, layerSlot(0, 'attn.Wqkv.weight'));
    expect([0, 1, 2, 3].map(sourceRow)).toEqual([0, 16, 1, 17]); // head 0 of q
    expect([96, 97].map(sourceRow)).toEqual([96, 112]); // head 1 of k
    expect([128, 129].map(sourceRow)).toEqual([128, 129]); // v
  });

  test('u and g of the MLP alternate, then zeros up to 32 pairs; the bias lies as its matrix', () => {
    const order = orderOf(small, layerSlot(1, 'mlp.Wi.weight'));
    expect(order.rows).toBe(64);
    expect([0, 1, 2, 3, 8, 9, 10, 63].map(order.sourceRow)).toEqual([0, 5, 1, 6, 4, 9, -1, -1]);
    const bias = orderOf(small, layerSlot(1, 'mlp.Wi.bias'));
    expect([0, 1, 10].map(bias.sourceRow)).toEqual([0, 5, -1]);
  });
});

test('a tied decoder counts once: the published sizes', () => {
  const count = (shape: keyof typeof benchShapes) => countParameters(parseConfig({ model_type: 'modernbert', ...benchShapes[shape] }));
  expect(count('base')).toBe(136_120_832);
  expect(count('large')).toBe(377_841_664);
  expect(countParameters(small)).toBe(countParameters({ ...small, tieWordEmbeddings: true }) + 7 * 64);
});

test('q4 keeps table, decoder and dense in q8; other dtypes have one format', () => {
  const kept = listParameters(small).filter(p => p.shape.length === 2 && formatOf(p, 'q4') === 'q8');
  expect(kept.map(p => p.slot)).toEqual(['embeddings.tok_embeddings.weight', 'head.dense.weight', 'decoder.weight']);
  expect(new Set(listParameters(small).map(p => formatOf(p, 'f16')))).toEqual(new Set(['f16']));
});
