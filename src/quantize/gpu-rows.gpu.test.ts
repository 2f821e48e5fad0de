import { expect, test } from 'vitest';
import { NoAdapterError } from '../errors.ts';
import { randomNormal, seededRandom } from '../kernels/checking/random.ts';
import { politely } from '../node/polite-wait.ts';
import { sleep } from '../source/abort.ts';
import { dawn } from '../testing/gpu.ts';
import { type QuantizedBlock, quantize } from '../weights/quantize.ts';
import type { Choice } from './gpu-choice.ts';
import { gpuRows } from './gpu-rows.ts';

const next = seededRandom('gpu-rows');
const [rows, K] = [128, 1024];
const values = Float32Array.from({ length: rows * K }, () => 0.03 * randomNormal(next));
const expected = quantize(values, rows, K, 'q4');

/** Element by element takes vitest seconds. */
function expectSame(got: QuantizedBlock): void {
  expect(got.kind).toBe('q4');
  for (const key of ['q', 'scale'] as const)
    expect(Buffer.compare(Buffer.from(got[key].buffer), Buffer.from(expected[key].buffer))).toBe(0);
}

test('small work never opens the GPU; large work tries it, and it is opened again after a rest', async () => {
  let opened = 0;
  const choices: Choice[] = [];
  const env = {
    gpu: () => {
      opened++;
      return dawn();
    },
    whileWaiting: politely,
  };
  const { quantizeRows, dispose } = gpuRows(env, { patience: 3 * rows * K, idleMs: 20, onChoice: (_, choice) => choices.push(choice) });
  const block = async () => expectSame(await quantizeRows(values, rows, K, 'q4', 'slot'));
  for (let i = 0; i < 2; i++) await block();
  expect(opened).toBe(0);
  await block();
  expect(opened).toBe(1);
  await sleep(300);
  await block();
  expect(opened).toBe(2);
  await block();
  expect(choices).toHaveLength(1);
  expect(choices[0]).not.toHaveProperty('refused');
  await block();
  dispose();
});

test('without an adapter the CPU does it', async () => {
  const errors: unknown[] = [];
  const env = { gpu: () => Promise.reject(new NoAdapterError('none here')) };
  const { quantizeRows } = gpuRows(env, { patience: 0, onUnavailable: error => errors.push(error) });
  for (let i = 0; i < 3; i++) expectSame(await quantizeRows(values, rows, K, 'q4', 'slot'));
  expect(errors).toHaveLength(1);
  expect(errors[0]).toBeInstanceOf(NoAdapterError);
});
