import { expect, test } from 'vitest';
import { randomNormal, seededRandom } from '../kernels/checking/random.ts';
import { sleep } from '../source/abort.ts';
import { type QuantizedBlock, quantize } from '../weights/quantize.ts';
import { type Choice, fasterRows, type RowQuantizer } from './gpu-choice.ts';

const next = seededRandom('gpu-choice');
const [rows, K] = [256, 512];
const values = Float32Array.from({ length: rows * K }, () => 0.03 * randomNormal(next));
const right = quantize(values, rows, K, 'q4');

/** Stands for a GPU that knows the answer. */
function fakeGpu(change: (block: QuantizedBlock, call: number) => void = () => {}, delayMs = 0): RowQuantizer & { calls: number } {
  return {
    calls: 0,
    async quantize() {
      const block = { kind: 'q4', q: right.q.slice() as Uint8Array<ArrayBuffer>, scale: right.scale.slice() } as const;
      change(block, ++this.calls);
      if (delayMs > 0) await sleep(delayMs);
      return block;
    },
  };
}

/** Element by element takes vitest seconds. */
function expectSame(got: QuantizedBlock, expected: QuantizedBlock): void {
  expect(got.kind).toBe(expected.kind);
  for (const key of ['q', 'scale'] as const)
    expect(Buffer.compare(Buffer.from(got[key].buffer), Buffer.from(expected[key].buffer))).toBe(0);
}

async function run(gpu: RowQuantizer, blocks = 8): Promise<Choice[]> {
  const choices: Choice[] = [];
  const quantizeRows = fasterRows(gpu, (format, choice) => {
    expect(format).toBe('q4');
    choices.push(choice);
  });
  for (let i = 0; i < blocks; i++) expectSame(await quantizeRows(values, rows, K, 'q4', 'slot'), right);
  return choices;
}

test('a right and faster one is taken', async () => {
  const gpu = fakeGpu();
  expect(await run(gpu)).toMatchObject([{ place: 'gpu' }]);
  expect(gpu.calls).toBe(8);
});

test('a right and slow one is left after the trial', async () => {
  const gpu = fakeGpu(() => {}, 150);
  expect(await run(gpu)).toEqual([{ place: 'cpu', cpu: expect.any(Number), gpu: expect.any(Number) }]);
  expect(gpu.calls).toBe(3);
});

test('one wrong bit in the trial and it is out', async () => {
  const gpu = fakeGpu(({ scale }) => {
    scale[scale.length - 1]! ^= 1;
  });
  expect(await run(gpu)).toMatchObject([{ place: 'cpu', refused: 'wrong codes' }]);
  expect(gpu.calls).toBe(1);
});

test('wrong later on: found by the row that is compared, and that block is done again', async () => {
  const gpu = fakeGpu(({ q }, call) => {
    if (call > 5) q.fill(0);
  });
  expect(await run(gpu)).toMatchObject([{ place: 'gpu' }, { place: 'cpu', refused: 'wrong codes after the trial' }]);
  expect(gpu.calls).toBe(6);
});

test('an error of the GPU costs nothing but the GPU', async () => {
  const gpu = fakeGpu((_, call) => {
    if (call > 4) throw new Error('the device is gone');
  });
  expect(await run(gpu)).toMatchObject([{ place: 'gpu' }, { place: 'cpu', refused: 'the device is gone' }]);
});

test('rows that are no whole groups, and first blocks too small to tell, stay on the CPU', async () => {
  const gpu = fakeGpu();
  const quantizeRows = fasterRows(gpu);
  const odd = values.subarray(0, 70 * 1024);
  expectSame(await quantizeRows(odd, 1024, 70, 'q4', 'slot'), quantize(odd, 1024, 70, 'q4'));
  expectSame(await quantizeRows(values.subarray(0, K), 1, K, 'q4', 'slot'), quantize(values.subarray(0, K), 1, K, 'q4'));
  expect(gpu.calls).toBe(0);
});
