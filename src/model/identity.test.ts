import { expect, test } from 'vitest';
import type { ModelSource } from '../source/source.ts';
import { changedWeights } from '../testing/changed-weights.ts';
import { fixtureSource } from '../testing/fixtures.ts';
import { readConfig } from './config.ts';
import { Identity } from './identity.ts';
import { openWeights } from './reader.ts';

/** As an upload reads: all vectors, all matrices in blocks. */
async function identityOf(source: ModelSource, rowsEach = 7): Promise<string> {
  const file = await source.open('config.json');
  const config = readConfig(await file.read(0, file.sizeBytes));
  const identity = new Identity();
  const reader = identity.hashing(await openWeights(source, config));
  for (const slot of reader.slots) {
    if (!reader.isMatrix(slot)) {
      await reader.vector(slot);
      continue;
    }
    const matrix = reader.matrix(slot);
    for (let first = 0; first < matrix.N; first += rowsEach) await matrix.rows(first, Math.min(rowsEach, matrix.N - first));
  }
  return identity.keyOf(config);
}

test('a model is known by its content: not by its name or the blocks it is read in, but by any tensor', async () => {
  const same = await changedWeights('published-bf16', (_, values) => values);
  const key = await identityOf(same);
  expect(key).toMatch(/^[0-9a-f]{32}$/);
  expect(await identityOf({ ...same, name: 'elsewhere' }, 50)).toBe(key);
  expect(await identityOf(fixtureSource('published-bf16'))).toBe(key); // bf16 and f32 of the same numbers
  for (const changed of ['layers.1.mlp.Wo.weight', 'final_norm.weight']) {
    const other = await changedWeights('published-bf16', (name, values) => (name.endsWith(changed) ? values.map(v => v * 2) : values));
    expect(await identityOf(other), changed).not.toBe(key);
  }
});
