import { expect, test } from 'vitest';
import { memorySource } from '../testing/fixtures.ts';
import { openSafetensors } from './safetensors.ts';
import { safetensorsFile } from './safetensors-writer.ts';

test('what is written is read again, whatever the block', async () => {
  const values = { a: Float32Array.from({ length: 3 * 5 }, (_, i) => i / 7), b: Float32Array.of(-0, 1e-30, 3e38, 7) };
  const file = safetensorsFile([
    { name: 'a', shape: [3, 5], read: async (first, count) => values.a.slice(5 * first, 5 * (first + count)) },
    { name: 'b', shape: [4], read: async (first, count) => values.b.slice(first, first + count) },
  ]);
  const bytes = new Uint8Array(file.sizeBytes);
  let end = 0;
  await file.writeTo(async (at, part) => {
    expect(at).toBe(end);
    bytes.set(part, at);
    end = at + part.length;
  });
  expect(end).toBe(file.sizeBytes);
  const { tensors } = await openSafetensors(memorySource('written', async path => (path === 'model.safetensors' ? bytes : undefined)));
  expect([...tensors.keys()]).toEqual(['a', 'b']);
  const header = Number(new DataView(bytes.buffer).getBigUint64(0, true));
  expect(header % 8).toBe(0);
  expect(new Float32Array(bytes.slice(8 + header).buffer)).toEqual(Float32Array.of(...values.a, ...values.b));
});
