import { describe, expect, test } from 'vitest';
import { memorySource } from '../testing/fixtures.ts';
import { openSafetensors } from '../weights/safetensors.ts';
import { type LayoutParameter, layoutFile } from './layout.ts';

const matrix = (slot: string, shape: [number, number], format: LayoutParameter['format']): LayoutParameter => ({
  slot,
  name: `model.${slot}`,
  shape,
  format,
});
const vector = (slot: string, n: number): LayoutParameter => ({ slot, name: slot, shape: [n], format: 'f32' });

/** The header read back by the strict reader, over data of zeros. */
async function readBack(layout: ReturnType<typeof layoutFile>) {
  const bytes = new Uint8Array(layout.sizeBytes);
  bytes.set(layout.header);
  return openSafetensors(memorySource('layout', async path => (path === 'model.safetensors' ? bytes : undefined)));
}

describe('layoutFile', () => {
  test('names, shapes and sizes of every format, in the order given, scales behind their codes', async () => {
    const layout = layoutFile(
      [vector('norm', 3), matrix('a', [5, 70], 'q4'), matrix('b', [4, 64], 'q8'), matrix('c', [2, 3], 'f16'), matrix('d', [2, 3], 'f32')],
      { format: 'affinage', note: 'é' },
    );
    const { tensors, metadata } = await readBack(layout);
    expect(metadata).toEqual({ format: 'affinage', note: 'é' });
    expect([...tensors.values()].map(({ name, dtype, shape, start, end }) => [name, dtype, shape, end - start, start % 8])).toEqual([
      ['norm', 'F32', [3], 12, 0],
      ['model.d', 'F32', [2, 3], 24, 4],
      ['model.c', 'F16', [2, 3], 12, 4],
      ['model.a.q4', 'U8', [5, 48], 240, 0],
      ['model.a.scale', 'F16', [5, 3], 30, 0],
      ['model.b.q8', 'I8', [4, 64], 256, 6],
      ['model.b.scale', 'F16', [4, 2], 16, 6],
    ]);
    expect(layout.tensors.map(({ name, start, end }) => [name, start, end])).toEqual(
      [...tensors.values()].map(({ name, start, end }) => [name, start, end]),
    );
  });

  test('even widths keep the order of the forward pass', () => {
    const layout = layoutFile([matrix('a', [4, 64], 'q4'), vector('norm', 2), matrix('b', [4, 64], 'q8'), vector('last', 1)], {});
    expect(layout.tensors.map(({ name }) => name)).toEqual(['model.a.q4', 'model.a.scale', 'norm', 'model.b.q8', 'model.b.scale', 'last']);
  });

  test('the data begins at a multiple of 8 whatever the names, and every float lies at a multiple of its size', () => {
    for (let extra = 0; extra < 9; extra++) {
      const layout = layoutFile(
        [
          matrix('x'.repeat(extra + 1), [3, 32], 'q4'),
          vector('v', 1),
          matrix('h', [1, 1], 'f16'),
          matrix('y', [3, 32], 'q8'),
          vector('w', 5),
        ],
        { key: '"quoted"' },
      );
      expect(layout.header.length % 8).toBe(0);
      for (const { dtype, start } of layout.tensors) expect(start % { F32: 4, F16: 2, I8: 1, U8: 1 }[dtype]).toBe(0);
      expect(layout.tensors.at(-1)?.end).toBe(layout.sizeBytes);
    }
  });

  test('a vector has no quantized form', () => {
    expect(() => layoutFile([{ ...vector('norm', 32), format: 'q8' }], {})).toThrow(/norm is a vector/);
  });
});
