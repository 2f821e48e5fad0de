/** The whole way of the data: sources shuffled, mixed, packed and masked, stopped after any batch and continued from JSON. */
import { expect, test } from 'vitest';
import { listedDocuments, numberedDocuments } from '../testing/document-list.ts';
import { ShuffledDocuments, type ShuffleState } from './documents.ts';
import { type LabelledBatch, maskWords } from './masking.ts';
import { MixedDocuments, type MixState } from './mixing.ts';
import { PackedBatches, type PackState } from './packing.ts';

const articles = numberedDocuments(Array.from({ length: 30 }, (_, i) => 20 + ((i * 41) % 90)));
const notes = numberedDocuments(
  Array.from({ length: 25 }, (_, i) => 1 + ((i * 17) % 23)),
  500,
);

function stream() {
  const shuffled = (documents: number[][], block: number, epochs: number) =>
    new ShuffledDocuments(listedDocuments(documents), { seed: 42, block, epochs });
  const mixed = new MixedDocuments([
    { documents: shuffled(articles, 8, 1), share: 7 },
    { documents: shuffled(notes, 5, 3), share: 3 },
  ]);
  return new PackedBatches(mixed, { context: 48, tokens: 64, pool: 192, before: 1, after: 2 });
}

async function nextMasked(packed: ReturnType<typeof stream>): Promise<LabelledBatch | null> {
  const batch = await packed.next();
  return batch && maskWords(batch, { seed: 17, rate: 0.3, maskId: 4 });
}

test('stopped after any batch, or after none, it gives what it would have given', async () => {
  const whole: LabelledBatch[] = [];
  const undisturbed = stream();
  for (let batch = await nextMasked(undisturbed); batch; batch = await nextMasked(undisturbed)) whole.push(batch);
  expect(whole.length).toBeGreaterThan(40);
  expect(undisturbed.state().tokens).toBe(whole.reduce((sum, { ids }) => sum + ids.length, 0));
  // A new process for each batch.
  let saved = JSON.stringify(stream().state());
  for (const [number, expected] of whole.entries()) {
    const packed = stream();
    packed.restore(JSON.parse(saved) as PackState<MixState<ShuffleState>>);
    expect(await nextMasked(packed), `batch ${number}`).toEqual(expected);
    saved = JSON.stringify(packed.state());
  }
  const end = stream();
  end.restore(JSON.parse(saved) as PackState<MixState<ShuffleState>>);
  expect(await end.next()).toBeNull();
});
