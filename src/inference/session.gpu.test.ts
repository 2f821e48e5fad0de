/** The forward pass on the GPU against PyTorch, on every random model of the oracle. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Gpu } from '../gpu/device.ts';
import { Staging } from '../gpu/staging.ts';
import { attentionTileCount } from '../kernels/attention.ts';
import { type ModelConfig, readConfig } from '../model/config.ts';
import { type DeviceWeights, uploadWeights } from '../model/device-weights.ts';
import { openWeights } from '../model/reader.ts';
import { makeChoices } from '../runtime/choices.ts';
import { type FixtureName, fixtureNames, loadFixture, type ModelFixture, nmse, pickRows } from '../testing/fixtures.ts';
import { testGpu } from '../testing/gpu.ts';
import type { Dtype, StorageType } from '../types.ts';
import { packBatches, writeBatch } from './batch.ts';
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

/** The residual stream after the first `layers` layers, all sequences in one packed pass: f32 [tokens, H]. */
async function residual(opened: Opened, storage: StorageType, layers: number): Promise<Float32Array> {
  const cut = { ...opened, weights: { ...opened.weights, layers: opened.weights.layers.slice(0, layers) } };
  const session = sessionOf(cut, storage);
  const [batch] = packBatches(
    opened.fixture.cases.map(c => [...c.ids]),
    1e9,
  );
  const { plans, runner } = session;
  await plans.reserve(batch!.tokens);
  writeBatch(gpu.device.queue, name => plans.buffer(name), batch!, plans.tileRows);
  const sizeBytes = 4 * batch!.tokens * opened.config.hiddenSize;
  const staging = new Staging(gpu);
  await staging.reserve(sizeBytes);
  const tiles = attentionTileCount(batch!.cuSeqlens, session.plans.tileRows);
  const run = { tokens: batch!.tokens, sequences: batch!.texts.length, tiles };
  const { steps, out } = await plans.trunk(batch!.tokens);
  await runner.run(steps, run, { finish: e => staging.copy(e, out, sizeBytes, 0) });
  return new Float32Array(await staging.read(sizeBytes));
}

function starts({ fixture }: Opened): number[] {
  const list = [0];
  for (const { ids } of fixture.cases) list.push(list.at(-1)! + ids.length);
  return list;
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
        const tolerance = storage === 'f32' ? 1e-10 : 1e-5;
        const { storage: stored } = await loadFixture(name);
        for (const dtype of dtypesOf[stored]) {
          const opened = await upload(name, dtype);
          const { fixture, config } = opened;
          const first = starts(opened);
          const H = config.hiddenSize;
          if (dtype === dtypesOf[stored][0]) {
            for (let layers = 0; layers <= config.layers; layers++) {
              const x = await residual(opened, storage, layers);
              fixture.cases.forEach((expected, i) => {
                const got = pickRows(
                  x,
                  expected.rows.map(row => first[i]! + row),
                  H,
                );
                expect(nmse(got, expected.hidden[layers]!), `${dtype}, sequence ${i}, after ${layers} layers`).toBeLessThanOrEqual(
                  tolerance,
                );
              });
            }
          }
          const session = sessionOf(opened, storage);
          const ids = fixture.cases.map(c => [...c.ids]);
          const last = await session.vectors(ids, plainTail('none', false));
          const mean = await session.vectors(ids, plainTail('mean', true));
          const cls = await session.vectors(ids, plainTail('cls', true));
          fixture.cases.forEach((expected, i) => {
            const where = `${dtype}, sequence ${i}`;
            const got = pickRows(
              last,
              expected.rows.map(row => first[i]! + row),
              H,
            );
            expect(nmse(got, expected.hidden.at(-1)!), `${where}, last hidden state`).toBeLessThanOrEqual(tolerance);
            expect(nmse(pickRows(mean, [i], H), expected.mean), `${where}, mean`).toBeLessThanOrEqual(tolerance);
            expect(nmse(pickRows(cls, [i], H), expected.cls), `${where}, cls`).toBeLessThanOrEqual(tolerance);
          });
          if (fixture.hasHead) await checkHead(session, fixture, config, storage, dtype);
        }
        gpu.memory.freeAll();
      });
    }
  });
}

async function checkHead(session: Session, fixture: ModelFixture, config: ModelConfig, storage: StorageType, dtype: Dtype): Promise<void> {
  const ids = fixture.cases.map(c => [...c.ids]);
  const rows = fixture.cases.flatMap(({ masks }, text) => masks.map(position => ({ text, position })));
  const expected = fixture.cases.flatMap(({ masks, logits, top10 }) =>
    masks.map((_, m) => ({ logits: logits!.subarray(m * config.vocabSize, (m + 1) * config.vocabSize), top10: top10![m]! })),
  );
  const top = await session.scoreTopK(ids, rows, 10);
  const targets = [0, 5, config.vocabSize - 1];
  const scored = await session.scoreTargets(ids, rows, targets);
  expected.forEach(({ logits, top10 }, r) => {
    const where = `${dtype}, mask ${r}`;
    const denominator = logSumExp(logits);
    if (storage === 'f32')
      expect(
        top[r]!.tokens.map(t => t.id),
        where,
      ).toEqual(top10);
    else expect(top[r]!.tokens[0]!.id, where).toBe(top10[0]);
    const digits = storage === 'f32' ? 4 : 1;
    for (const { id, logProb } of top[r]!.tokens) expect(logProb, `${where}, token ${id}`).toBeCloseTo(logits[id]! - denominator, digits);
    expect(scored[r]!.tokens.map(t => t.id).sort((a, b) => a - b)).toEqual(targets);
    for (const { id, logProb, rank } of scored[r]!.tokens) {
      expect(logProb, `${where}, target ${id}`).toBeCloseTo(logits[id]! - denominator, digits);
      if (storage === 'f32')
        expect(rank, `${where}, rank of ${id}`).toBe(1 + logits.filter((l, i) => l > logits[id]! || (l === logits[id] && i < id)).length);
    }
  });
}

function logSumExp(logits: Float32Array): number {
  const most = Math.max(...logits);
  return most + Math.log(logits.reduce((sum, l) => sum + Math.exp(l - most), 0));
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
      top: await session.scoreTopK(ids, rows, 10),
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
