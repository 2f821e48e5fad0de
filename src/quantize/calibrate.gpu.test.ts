/** Moments from the GPU against those of the plain forward pass. */
import { expect, test } from 'vitest';
import { InputError } from '../errors.ts';
import { readModelConfig } from '../model/config-file.ts';
import { forward, loadReferenceWeights } from '../model/modernbert.ref.ts';
import { openWeights } from '../model/reader.ts';
import { fixtureWithTokenizer, testEnvironment } from '../testing/environment.ts';
import { nmse } from '../testing/fixtures.ts';
import { Calibration } from './calibrate.ts';

// The first text is cut, and fills a pass of its own.
const texts = ['Le patient a une fièvre aiguë du cœur. '.repeat(40), '', 'La fièvre du patient', 'aiguë, une cœurite.'];

// SwiftShader compiles each model for 20 s: the smaller one is enough there.
const models = process.env.AFFINAGE_ADAPTER === 'swiftshader' ? ['biases-untied-f16'] : ['published-bf16', 'biases-untied-f16'];

test.each(models)('%s: the second moments of every input', async name => {
  const source = fixtureWithTokenizer(name);
  const config = await readModelConfig(source);
  const calibration = await Calibration.open(testEnvironment(), source, { texts, tokensPerPass: 256 });
  try {
    const batches = calibration.batches;
    expect(batches.length).toBe(2);
    expect(batches.reduce((sum, { texts: list }) => sum + list.length, 0)).toBe(3);
    const expected = new Map<string, Float64Array>();
    const weights = await loadReferenceWeights(await openWeights(source, config));
    for (const { ids, cuSeqlens } of batches) {
      const input = (slot: string, x: Float32Array) => {
        const K = x.length / ids.length;
        const sum = expected.get(slot) ?? new Float64Array(K * K);
        for (let t = 0; t < ids.length; t++)
          for (let i = 0; i < K; i++)
            for (let j = 0; j < K; j++) sum[i * K + j] = sum[i * K + j]! + (x[t * K + i]! * x[t * K + j]!) / calibration.tokens;
        expected.set(slot, sum);
      };
      forward(config, weights, ids, cuSeqlens, { input });
    }
    const last = config.layers - 1;
    // Forwards, twice the same, and back to the beginning.
    for (const at of ['0.attn.Wqkv', '0.mlp.Wo', '1.attn.Wo', `${last}.attn.Wqkv`, `${last}.mlp.Wi`, `${last}.mlp.Wo`, '1.attn.Wo']) {
      const slot = `layers.${at}.weight`;
      const moments = await calibration.moments(slot);
      expect(nmse(moments!.moments, expected.get(slot)!), slot).toBeLessThan(1e-8);
      expect(moments!.K ** 2).toBe(expected.get(slot)!.length);
    }
    expect(await calibration.moments('head.dense.weight')).toBeNull();
  } finally {
    calibration.dispose();
  }
});

test('a text without a word is refused', async () => {
  const opened = Calibration.open(testEnvironment(), fixtureWithTokenizer('published-bf16'), { texts: [' ', ''] });
  await expect(opened).rejects.toThrow(InputError);
});
