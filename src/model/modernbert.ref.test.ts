import { readFile } from 'node:fs/promises';
import { describe, expect, test } from 'vitest';
import { fixtureNames, fixtureUrl, loadFixture, nmse, pickRows, topIds } from '../testing/fixtures.ts';
import { type ModelConfig, readConfig } from './config.ts';
import { forward, loadReferenceWeights, maskedLogits, pool } from './modernbert.ref.ts';
import { openWeights } from './reader.ts';

async function openFixture(name: (typeof fixtureNames)[number]) {
  const fixture = await loadFixture(name);
  const file = await fixture.source.open('config.json');
  const config = readConfig(await file.read(0, file.sizeBytes));
  const reader = await openWeights(fixture.source, config);
  return { fixture, config, reader, weights: await loadReferenceWeights(reader) };
}

describe.each(fixtureNames)('the reference against PyTorch: %s', name => {
  test('hidden states, logits, best ten and pooled vectors, every sequence in one packed call', async () => {
    const { fixture, config, reader, weights } = await openFixture(name);
    expect(reader.hasHead).toBe(fixture.hasHead);
    expect(reader.stored).toBe(fixture.storage);
    const cuSeqlens = [0];
    for (const { ids } of fixture.cases) cuSeqlens.push((cuSeqlens.at(-1) ?? 0) + ids.length);
    const ids = fixture.cases.flatMap(entry => Array.from(entry.ids));
    const { hidden, final } = forward(config, weights, ids, cuSeqlens);
    const mean = pool(final, config.hiddenSize, cuSeqlens, 'mean', true);
    const cls = pool(final, config.hiddenSize, cuSeqlens, 'cls', true);
    for (const [index, expected] of fixture.cases.entries()) {
      const start = cuSeqlens[index] as number;
      const rows = expected.rows.map(row => start + row);
      const states = [...hidden, final];
      expect(states.length).toBe(expected.hidden.length);
      for (const [state, values] of states.entries()) {
        const error = nmse(pickRows(values, rows, config.hiddenSize), expected.hidden[state] as Float32Array);
        expect(error, `sequence ${index}, state ${state}`).toBeLessThan(1e-10);
      }
      expect(nmse(pickRows(mean, [index], config.hiddenSize), expected.mean)).toBeLessThan(1e-10);
      expect(nmse(pickRows(cls, [index], config.hiddenSize), expected.cls)).toBeLessThan(1e-10);
      if (!expected.logits || !expected.top10) continue;
      const logits = maskedLogits(
        config,
        weights,
        final,
        expected.masks.map(at => start + at),
      );
      expect(nmse(logits, expected.logits)).toBeLessThan(1e-10);
      for (const [mask, best] of expected.top10.entries()) {
        expect(topIds(logits.subarray(mask * config.vocabSize, (mask + 1) * config.vocabSize), 10)).toEqual(best);
      }
    }
  });
});

/** The fixtures are worth something only if a wrong reading of any key shows in the numbers. */
describe('a wrong key would be seen', () => {
  const changes: [string, (typeof fixtureNames)[number], (config: ModelConfig) => Partial<ModelConfig>][] = [
    ['window + 1', 'published-bf16', c => ({ window: c.window + 1 })],
    ['window − 1', 'biases-untied-f16', c => ({ window: c.window - 1 })],
    ['smallest window', 'base-only-f32', c => ({ window: c.window + 1 })],
    ['global theta', 'head128-f16', c => ({ ropeTheta: { ...c.ropeTheta, global: c.ropeTheta.global * 1.01 } })],
    ['local theta', 'published-bf16', c => ({ ropeTheta: { ...c.ropeTheta, local: c.ropeTheta.local * 1.01 } })],
    ['norm_eps', 'published-bf16', () => ({ normEps: 1e-12 })],
    ['norm_eps, small', 'head128-f16', () => ({ normEps: 1e-5 })],
    ['kinds of layers', 'quantized-q4-local', c => ({ layerKinds: c.layerKinds.map(kind => (kind === 'local' ? 'global' : 'local')) })],
    ['heads', 'quantized-q4', () => ({ heads: 2, headDim: 64 })],
    ['tanh for erf', 'quantized-q8', () => ({ hiddenActivation: 'gelu_tanh' })],
    ['erf for tanh', 'biases-untied-f16', () => ({ hiddenActivation: 'gelu' })],
  ];
  test.each(changes)('%s (%s)', async (_, name, change) => {
    const { fixture, config, weights } = await openFixture(name);
    const expected = fixture.cases[2] as (typeof fixture.cases)[number];
    const wrong = forward({ ...config, ...change(config) }, weights, expected.ids, [0, expected.ids.length]);
    const error = nmse(pickRows(wrong.final, expected.rows, config.hiddenSize), expected.hidden.at(-1) as Float32Array);
    expect(error).toBeGreaterThan(1e-9);
  });

  const headChanges: [string, (typeof fixtureNames)[number], Partial<ModelConfig>][] = [
    ['gelu for silu', 'published-bf16', { classifierActivation: 'gelu' }],
    ['silu for relu', 'biases-untied-f16', { classifierActivation: 'silu' }],
    ['silu for gelu', 'head128-f16', { classifierActivation: 'silu' }],
    ['erf for gelu_fast', 'sharded-f32', { classifierActivation: 'gelu' }],
    ['norm_eps', 'biases-untied-f16', { normEps: 1e-5 }],
  ];
  test.each(headChanges)('in the head: %s (%s)', async (_, name, change) => {
    const { fixture, config, weights } = await openFixture(name);
    const expected = fixture.cases[1] as (typeof fixture.cases)[number];
    const { final } = forward(config, weights, expected.ids, [0, expected.ids.length]);
    const logits = maskedLogits({ ...config, ...change }, weights, final, expected.masks);
    expect(nmse(logits, expected.logits as Float32Array)).toBeGreaterThan(1e-8);
  });

  test('an untied decoder is not the embedding table', async () => {
    const { fixture, config, weights } = await openFixture('quantized-q4');
    const expected = fixture.cases[1] as (typeof fixture.cases)[number];
    const tied = new Map(weights).set('decoder.weight', weights.get('embeddings.tok_embeddings.weight') as Float32Array<ArrayBuffer>);
    const { final } = forward(config, weights, expected.ids, [0, expected.ids.length]);
    expect(nmse(maskedLogits(config, tied, final, expected.masks), expected.logits as Float32Array)).toBeGreaterThan(0.1);
  });

  test('every bias counts', async () => {
    const { fixture, config, weights } = await openFixture('biases-untied-f16');
    const expected = fixture.cases[1] as (typeof fixture.cases)[number];
    const biases = [...weights.keys()].filter(slot => slot.endsWith('.bias'));
    expect(biases.length).toBe(2 + 4 * 6 - 1 + 3);
    for (const bias of biases) {
      const without = new Map(weights);
      without.delete(bias);
      const { final } = forward(config, without, expected.ids, [0, expected.ids.length]);
      const logits = maskedLogits(config, without, final, expected.masks);
      expect(nmse(logits, expected.logits as Float32Array), bias).toBeGreaterThan(1e-7);
    }
  });
});

test('fixtures hold what their config says', async () => {
  for (const name of fixtureNames) {
    const { fixture, config } = await openFixture(name);
    if (fixture.hasHead) expect(config.parameters, name).toBe(fixture.parameters);
    const raw = JSON.parse(await readFile(fixtureUrl(`models/${name}/config.json`), 'utf8')) as {
      layer_norm_eps: number;
    };
    expect(raw.layer_norm_eps).not.toBe(config.normEps);
  }
});
