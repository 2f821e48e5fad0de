import { afterAll, beforeAll, expect, test } from 'vitest';
import type { Gpu } from '../gpu/device.ts';
import { randomNormal, seededRandom } from '../kernels/checking/random.ts';
import { testGpu } from '../testing/gpu.ts';
import { f16ToFloat32, float32ToF16 } from '../weights/dtype.ts';
import { quantize } from '../weights/quantize.ts';
import { GpuQuantizer } from './gpu-quantizer.ts';

let gpu: Gpu;
let quantizer: GpuQuantizer;
let heldBefore: number;
beforeAll(async () => {
  gpu = await testGpu();
  heldBefore = gpu.memory.report.total;
  quantizer = new GpuQuantizer(gpu);
});
afterAll(() => {
  quantizer.dispose();
  expect(gpu.memory.report.total).toBe(heldBefore);
  gpu.destroy();
});

function normal(seed: string, length: number, scale: number): Float32Array<ArrayBuffer> {
  const next = seededRandom(seed);
  return Float32Array.from({ length }, () => scale * randomNormal(next));
}

/** bf16: few bits, so that exact ties are common. */
function toBf16(values: Float32Array<ArrayBuffer>): Float32Array<ArrayBuffer> {
  const words = new Uint32Array(values.buffer);
  return new Float32Array(words.map(word => word & 0xffff0000).buffer);
}

/** Whole numbers of a step, as a quantized checkpoint that was stored in floats: nearly every group has a tie. */
const stepped = (values: Float32Array<ArrayBuffer>) => values.map(value => Math.round(value * 100) / 128);

const kinds = {
  'f32 weights': (seed: string, length: number) => normal(seed, length, 0.03),
  'f16 weights': (seed: string, length: number) => f16ToFloat32(float32ToF16(normal(seed, length, 0.03))),
  'bf16 weights': (seed: string, length: number) => toBf16(normal(seed, length, 0.03)),
  'weights on a grid': (seed: string, length: number) => stepped(normal(seed, length, 0.03)),
  'tiny and huge groups': (seed: string, length: number) =>
    normal(seed, length, 1).map((value, i) => value * 10 ** (((i >> 5) % 60) - 40) * ((i >> 5) % 7 === 0 ? 0 : 1)),
};

for (const [kind, make] of Object.entries(kinds)) {
  test.each(['q4', 'q8'] as const)(`${kind} as %s: the bits of the CPU`, async format => {
    // More than one dispatch once.
    for (const [rows, K] of [
      [3, 96],
      [kind === 'f32 weights' ? 1100 : 200, 512],
    ] as const) {
      const values = make(`${kind} ${rows}`, rows * K);
      const [got, expected] = [await quantizer.quantize(values, rows, K, format), quantize(values, rows, K, format)];
      expect(got.kind).toBe(expected.kind);
      expect(Buffer.from(got.q.buffer).equals(Buffer.from(expected.q.buffer))).toBe(true);
      expect(Buffer.from(got.scale.buffer).equals(Buffer.from(expected.scale.buffer))).toBe(true);
    }
  });
}

test('of normal weights, few groups are left to the CPU', async () => {
  for (const [format, most] of [
    ['q4', 0.05],
    ['q8', 0.02],
  ] as const) {
    const fresh = new GpuQuantizer(gpu);
    await fresh.quantize(normal('share', 512 * 1024, 0.03), 512, 1024, format);
    fresh.dispose();
    expect(fresh.groups).toBe(16_384);
    expect(fresh.unsure / fresh.groups).toBeLessThan(most);
  }
});
