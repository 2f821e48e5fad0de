/** The formulas of the backward pass against differences of the forward pass's own reference, and the sizes that the kernels rest on. */
import { describe, expect, test } from 'vitest';
import { attentionLseRef, attentionRef } from './attention.ref.ts';
import { attentionBackRef, attentionDotsRef } from './attention-back.ref.ts';
import { attentionBackTileRows, attentionBackVariants, attentionDkv, attentionDq } from './attention-back.ts';
import { gradientError } from './checking/gradient.ts';
import { randomNormal, seededRandom } from './checking/random.ts';

const next = seededRandom('attention backward');
const normals = (length: number) => Float64Array.from({ length }, () => randomNormal(next));

test.each([
  ['global', { window: null }],
  ['in a window', { window: 3 }],
  ['causal', { window: null, causal: true }],
  ['causal in a window', { window: 3, causal: true }],
])('gradients of q, k and v, %s: those of the forward reference', (_, mask) => {
  const shape = { heads: 2, headDim: 32, cuSeqlens: [0, 1, 6, 17], ...mask };
  const qkv = normals(3 * 2 * 17 * 32);
  const grad = normals(17 * 64);
  const { out, lse } = attentionLseRef(qkv, shape);
  const claimed = attentionBackRef({ qkv, grad, lse, dots: attentionDotsRef(out, grad, shape) }, shape);
  const forward = (inputs: { qkv?: ArrayLike<number> }) => ({ out: attentionRef(inputs.qkv!, shape) });
  expect(gradientError(claimed, forward, { qkv }, 'qkv', { out: grad })).toBeLessThan(1e-7);
  const at = claimed.reduce((most, value, i) => (Math.abs(value) > Math.abs(claimed[most]!) ? i : most), 0);
  const wrong = claimed.map((value, i) => (i === at ? value * 1.001 : value));
  expect(gradientError(wrong, forward, { qkv }, 'qkv', { out: grad })).toBeGreaterThan(1e-7);
});

describe.each(attentionBackVariants.map(v => v.name))('%s', variant => {
  test.each([32, 64, 128] as const)('head size %i: sizes that divide', headDim => {
    for (const storage of ['f32', 'f16'] as const) {
      for (const kernel of [attentionDq, attentionDkv]) {
        const { code } = kernel({ heads: 2, headDim, window: 64, storage, variant });
        const c = Object.fromEntries([...code.matchAll(/^const (\w+): u32 = (\d+)u;/gm)].map(([, name, value]) => [name, Number(value)]));
        if (variant === 'lanes') {
          expect(headDim % 32).toBe(0);
          expect(c.TALL! * 8).toBe(attentionBackTileRows({ headDim, variant }));
          continue;
        }
        if (variant === 'quad') {
          expect(c.BC! % 4).toBe(0);
          expect(2 * c.BC! * headDim * 4).toBeLessThanOrEqual(2 ** 14); // a and b of the columns in workgroup memory
          expect((c.THREADS! / 4) * c.ROWS!).toBe(attentionBackTileRows({ headDim, variant }));
          continue;
        }
        expect(c.THREADS).toBe((c.BR! / c.SR!) * (c.BC! / c.SC!));
        expect(c.THREADS).toBe((c.BR! / c.OR!) * (headDim / 4 / c.OC!));
        expect(c.BR).toBe(attentionBackTileRows({ headDim, variant }));
      }
    }
  });

  test('a window that is no count of keys is refused', () => {
    for (const kernel of [attentionDq, attentionDkv])
      expect(() => kernel({ heads: 1, headDim: 64, window: 1.5, storage: 'f32', variant })).toThrow(/window/);
  });
});
