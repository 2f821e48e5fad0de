import { expect, test } from 'vitest';
import { InputTooLongError } from '../errors.ts';
import type { EmbedOptions, Encoding, Model } from '../types.ts';
import { type LongPolicy, LongTexts, windowsOf } from './long-texts.ts';

const context = 40;

/** A token is a word; two special ones stand around them. The vector of a text: [number of words, sum of their numbers] / tokens. */
function model(requests: string[][] = []): Model {
  const encode = (text: string): Encoding => {
    const offsets = [...text.matchAll(/\S+/g)].map(({ 0: word, index }): [number, number] => [index, index + word.length]);
    return { ids: [0, ...offsets.map((_, i) => i), 0], tokens: [], offsets: [[0, 0], ...offsets, [0, 0]] };
  };
  return {
    tokenize: async (text: string, { maxTokens }: { maxTokens?: number } = {}) => {
      const { ids, offsets } = encode(text);
      const most = maxTokens ?? context;
      if (maxTokens === undefined && ids.length > most) throw new InputTooLongError('', { tokens: ids.length });
      if (ids.length <= most) return { ids, tokens: [], offsets };
      return { ids: [...ids.slice(0, most - 1), 0], tokens: [], offsets: [...offsets.slice(0, most - 1), [0, 0]] };
    },
    embed: async (texts: readonly string[], { maxTokens, normalize = true }: EmbedOptions = {}) => {
      requests.push([...texts]);
      const rows = texts.map(text => {
        const words = text.match(/\d+/g) ?? [];
        if (words.length + 2 > context && maxTokens === undefined) throw new InputTooLongError('', {});
        const kept = words.slice(0, (maxTokens ?? context) - 2).map(Number);
        const vector = [kept.length, kept.reduce((a, b) => a + b, 0)].map(x => x / (kept.length + 2));
        const length = normalize ? Math.hypot(...vector) : 1;
        return vector.map(x => x / length);
      });
      return {
        data: Float32Array.from(rows.flat()),
        rows: rows.length,
        dim: 2,
        offsets: Uint32Array.from({ length: rows.length + 1 }, (_, i) => i),
      };
    },
    report: async () => ({
      architecture: { context },
      embedding: { maxTokens: null, prompts: {}, defaultPrompt: null, layers: ['Normalize'] },
    }),
  } as unknown as Model;
}

const numbers = (from: number, to: number) => Array.from({ length: to - from }, (_, i) => from + i);
const text = (count: number) => numbers(0, count).join(' ');
const create = (policy: LongPolicy, options: EmbedOptions = {}, overlap?: number, on = model()) =>
  LongTexts.create(on, options, { policy, overlap });

test('windows hold every token, have the overlap in common, and end with the text', async () => {
  for (const [words, overlap] of [
    [100, 5],
    [39, 5],
    [38, 5],
    [77, 0],
    [500, 19],
  ] as const) {
    const windows = await windowsOf(model(), text(words), context, overlap);
    const parts = windows.map(window => (window.text.match(/\d+/g) ?? []).map(Number));
    expect(windows.map(({ tokens }) => tokens)).toEqual(parts.map(part => part.length + 2));
    expect(Math.max(...parts.map(part => part.length))).toBeLessThanOrEqual(context - 2);
    for (const [i, part] of parts.entries()) {
      expect(part).toEqual(numbers(part[0]!, part[0]! + part.length));
      if (i > 0) expect(parts[i - 1]!.at(-1)! + 1 - part[0]!).toBe(overlap);
    }
    expect([parts[0]![0], parts.at(-1)!.at(-1)]).toEqual([0, words - 1]);
  }
  // One word without an end, surrogates and all, still comes to its end.
  expect((await windowsOf(model(), '𝄞'.repeat(5000), context, 5)).map(window => window.text).join('')).toBe('𝄞'.repeat(5000));
});

test('the vector of a text in windows is their mean, weighted by tokens', async () => {
  const overlap = 5;
  const parts = [numbers(0, 38), numbers(33, 71), numbers(66, 90)];
  const total = parts.reduce((sum, part) => sum + part.length + 2, 0);
  const mean = [parts.flat().length / total, parts.flat().reduce((a, b) => a + b, 0) / total];
  const long = await create('windows', { normalize: false }, overlap);
  const [first, second, third] = await long.embed([
    { number: 1, text: '1' },
    { number: 2, text: text(90) },
    { number: 3, text: '3 4' },
  ]);
  expect([...first!.data]).toEqual([1 / 3, 1 / 3].map(Math.fround));
  expect(second!.data[0]).toBeCloseTo(mean[0]!, 6);
  expect(second!.data[1]).toBeCloseTo(mean[1]!, 4);
  expect([...third!.data]).toEqual([0.5, 7 / 4]);
  expect(long.windowed).toBe(1);
  const [unit] = await (await create('windows', {}, overlap)).embed([{ number: 1, text: text(90) }]);
  expect(Math.hypot(...unit!.data)).toBeCloseTo(1, 6);
  expect(unit!.data[1]! / unit!.data[0]!).toBeCloseTo(mean[1]! / mean[0]!, 4);
  await expect(create('windows', {}, 30)).rejects.toThrow(/--overlap is 30; it can be at most half/);
});

test('error leaves the row out and names it, truncate cuts and counts, --max-tokens is a wish to cut', async () => {
  const lines = [
    { number: 7, text: text(10) },
    { number: 8, text: text(60) },
    { number: 9, text: text(38) },
  ];
  const refusing = await create('error');
  expect((await refusing.embed(lines)).map(part => part?.rows ?? null)).toEqual([1, null, 1]);
  expect(() => refusing.throwRefused('x.txt', 'Rest.')).toThrow(/^line 8 of x\.txt has 62 tokens; this model reads at most 40\. Rest\./);
  for (let i = 0; i < 20; i++) refusing.refuse(100 + i, 50);
  expect(() => refusing.throwRefused('x.txt', '')).toThrow(
    /^21 lines of x\.txt are too long \(8, 100, .* and 11 more\): line 8 has 62 tokens/,
  );
  const requests: string[][] = [];
  const cutting = await create('truncate', {}, undefined, model(requests));
  expect((await cutting.embed(lines)).map(part => part?.rows)).toEqual([3]);
  expect([cutting.cut, requests.length]).toEqual([1, 1]);
  const asked = await create('error', { maxTokens: 12 });
  expect(asked.refuses).toBe(false);
  expect((await asked.embed(lines)).map(part => part?.rows)).toEqual([3]);
  expect(asked.cut).toBe(2);
});
