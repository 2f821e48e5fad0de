/** The published size against PyTorch, as far as a software adapter does it in seconds; `npm run verify:full` does the rest. */
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { Gpu } from '../gpu/device.ts';
import { parseConfig } from '../model/config.ts';
import { type DeviceWeights, uploadWeights } from '../model/device-weights.ts';
import { openWeights } from '../model/reader.ts';
import { makeChoices } from '../runtime/choices.ts';
import { fullSizeConfig, fullSizeSource } from '../testing/full-size.ts';
import { checkFullSize, checkHidden, type FullSizeCase, fullSizeCases } from '../testing/full-size-check.ts';
import { testGpu } from '../testing/gpu.ts';
import { Session } from './session.ts';

const isSlow = process.env.AFFINAGE_ADAPTER === 'swiftshader';
const config = parseConfig(fullSizeConfig('base'));
const limit = 600_000;

let gpu: Gpu;
let cases: FullSizeCase[];
beforeAll(async () => {
  gpu = await testGpu();
  cases = await fullSizeCases('base');
});
afterAll(() => gpu.destroy());

async function upload(dtype: 'q4' | 'f16'): Promise<DeviceWeights> {
  const reader = await openWeights(fullSizeSource('base', { stored: dtype }), config);
  return uploadWeights(gpu, config, reader, { dtype, onBytes: () => {} });
}

const sessionOf = (weights: DeviceWeights) =>
  new Session(gpu, config, weights, 'f32', makeChoices(gpu.profile, { matmul: new Map(), attention: null }));

async function check(session: Session, tokens: number): Promise<void> {
  const expected = cases.find(c => c.tokens === tokens)!;
  expect(expected.masks.filter(m => m.gap >= 5e-4).length).toBeGreaterThanOrEqual(2);
  const found = await checkFullSize(session, expected);
  console.log(`${tokens} tokens: ${JSON.stringify(found)}`);
  for (const name of ['hidden', 'last', 'mean', 'cls'] as const)
    expect(found[name], `${name} at ${tokens} tokens`).toBeLessThanOrEqual(1e-10);
  expect(found.logProb).toBeLessThanOrEqual(2e-4);
  expect(found.agreeing).toBe(found.masks);
}

test('base in q4: hidden states, vectors and best ten as PyTorch has them', { timeout: limit }, async () => {
  const weights = await upload('q4');
  const session = sessionOf(weights);
  const before = gpu.memory.report.weights;
  for (const tokens of isSlow ? [16] : [16, 128, 513]) {
    await check(session, tokens);
    const { activations } = gpu.memory.report;
    expect(activations, `activations at ${tokens} tokens`).toBeLessThanOrEqual(80e6);
  }
  expect(gpu.memory.report.weights).toBe(before);
  // Not only the end: the stream after the first layer, and in the middle.
  if (!isSlow) {
    for (const layers of [1, config.layers / 2]) {
      const part = sessionOf({ ...weights, layers: weights.layers.slice(0, layers) });
      expect(await checkHidden(part, cases.find(c => c.tokens === 128)!), `after ${layers} layers`).toBeLessThanOrEqual(1e-10);
    }
  }
  gpu.memory.freeAll();
});

test('base in f16: the same numbers', { timeout: limit }, async context => {
  if (isSlow) return context.skip('minutes on SwiftShader; q4 above has shown the arithmetic');
  const session = sessionOf(await upload('f16'));
  await check(session, 128);
  gpu.memory.freeAll();
});
