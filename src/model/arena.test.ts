/** GPU bytes beside the weights, before anything is allocated: the budgets that a page is promised. */
import { expect, test } from 'vitest';
import { allocatedBytes } from '../gpu/memory.ts';
import { Slack } from '../gpu/slack.ts';
import { attentionTileRows, attentionVariants } from '../kernels/attention.ts';
import { fullSizeConfig } from '../testing/full-size.ts';
import { arenaBytes, bucketOf } from './arena.ts';
import { parseConfig } from './config.ts';

const shapes = {
  base: fullSizeConfig('base'),
  large: fullSizeConfig('large'),
  'large, English': { ...fullSizeConfig('large'), vocab_size: 50368 },
};

for (const [name, json] of Object.entries(shapes)) {
  for (const storage of ['f32', 'f16'] as const) {
    test(`${name}, activations ${storage}: at most 80 MB at 512 and at 513 tokens, 600 MB at 8192, every buffer in one binding`, () => {
      const config = parseConfig(json);
      for (const { name: variant } of attentionVariants) {
        const tileRows = attentionTileRows({ headDim: 64, variant });
        const at = (tokens: number) =>
          Object.values(arenaBytes({ config, storage, hasHead: true, tileRows }, bucketOf(tokens))).map(allocatedBytes);
        const total = (tokens: number) => at(tokens).reduce((a, b) => a + b, 0);
        // The read-back of a request for every token's vector comes on top: 32 MB, or the one text's.
        expect(total(512)).toBeLessThanOrEqual(80e6 - 8e6);
        expect(total(513)).toBeLessThanOrEqual(80e6 - 8e6);
        expect(total(8192)).toBeLessThanOrEqual(600e6 - 64e6);
        expect(Math.max(...at(8192))).toBeLessThanOrEqual(128 * 2 ** 20);
        expect(total(8192)).toBeGreaterThan(3 * total(1024));
      }
    });
  }
}

test('slack: large buffers go after nine requests in a row that needed a quarter at most', () => {
  const slack = new Slack(100);
  const note = (needed: number, held = 1000) => slack.note(held, needed, held);
  for (let i = 0; i < 8; i++) expect(note(250)).toBe(false);
  expect(slack.isTooLarge(1000, 250, 1000)).toBe(true);
  expect(note(251)).toBe(false); // a larger one: counting starts again
  for (let i = 0; i < 8; i++) expect(note(1)).toBe(false);
  expect(note(1)).toBe(true);
  expect(note(1)).toBe(false);
  for (let i = 0; i < 20; i++) expect(note(1, 100)).toBe(false); // small ones are kept
});

test('slack: of a thousand requests with a long one now and then, a handful find their buffers given back', () => {
  const slack = new Slack(100);
  let held = 0;
  let given = 0;
  for (let i = 0; i < 1000; i++) {
    const needed = i % 20 === 0 ? 1000 : 10;
    const isTooLarge = slack.note(held, needed, held);
    if (isTooLarge) given++;
    held = isTooLarge ? needed : Math.max(held, needed);
  }
  expect(given).toBeGreaterThan(0);
  expect(given).toBeLessThanOrEqual(Math.ceil(Math.log2(1000 / 8)));
});
