/** The forward pass on the GPU against PyTorch, on every random model of the oracle. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Gpu } from '../gpu/device.ts';
import { type ModelConfig, readConfig } from '../model/config.ts';
import { type DeviceWeights, uploadWeights } from '../model/device-weights.ts';
import { openWeights } from '../model/reader.ts';
import { makeChoices } from '../runtime/choices.ts';
import { checkHead, checkHidden, checkVectors } from '../testing/check-session.ts';
import { type FixtureName, fixtureNames, loadFixture, type ModelFixture } from '../testing/fixtures.ts';
import { testGpu } from '../testing/gpu.ts';
import type { Dtype, StorageType } from '../types.ts';
import { plainTail } from './sentence/vectors.ts';
import { Session } from './session.ts';

let gpu: Gpu;
beforeAll(async () => {
  gpu = await testGpu();
});
afterAll(() => gpu.destroy());

const unmeasured = { matmul: new Map(), attention: null };

interface Opened {
  fixture: ModelFixture;
  config: ModelConfig;
  weights: DeviceWeights;
}

async function upload(name: FixtureName, dtype: Dtype, maxShardBytes?: number): Promise<Opened> {
  const fixture = await loadFixture(name);
  const file = await fixture.source.open('config.json');
  const config = readConfig(await file.read(0, file.sizeBytes));
  const reader = await openWeights(fixture.source, config);
  const weights = await uploadWeights(gpu, config, reader, { dtype, maxShardBytes, onBytes: () => {} });
  return { fixture, config, weights };
}

function sessionOf({ config, weights }: Opened, storage: StorageType): Session {
  return new Session(gpu, config, weights, storage, makeChoices(gpu.profile, unmeasured));
}

/** Weights expanded to f32 while loading meet no other kernels than weights stored in f32: the quicker adapter shows that they are expanded rightly. */
const expanded: Dtype[] = process.env.AFFINAGE_ADAPTER === 'swiftshader' ? [] : ['f32'];
const dtypesOf: Record<ModelFixture['storage'], Dtype[]> = {
  f32: ['f32'],
  f16: ['f16', ...expanded],
  bf16: ['f32'],
  q8: ['q8', ...expanded],
  q4: ['q4', ...expanded],
};

for (const name of fixtureNames) {
  describe(name, () => {
    for (const storage of ['f32', 'f16'] as const) {
      test(`every hidden state, logits, best ten and vectors, storage ${storage}`, async context => {
        if (storage === 'f16' && !gpu.profile.f16) return context.skip('no shader-f16 on this adapter');
        const { storage: stored } = await loadFixture(name);
        for (const dtype of dtypesOf[stored]) {
          const opened = await upload(name, dtype);
          const session = sessionOf(opened, storage);
          if (dtype === dtypesOf[stored][0]) await checkHidden(session, opened.fixture, dtype);
          await checkVectors(session, opened.fixture, dtype);
          if (opened.fixture.hasHead) await checkHead(session, opened.fixture, dtype);
        }
        gpu.memory.freeAll();
      });
    }
  });
}

test('a table split over several bindings gives the same bits', async () => {
  const name = 'published-bf16';
  const answers = async (maxShardBytes?: number) => {
    const opened = await upload(name, 'f32', maxShardBytes);
    const session = sessionOf(opened, 'f32');
    const ids = opened.fixture.cases.map(c => [...c.ids]);
    const rows = opened.fixture.cases.flatMap(({ masks }, text) => masks.map(position => ({ text, position })));
    return {
      shards: opened.weights.embedding.shards.length,
      top: await session.score(ids, rows, { topK: 10 }),
      vectors: await session.vectors(ids, plainTail('mean', true)),
    };
  };
  const whole = await answers();
  const split = await answers(64 * 1024);
  expect(whole.shards).toBe(1);
  expect(split.shards).toBeGreaterThan(2);
  expect(split.top).toEqual(whole.top);
  expect(split.vectors).toEqual(whole.vectors);
  gpu.memory.freeAll();
});
