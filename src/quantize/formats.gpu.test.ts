/** In which formats the matrices of a q4 model lie on the GPU. */
import { expect, test } from 'vitest';
import { type Loaded, openModel } from '../inference/open.ts';
import type { ModelSource } from '../source/source.ts';
import { fixtureWithTokenizer, testEnvironment } from '../testing/environment.ts';
import { quantizedSource } from './quantized-source.ts';

const formats = async (source: ModelSource, dtype: 'auto' | 'q4') => {
  const loaded: Loaded = await openModel(
    testEnvironment(),
    source,
    { storage: 'f32', dtype },
    { measured: { matmul: new Map(), attention: null } },
  );
  const { embedding, head, layers } = loaded.session.weights;
  loaded.gpu.destroy();
  return [
    embedding.format,
    head?.decoder.matrix.format,
    head?.dense.matrix.format,
    layers[0]?.Wqkv.matrix.format,
    layers[1]?.mlpWo.matrix.format,
  ];
};

// SwiftShader compiles each model for 20 s, and nothing here depends on the adapter.
test.skipIf(process.env.AFFINAGE_ADAPTER === 'swiftshader')('table and head are q8 in q4, unless the file says otherwise', async () => {
  const original = fixtureWithTokenizer('sharded-f32');
  expect(await formats(original, 'q4')).toEqual(['q8', 'q8', 'q8', 'q4', 'q4']);
  const f16 = await quantizedSource(original, { dtype: 'q4', embedding: 'f16' });
  expect(await formats(f16, 'auto')).toEqual(['f16', 'f16', 'q8', 'q4', 'q4']);
  const q4 = await quantizedSource(original, { dtype: 'q4', embedding: 'q4' });
  expect(await formats(q4, 'auto')).toEqual(['q4', 'q4', 'q8', 'q4', 'q4']);
});
