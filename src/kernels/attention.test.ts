/** What the GPU cases rest on: the tile list, the wrapper's refusals, and that one wrong key would show. */
import { describe, expect, test } from 'vitest';
import { attentionRef } from './attention.ref.ts';
import { attention, attentionTileRows, attentionTiles, attentionVariants } from './attention.ts';
import { randomNormal, seededRandom } from './checking/random.ts';
import { compare } from './checking/run-case.ts';

test('tiles cover each sequence once and never cross into another', () => {
  expect([...attentionTiles([0, 1, 9, 9, 25], 8)]).toEqual([0, 1, 0, 1, 1, 9, 1, 9, 9, 17, 9, 25, 17, 25, 9, 25]);
  expect(attentionTiles([0], 8)).toHaveLength(0);
});

describe.each(attentionVariants.map(v => v.name))('%s', variant => {
  test.each([32, 64, 128] as const)('head size %i: workgroup memory within 16 KiB, sizes that divide', headDim => {
    for (const storage of ['f32', 'f16'] as const) {
      const { code } = attention({ heads: 2, headDim, window: 64, storage, variant });
      const c = Object.fromEntries([...code.matchAll(/^const (\w+): u32 = (\d+)u;/gm)].map(([, name, value]) => [name, Number(value)]));
      const vec4 = storage === 'f16' ? 8 : 16;
      if (variant === 'lanes') {
        expect(headDim % 32).toBe(0);
        expect(c.TALL! * 8).toBe(attentionTileRows({ headDim, variant }));
      } else if (variant === 'quad') {
        expect(2 * c.BC! * (headDim / 4) * vec4).toBeLessThanOrEqual(16384);
        expect(c.BC! % 4).toBe(0);
        expect((c.THREADS! / 4) * c.ROWS!).toBe(attentionTileRows({ headDim, variant }));
      } else {
        const [keyLanes, pRow] = [c.BC! / c.SC!, c.BR! / 4 + 1];
        expect(c.THREADS).toBe((c.BR! / c.SR!) * keyLanes);
        expect(c.THREADS).toBe((c.BR! / c.OR!) * (headDim / 4 / c.OC!));
        expect((c.Q_TILE! + c.KV_TILE!) * vec4 + c.BC! * pRow * 16 + c.BR! * keyLanes * 4 + c.BR! * 4).toBeLessThanOrEqual(16384);
        expect(c.BR).toBe(attentionTileRows({ headDim, variant }));
      }
    }
  });

  test('a window that is no count of keys is refused', () => {
    for (const window of [-1, 1.5, Number.NaN])
      expect(() => attention({ heads: 1, headDim: 64, window, storage: 'f32', variant })).toThrow(/window/);
  });
});

test('a key too few shows far above the tolerance, even in a single row', () => {
  const next = seededRandom('a key too few');
  const shape = { heads: 1, headDim: 64, window: 64, cuSeqlens: [0, 7, 137] };
  const tokens = 137;
  const size = tokens * 64;
  const qkv = Float32Array.from({ length: 3 * size }, () => randomNormal(next) * 0.3);
  for (let i = 0; i < size; i++) qkv[2 * size + i] = i % 64 === Math.floor(i / 64) % 64 ? 1 : 0;
  const right = attentionRef(qkv, shape);
  for (const [row, key] of [
    [0, 6],
    [70, 10],
    [136, 72],
    [72, 136],
  ] as const) {
    // Key `key` pushed far against this row's query: as if it were not there. Only this row is taken over.
    const without = qkv.slice();
    for (let d = 0; d < 64; d++) without[size + key * 64 + d] = -1e4 * Math.sign(qkv[row * 64 + d]!);
    const wrong = right.slice();
    wrong.set(attentionRef(without, shape).subarray(row * 64, (row + 1) * 64), row * 64);
    expect(compare(wrong, right).nmse).toBeGreaterThan(1e-6);
  }
});
