import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { expect, test } from 'vitest';
import { fullSizeSource } from '../testing/full-size.ts';
import { quantize } from '../weights/quantize.ts';
import { copyModel, type ModelSink } from './copy.ts';
import { type QuantizeRows, quantizedSource } from './quantized-source.ts';

/** Lets go of what is garbage already, so that only this conversion counts. */
function collectGarbage(): void {
  setFlagsFromString('--expose-gc');
  (runInNewContext('gc') as () => void)();
}

const usedBytes = () => {
  const { heapUsed, arrayBuffers } = process.memoryUsage();
  return heapUsed + arrayBuffers;
};

test('converting takes the same memory whatever the size of the model', async () => {
  const shape = { hidden_size: 768, num_attention_heads: 12, num_hidden_layers: 8, intermediate_size: 1152, vocab_size: 32_768 };
  const source = fullSizeSource(shape, { stored: 'f32' });
  collectGarbage();
  const before = usedBytes();
  let peak = 0;
  let blocks = 0;
  let written = 0;
  // Collected first: what the collector has not come to yet depends on the machine (docs/log/quantizing.md has the peak of the command line).
  const look = () => {
    collectGarbage();
    peak = Math.max(peak, usedBytes());
  };
  const quantizeRows: QuantizeRows = (values, rows, K, format) => {
    const block = quantize(values, rows, K, format);
    if (++blocks % 16 === 0) look();
    return block;
  };
  const sink: ModelSink = {
    create: async () => ({
      write: async (_, bytes) => {
        written += bytes.length;
        if (written % (8 * 2 ** 20) === 0) look();
      },
      close: async () => {},
    }),
  };
  await copyModel(await quantizedSource(source, { dtype: 'q8', quantizeRows }), sink);
  // The original has 273 MB, the copy 77 MB. Neither fits into the bound; 32 MB are measured.
  expect(written).toBeGreaterThan(70e6);
  expect(blocks).toBeGreaterThan(100);
  expect(peak - before).toBeLessThan(64 * 2 ** 20);
});
