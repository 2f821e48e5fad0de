/** The shipped command line on this adapter, against PyTorch's answers. */
import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it, vi } from 'vitest';
import type { Evaluation } from '../quantize/evaluate.ts';
import { type BuiltCli, buildCli } from '../testing/built-cli.ts';
import { textOfIds, writeModelFolder } from '../testing/fixture-folder.ts';
import { loadFixture, type ModelFixture, nmse } from '../testing/fixtures.ts';
import type { ModelReport, Prediction } from '../types.ts';

// Each call is a process that loads the model anew, on a software adapter that other tests use too.
vi.setConfig({ testTimeout: 300_000, hookTimeout: 120_000 });

const name = 'published-bf16';
const vocabSize = 509;
let cli: BuiltCli;
let folder: string;
let fixture: ModelFixture;
/** Options of every call: the model, in f32 throughout. */
let model: string[];

beforeAll(async () => {
  [cli, fixture] = await Promise.all([buildCli(), loadFixture(name)]);
  folder = await mkdtemp(join(tmpdir(), 'affinage-gpu-cli-'));
  model = ['--model', join(folder, 'model'), '--dtype', 'f32', '--storage', 'f32'];
  await writeModelFolder(name, vocabSize, join(folder, 'model'));
});
afterAll(async () => {
  await cli?.remove();
  if (folder) await rm(folder, { recursive: true });
});

const texts = () => fixture.cases.map(({ ids }) => textOfIds(ids));

it('fill-mask --json gives the words and probabilities of PyTorch', async () => {
  const { code, stdout, stderr } = await cli.run(['fill-mask', ...model, '--json', '--top-k', '10', ...texts()]);
  expect([code, stderr]).toEqual([0, '']);
  const answers = JSON.parse(stdout) as (Prediction[] | Prediction[][])[];
  expect(answers).toHaveLength(fixture.cases.length);
  for (const [i, { masks, top10, logits }] of fixture.cases.entries()) {
    const answer = answers[i]!;
    const perMask = masks.length === 1 ? [answer as Prediction[]] : (answer as Prediction[][]);
    expect(perMask.map(list => list.map(({ token }) => token))).toEqual(top10);
    for (const [m, list] of perMask.entries()) {
      const row = logits!.subarray(m * vocabSize, (m + 1) * vocabSize);
      const sum = row.reduce((total, logit) => total + Math.exp(logit), 0);
      for (const { token, score, token_str } of list) {
        expect(score).toBeCloseTo(Math.exp(row[token]!) / sum, 5);
        if (token > 4) expect(token_str).toBe(`w${token}`);
      }
    }
  }
});

it('fill-mask of one text is its list alone, with the text filled in; targets come with their rank', async () => {
  const [first] = fixture.cases;
  const best = first!.top10![0]!;
  const { stdout } = await cli.run(['fill-mask', ...model, '--json', '--targets', `w${best[2]},w${best[0]}`, '[MASK]']);
  expect(JSON.parse(stdout)).toMatchObject([
    { token: best[0], rank: 1, sequence: `w${best[0]}`, target: `w${best[0]}`, status: 'scored', method: 'token' },
    { token: best[2], rank: 3, sequence: `w${best[2]}` },
  ]);
  const readable = await cli.run(['fill-mask', ...model, '--top-k', '2', '[MASK]']);
  expect(readable.stdout).toMatch(new RegExp(`^\\[MASK\\]\\n {2}w${best[0]} +\\d+\\.\\d+ % .*\\n {2}w${best[1]} `));
});

it('an unknown target is said and leaves the others their scores; --joint fills two masks together', async () => {
  const asked = await cli.run(['fill-mask', ...model, '--json', '--targets', '漢,w7', '[MASK]']);
  expect([asked.code, asked.stderr]).toEqual([
    0,
    expect.stringMatching(/^affinage: the target "漢" is not in the model's vocabulary.*\n$/),
  ]);
  expect(JSON.parse(asked.stdout)).toMatchObject([
    { target: 'w7', status: 'scored' },
    { target: '漢', status: 'unknown', score: 0, token: null },
  ]);
  const joint = await cli.run(['fill-mask', ...model, '--json', '--joint', '--top-k', '3', '--beams', '3', '[MASK] w9 [MASK]']);
  const fillings = JSON.parse(joint.stdout) as { log_prob: number; sequence: string; words: { token: number; log_prob: number }[] }[];
  expect(fillings).toHaveLength(3);
  for (const { log_prob, sequence, words } of fillings) {
    expect(sequence).toBe(`w${words[0]!.token} w9 w${words[1]!.token}`);
    expect(log_prob).toBeCloseTo(words[0]!.log_prob + words[1]!.log_prob, 5);
  }
});

it('surprisal in exact mode is what fill-mask says of each word when it is hidden', async () => {
  const words = ['w7', 'w30', 'w9'];
  const { code, stdout, stderr } = await cli.run(['surprisal', ...model, '--mode', 'exact', '--json', words.join(' ')]);
  expect([code, stderr]).toEqual([0, '']);
  const reading = JSON.parse(stdout) as { words: { word: string; bits: number; rank: number }[]; tokens: unknown[] };
  expect(reading.words.map(({ word }) => word)).toEqual(words);
  expect(reading.tokens).toHaveLength(3);
  const hidden = words.map((_, i) => words.with(i, '[MASK]').join(' '));
  const asked = await cli.run(['fill-mask', ...model, '--json', '--targets', words.join(), ...hidden]);
  for (const [i, answer] of (JSON.parse(asked.stdout) as (Prediction & { target: string })[][]).entries()) {
    const { score, rank } = answer.find(({ target }) => target === words[i])!;
    expect(reading.words[i]!.bits).toBeCloseTo(-Math.log2(score), 3);
    expect(reading.words[i]!.rank).toBe(rank);
  }
});

it('Ctrl-C ends a long reading with 130, and nothing is printed', async () => {
  const file = join(folder, 'reading.txt');
  await writeFile(file, 'w7 w8 w9 '.repeat(20_000));
  const run = await cli.run(['surprisal', ...model, '--mode', 'exact', '--file', file], { interrupt: { afterMs: 4000 } });
  expect(run).toMatchObject({ code: 130, stdout: '', stderr: '' });
});

it('embed gives the vectors of PyTorch, as JSON, JSON Lines and .npy', async () => {
  const [input, npy, jsonl] = ['in.txt', 'out.npy', 'out.jsonl'].map(file => join(folder, file)) as [string, string, string];
  const json = await cli.run(['embed', ...model, '--json', ...texts()]);
  expect([json.code, json.stderr]).toEqual([0, '']);
  const vectors = JSON.parse(json.stdout) as number[][];
  await writeFile(input, texts().join('\n'));
  for (const output of [npy, jsonl]) {
    const run = await cli.run(['embed', ...model, '--input', input, '--output', output]);
    expect([run.code, run.stdout]).toEqual([0, '']);
    expect(run.stderr).toMatch(/^.*: \d+ texts in .*\n$/);
  }
  const bytes = await readFile(npy);
  const lines = (await readFile(jsonl, 'utf8'))
    .trimEnd()
    .split('\n')
    .map(line => JSON.parse(line) as number[]);
  const dim = fixture.cases[0]!.mean.length;
  for (const [i, { mean }] of fixture.cases.entries()) {
    expect(nmse(vectors[i]!, mean)).toBeLessThan(1e-10);
    expect(lines[i]).toEqual(vectors[i]);
    expect(Array.from({ length: dim }, (_, k) => bytes.readFloatLE(128 + 4 * (i * dim + k)))).toEqual(vectors[i]!.map(Math.fround));
  }
  const cls = JSON.parse((await cli.run(['embed', ...model, '--json', '--pooling', 'cls', texts()[1]!])).stdout) as number[][];
  expect(nmse(cls[0]!, fixture.cases[1]!.cls)).toBeLessThan(1e-10);
});

it('info names the adapter and the variants; the next run remembers what was tried in full', async () => {
  const first = JSON.parse((await cli.run(['info', ...model, '--json'])).stdout) as ModelReport;
  expect(first).toMatchObject({ dtype: 'f32', storage: 'f32', architecture: { hidden: 128, vocab: vocabSize } });
  expect(first.adapter.description).not.toBe('');
  const second = JSON.parse((await cli.run(['info', ...model, '--json'])).stdout) as ModelReport;
  // A task that found no time to try every candidate (a slow adapter, a busy machine) is tried again at the next load.
  const complete = first.variants.filter(v => v.remembered || v.candidates.every(c => c.ms !== null || c.refused));
  for (const { task } of complete) expect(second.variants.find(v => v.task === task)).toMatchObject({ remembered: true });
  const { stdout } = await cli.run(['info', ...model]);
  expect(stdout).toContain(first.adapter.description);
  expect(stdout).toMatch(/Kernel variants\n {2}\S/);
});

it.each([
  ['no mask', ['w7 w8'], /The text has no mask\. Put \[MASK\] where/],
  ['a text over the context', [`[MASK] ${'w7 '.repeat(600)}`], /603 tokens.*at most 512.*--truncate.*--long windows/],
])('fill-mask answers %s with one line', async (_, args, message) => {
  const { code, stdout, stderr } = await cli.run(['fill-mask', ...model, ...args]);
  expect([code, stdout]).toEqual([1, '']);
  expect(stderr).toMatch(message);
  expect(stderr).toMatch(/^affinage: [^\n]+\n$/);
});

it('--truncate cuts instead', async () => {
  const { code, stdout } = await cli.run(['fill-mask', ...model, '--json', '--truncate', `[MASK] ${'w7 '.repeat(600)}`]);
  expect(code).toBe(0);
  expect(JSON.parse(stdout)).toHaveLength(5);
});

it('Ctrl-C ends a long job with 130 and leaves no output', async () => {
  await writeFile(join(folder, 'long.txt'), `${'w7 w8 w9 '.repeat(100)}\n`.repeat(100_000));
  const before = await readdir(folder);
  const run = await cli.run(['embed', ...model, '--input', join(folder, 'long.txt'), '--output', join(folder, 'long.npy')], {
    interrupt: { afterMs: 4000 },
  });
  expect(run).toMatchObject({ code: 130, stdout: '', stderr: '' });
  expect(await readdir(folder)).toEqual(before);
});

it('evaluate compares two formats of a model on masked texts', async () => {
  const file = join(folder, 'texts.txt');
  await writeFile(file, `${texts().slice(0, 2).join('\n')}\n`);
  const two = ['--model', join(folder, 'model'), '--dtype', 'f32', '--against-dtype', 'q8', '--texts', file];
  const { code, stdout, stderr } = await cli.run(['evaluate', ...two, '--json', '--pseudo', '3']);
  expect([code, stderr]).toEqual([0, '']);
  const {
    model: a,
    against: b,
    texts: count,
    masks,
    pseudoPerplexity,
    cosine,
  } = JSON.parse(stdout) as Evaluation & Record<'model' | 'against', { dtype: string; weightBytes: number }>;
  expect([a.dtype, b.dtype, count]).toEqual(['f32', 'q8', 2]);
  expect(b.weightBytes).toBeLessThan(0.4 * a.weightBytes);
  // The texts' own masks are those of the fixture.
  expect(masks?.positions).toBe(fixture.cases.slice(0, 2).reduce((sum, { masks: list }) => sum + list.length, 0));
  expect(masks?.klModelAgainst).toBeGreaterThan(1e-6);
  expect(masks?.klModelAgainst).toBeLessThan(0.05);
  expect(pseudoPerplexity?.tokens).toBe(3);
  expect(cosine.mean).toBeGreaterThan(0.9);
});
