/** A model as calibrated q4, read as a source: the same bytes each time, and others than without calibration. */
import { expect, test } from 'vitest';
import { InputError } from '../errors.ts';
import type { ModelSource } from '../source/source.ts';
import { fixtureWithTokenizer, testEnvironment } from '../testing/environment.ts';
import { calibratedSource } from './calibrated-source.ts';
import { quantizedSource } from './quantized-source.ts';

const texts = ['La fièvre du patient', 'aiguë, une cœurite.'];

async function weightsOf(source: ModelSource): Promise<Uint8Array> {
  const file = await source.open('model.safetensors');
  return file.read(0, file.sizeBytes);
}

test('q4 weights that are fitted to the texts; what is q4 already is refused', async () => {
  const source = fixtureWithTokenizer('biases-untied-f16');
  const read = async () => {
    const { model, dispose } = await calibratedSource(testEnvironment(), source, { texts });
    try {
      return await weightsOf(model);
    } finally {
      dispose();
    }
  };
  const one = await read();
  expect(await read()).toEqual(one);
  const plain = await quantizedSource(source, { dtype: 'q4' });
  expect(one).not.toEqual(await weightsOf(plain));
  await expect(calibratedSource(testEnvironment(), plain, { texts })).rejects.toThrow(InputError);
});
