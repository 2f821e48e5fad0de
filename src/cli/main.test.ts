import { link, mkdtemp, readdir, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { InputError, InputTooLongError, NoAdapterError } from '../errors.ts';
import type { Environment } from '../inference/environment.ts';
import { draftPaths } from '../node/drafts.ts';
import { sleep } from '../source/abort.ts';
import type {
  Embeddings,
  EmbedOptions,
  JointFilling,
  JointOptions,
  LoadOptions,
  MaskAnswer,
  MaskedAnswer,
  Model,
  ModelReport,
  Prediction,
  PredictOptions,
  Surprisal,
  SurprisalOptions,
  TargetScore,
} from '../types.ts';
import { commands } from './commands.ts';
import { main } from './main.ts';

/** What one run of the command line did. */
interface Run {
  code: number;
  out: string;
  err: string[];
  /** Lines that a terminal would show for a moment. */
  statuses: string[];
  loads: { source: unknown; options: LoadOptions }[];
  fills: { texts: readonly string[]; options: PredictOptions }[];
  joints: { text: string; options: JointOptions }[];
  readings: { text: string; options: SurprisalOptions }[];
  embeds: { texts: readonly string[]; options: EmbedOptions }[];
  disposed: number;
}

interface Setting {
  stdin?: string | Uint8Array;
  stdinIsTerminal?: boolean;
  signal?: AbortSignal;
  failLoad?: Error;
  notes?: string[];
}

/** A model that answers from its input: the vector of a text is [length, vowels], a token is a word. */
function fakeModel(run: Run, notes: string[]): Model {
  const predict = (text: string, { topK = 5, targets = [] }: PredictOptions): MaskedAnswer => {
    const masks = text.split('[MASK]').length - 1;
    if (masks === 0) throw new InputError('The text has no mask.');
    const predictions = Array.from({ length: topK }, (_, i): Prediction => {
      const word = `mot${i}`;
      return { score: 0.5 / (i + 1), token: i, token_str: word, sequence: text.replace('[MASK]', word) };
    });
    const answer = (): MaskAnswer => ({
      start: 0,
      end: 6,
      predictions: [...predictions],
      rest: 0.25,
      entropy: 2,
      targets: targets.map((target, i) => targetScore(text, target, i)),
    });
    return { text, tokens: 3, masks: Array.from({ length: masks }, answer) };
  };
  const words = (text: string) => text.split(' ').length + 2;
  const model = {
    predict: async (texts: readonly string[], options: PredictOptions = {}) => {
      run.fills.push({ texts, options });
      if (texts[0] === 'slow') await sleep(1e9, options.signal);
      return texts.map(text => predict(text, options));
    },
    fillJointly: async (text: string, options: JointOptions = {}): Promise<JointFilling[]> => {
      run.joints.push({ text, options });
      if (text.split('[MASK]').length !== 3) throw new InputError('The text has one mask.');
      const word = (token: number, step: number, logProb: number) => ({ token, token_str: `mot${token}`, step, logProb });
      return [0, 1].slice(0, options.topK).map(i => ({
        words: [word(i, 2, Math.log(0.5)), word(i + 5, 1, Math.log(0.5))],
        logProb: Math.log(0.25) - i,
        sequence: text.replace('[MASK]', `mot${i}`).replace('[MASK]', `mot${i + 5}`),
      }));
    },
    surprisal: async (text: string, options: SurprisalOptions = {}): Promise<Surprisal> => {
      run.readings.push({ text, options });
      options.onProgress?.({ stage: 'run', done: 1, total: 4, unit: 'items' });
      if (text === 'slow') await sleep(1e9, options.signal);
      return readingOf(text, options);
    },
    embed: async (texts: readonly string[], options: EmbedOptions = {}): Promise<Embeddings> => {
      run.embeds.push({ texts, options });
      for (const text of texts)
        if (text.includes('too long') && !options.maxTokens) throw new InputTooLongError('9000 tokens; 8192 fit', {});
      const rows = texts.flatMap(text =>
        options.pooling === 'none' ? Array.from({ length: words(text) }, (_, i) => [i, 0.1]) : [[text.length, 1 / 3]],
      );
      const offsets = new Uint32Array(texts.length + 1);
      texts.forEach((text, i) => {
        offsets[i + 1] = offsets[i]! + (options.pooling === 'none' ? words(text) : 1);
      });
      return { data: Float32Array.from(rows.flat()), rows: rows.length, dim: 2, offsets };
    },
    tokenize: async (text: string, { maxTokens }: { maxTokens?: number } = {}) => {
      if (text.includes('too long') && !maxTokens) throw new InputTooLongError('9000 tokens', { tokens: 9000 });
      return { ids: [], tokens: [], offsets: [] };
    },
    report: async () =>
      ({
        name: 'fake',
        architecture: { hidden: 2, context: 77 },
        embedding: { dim: 2, maxTokens: null, prompts: {}, defaultPrompt: null, layers: ['Normalize'] },
        notes,
      }) as unknown as ModelReport,
    dispose: async () => {
      run.disposed++;
    },
  };
  return model as unknown as Model;
}

/** Words with a capital letter are unknown, those with a hyphen have two tokens; the later, the less probable. */
function targetScore(text: string, target: string, i: number): TargetScore {
  if (/^[A-Z]/.test(target)) return { target, status: 'unknown', tokens: [], method: null, score: 0, logProb: -Infinity, rank: null };
  const tokens = target.split('-');
  const score = 0.4 / (i + 1);
  return {
    target,
    status: 'scored',
    tokens,
    token: 7 + i,
    token_str: target.trim(),
    sequence: text.replace('[MASK]', target),
    method: tokens.length > 1 ? 'pll' : 'token',
    score,
    logProb: Math.log(score),
    rank: tokens.length > 1 ? null : i + 3,
  };
}

/** Tokens of up to four characters; a token has as many bits as the number of tokens before it. */
function readingOf(text: string, { mode = 'fast', topK = 5 }: SurprisalOptions): Surprisal {
  const places = Array.from(text.matchAll(/[\p{L}\p{N}]{1,4}|[^\s\p{L}\p{N}]/gu), ({ index, 0: found }) => [index, index + found.length]);
  const T = places.length;
  return {
    mode,
    from: 0,
    total: T,
    ids: Uint32Array.from(places, (_, i) => i),
    offsets: Uint32Array.from(places.flat()),
    bits: Float32Array.from(places, (_, i) => i),
    ranks: Uint32Array.from(places, (_, i) => i + 1),
    entropy: new Float32Array(T).fill(1),
    topK,
    bestIds: Uint32Array.from({ length: T * topK }, (_, i) => i % topK),
    bestBits: new Float32Array(T * topK).fill(0.5),
    strings: Object.fromEntries(Array.from({ length: topK }, (_, id) => [id, ` mot"${id}`])),
    windows:
      mode === 'exact'
        ? []
        : [
            [0, 5],
            [3, T],
          ],
  };
}

async function affinage(argv: string[], setting: Setting = {}): Promise<Run> {
  const run: Run = { code: -1, out: '', err: [], statuses: [], loads: [], fills: [], joints: [], readings: [], embeds: [], disposed: 0 };
  run.code = await main(argv, {
    commands,
    version: '9.9.9',
    signal: setting.signal ?? new AbortController().signal,
    io: {
      out: async text => {
        run.out += text;
      },
      note: text => run.err.push(text),
      status: text => text !== '' && run.statuses.push(text),
      stdin: async function* () {
        yield typeof setting.stdin === 'string' ? Buffer.from(setting.stdin) : (setting.stdin ?? new Uint8Array());
      },
      stdinIsTerminal: setting.stdinIsTerminal ?? setting.stdin === undefined,
      stderrIsTerminal: false,
    },
    environment: () => ({ version: '9.9.9' }) as Environment,
    loadModel:
      () =>
      async (source, options = {}) => {
        run.loads.push({ source, options });
        if (setting.failLoad) throw setting.failLoad;
        return fakeModel(run, setting.notes ?? []);
      },
  });
  return run;
}

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'affinage-cli-'));
});
afterEach(() => rm(folder, { recursive: true }));

describe('fill-mask', () => {
  it('says what the load took for granted, once, on standard error', async () => {
    const { out, err } = await affinage(['fill-mask', '--json', 'un [MASK]'], { notes: ['A key\u001b is absent.', 'Another.'] });
    expect(err).toEqual(['affinage: A key\\u001b is absent.', 'affinage: Another.']);
    expect(JSON.parse(out)).toHaveLength(5);
  });

  it('--json is the structure of Hugging Face: a list, a list of lists for several masks, a list of those for several texts', async () => {
    const one = await affinage(['fill-mask', '--json', '--top-k', '2', 'un [MASK]']);
    expect(one.code).toBe(0);
    expect(JSON.parse(one.out)).toEqual([
      { score: 0.5, token: 0, token_str: 'mot0', sequence: 'un mot0' },
      { score: 0.25, token: 1, token_str: 'mot1', sequence: 'un mot1' },
    ]);
    const two = JSON.parse((await affinage(['fill-mask', '--json', '--top-k', '1', '[MASK] et [MASK]'])).out) as Prediction[][];
    expect(two.map(list => list.length)).toEqual([1, 1]);
    const several = JSON.parse((await affinage(['fill-mask', '--json', '--top-k', '1', 'a [MASK]', '[MASK] [MASK]'])).out) as unknown[][];
    expect(several).toHaveLength(2);
    expect(several[0]).toMatchObject([{ sequence: 'a mot0' }]);
    expect(several[1]).toMatchObject([[{ token: 0 }], [{ token: 0 }]]);
  });

  it('passes its options on, and words that look like numbers as they are', async () => {
    const { code, loads, fills } = await affinage([
      'fill-mask',
      '--model',
      'a/b',
      '--dtype',
      'q4',
      '--storage',
      'f32',
      '--variants',
      'matmul=tile,softmax-stats=wide',
      '--targets',
      '007, 1e3',
      '--targets',
      'x',
      '--truncate',
      '--json',
      '123 [MASK]',
      '--',
      '--[MASK]',
      '-5 [MASK]',
    ]);
    expect(code).toBe(0);
    expect(loads).toMatchObject([
      { source: 'a/b', options: { dtype: 'q4', storage: 'f32', variants: { matmul: 'tile', softmaxStats: 'wide' } } },
    ]);
    expect(fills[0]).toMatchObject({
      texts: ['123 [MASK]', '--[MASK]', '-5 [MASK]'],
      options: { targets: ['007', ' 1e3', 'x'], truncate: true },
    });
  });

  it('writes a table for people, without control characters', async () => {
    const { out } = await affinage(['fill-mask', '--top-k', '2', 'fièvre\u001b[2J et [MASK]']);
    expect(out).toMatch(/mot0 +50\.0 % {2}██████████/);
    expect(out).toContain('fièvre\\u001b[2J et mot1');
    expect(out).not.toContain('\u001b');
    expect(out).toMatch(/\(all others\) +25\.0 % .*entropy 2\.0 bits/);
    expect((await affinage(['fill-mask', '--targets', 'toux', '[MASK] [MASK]'])).out).toMatch(/mask 2 of 2:\n {2}toux .*#3/);
  });

  it('reads texts from standard input: answer i belongs to line i, also where it is empty', async () => {
    const { fills, code, out, err } = await affinage(['fill-mask', '--json', '--top-k', '1'], { stdin: 'a [MASK]\r\n\n  \nb [MASK]' });
    expect([code, err]).toEqual([0, ['affinage: 2 empty lines have no mask and no predictions']]);
    expect(fills[0]?.texts).toEqual(['a [MASK]', 'b [MASK]']);
    expect((JSON.parse(out) as Prediction[][]).map(list => list.length)).toEqual([1, 0, 0, 1]);
    expect((await affinage(['embed', '--json'], { stdin: 'a\n\nb\n\n' })).embeds[0]?.texts).toEqual(['a', '', 'b', '']);
  });

  it('takes each target as it stands; a comma in a JSON list; nothing that steers a terminal goes out', async () => {
    const { fills, out } = await affinage([
      'fill-mask',
      '--json',
      '--targets',
      ' patient,b ',
      '--targets',
      '["1,5 mg", "\u009b[2J\u202e"]',
      '[MASK]',
    ]);
    expect(fills[0]?.options.targets).toEqual([' patient', 'b ', '1,5 mg', '\u009b[2J\u202e']);
    expect(out).toContain('"target":"\\u009b[2J\\u202e"');
    expect((JSON.parse(out) as Prediction[])[3]?.target).toBe('\u009b[2J\u202e');
  });

  it('scores words of several tokens as a whole, and says of an unknown one that it has no score', async () => {
    const argv = ['fill-mask', '--targets', 'pneumo-pathie,Unknown,toux,toux', 'une [MASK]'];
    const { code, out, err, fills } = await affinage([...argv, '--json']);
    expect([code, err]).toEqual([
      0,
      ['affinage: the target "Unknown" is not in the model\'s vocabulary, not even in pieces: it has no score'],
    ]);
    expect(fills[0]?.options.targets).toEqual(['pneumo-pathie', 'Unknown', 'toux']);
    expect(JSON.parse(out)).toEqual([
      {
        score: 0.4,
        token: 7,
        token_str: 'pneumo-pathie',
        sequence: 'une pneumo-pathie',
        rank: null,
        target: 'pneumo-pathie',
        target_tokens: 2,
        status: 'scored',
        method: 'pll',
        tokens: ['pneumo', 'pathie'],
        log_prob: Math.log(0.4),
      },
      expect.objectContaining({ token_str: 'toux', token: 9, rank: 5, target_tokens: 1, method: 'token', sequence: 'une toux' }),
      expect.objectContaining({ target: 'Unknown', status: 'unknown', score: 0, token: null, sequence: null, log_prob: null }),
    ]);
    const table = (await affinage(argv)).out;
    expect(table).toMatch(/pneumo-pathie \(pneumo pathie\) +40\.0 % .* 2 tokens .*\n {2}toux .*#5 .*\n {2}Unknown +– .*no score\n/);
    // A limit leaves out scored words, never the word that one is unknown.
    const first = JSON.parse((await affinage([...argv, '--json', '--top-k', '1'])).out) as { target: string }[];
    expect(first.map(({ target }) => target)).toEqual(['pneumo-pathie', 'Unknown']);
  });

  it('--joint prints the best fillings of all masks together, and as JSON a list a text', async () => {
    const text = 'une [MASK] du [MASK]';
    const { out, joints } = await affinage(['fill-mask', '--joint', '--beams', '12', '--top-k', '2', '--truncate', text]);
    expect(joints).toMatchObject([{ text, options: { beams: 12, topK: 2, truncate: true } }]);
    expect(out).toMatch(/^une \[MASK\] du \[MASK\]\nfilled together.*\n {2}mot0 \(2\) · mot5 \(1\) +25\.0 % {2}une mot0 du mot5\n {2}mot1/);
    const one = JSON.parse((await affinage(['fill-mask', '--joint', '--json', text])).out) as unknown[];
    expect(one[0]).toEqual({
      score: 0.25,
      log_prob: Math.log(0.25),
      sequence: 'une mot0 du mot5',
      words: [
        { token: 0, token_str: 'mot0', step: 2, log_prob: Math.log(0.5) },
        { token: 5, token_str: 'mot5', step: 1, log_prob: Math.log(0.5) },
      ],
    });
    const lines = await affinage(['fill-mask', '--joint', '--json'], { stdin: `${text}\n\n${text}\n` });
    expect((JSON.parse(lines.out) as unknown[][]).map(list => list.length)).toEqual([2, 0, 2]);
    expect(await affinage(['fill-mask', '--joint', text, 'a [MASK]'])).toMatchObject({
      code: 1,
      out: '',
      err: ['affinage: text 2 of 2: The text has one mask.'],
    });
  });

  it('frees the model after success and after failure', async () => {
    expect((await affinage(['fill-mask', 'a [MASK]'])).disposed).toBe(1);
    const failed = await affinage(['fill-mask', 'no mask']);
    expect(failed).toMatchObject({ code: 1, disposed: 1, out: '', err: ['affinage: The text has no mask.'] });
  });
});

describe('embed', () => {
  it('--json gives an array of numbers for each text, exact in f32', async () => {
    const { out } = await affinage(['embed', '--json', 'ab', 'abc']);
    const vectors = JSON.parse(out) as number[][];
    expect(vectors.map(v => v.map(Math.fround))).toEqual([
      [2, Math.fround(1 / 3)],
      [3, Math.fround(1 / 3)],
    ]);
    const perToken = JSON.parse((await affinage(['embed', '--json', '--pooling', 'none', 'a b'])).out) as number[][][];
    expect(perToken).toEqual([
      [
        [0, 0.1],
        [1, 0.1],
        [2, 0.1],
        [3, 0.1],
      ],
    ]);
  });

  it('passes its options on', async () => {
    const { embeds } = await affinage(['embed', '--json', '--pooling', 'cls', '--no-normalize', '--max-tokens', '12', 'a']);
    expect(embeds[0]).toMatchObject({ options: { pooling: 'cls', normalize: false, maxTokens: 12 } });
    const prompted = await affinage(['embed', '--prompt-name', 'query', '--normalize', '--pooling', 'weightedmean', 'a']);
    expect(prompted.embeds[0]?.options).toMatchObject({ pooling: 'weightedmean', normalize: true, promptName: 'query' });
    expect((await affinage(['embed', '--prompt', '', 'a'])).embeds[0]?.options.prompt).toBe('');
    expect((await affinage(['embed', '--truncate', 'a'])).embeds[0]?.options.maxTokens).toBe(77);
    expect((await affinage(['embed', 'a'])).embeds[0]?.options).toMatchObject({
      pooling: undefined,
      normalize: undefined,
      maxTokens: undefined,
    });
  });

  it('writes JSON Lines from a text file: row i is line i, also where it is empty', async () => {
    const [input, output] = [join(folder, 'in.txt'), join(folder, 'out.jsonl')];
    await writeFile(input, '\uFEFFun\n\ntrois mots là\r\nfin');
    const { code, err, embeds } = await affinage(['embed', '--input', input, '--output', output]);
    expect(code).toBe(0);
    expect(embeds[0]?.texts).toEqual(['un', '', 'trois mots là', 'fin']);
    const rows = (await readFile(output, 'utf8'))
      .trimEnd()
      .split('\n')
      .map(line => (JSON.parse(line) as number[])[0]);
    expect(rows).toEqual([2, 0, 13, 3]);
    expect(err).toEqual([expect.stringMatching(/out\.jsonl: 4 texts in/)]);
  });

  it('writes .npy with the final count, in batches, from JSON Lines', async () => {
    const [input, output] = [join(folder, 'in.jsonl'), join(folder, 'out.npy')];
    await writeFile(
      input,
      Array.from({ length: 1000 }, (_, i) => JSON.stringify(i % 2 ? 'x'.repeat(i) : { id: i, text: 'x'.repeat(i) })).join('\n'),
    );
    const { code, embeds } = await affinage(['embed', '--input', input, '--output', output]);
    expect(code).toBe(0);
    expect(embeds.map(({ texts }) => texts.length)).toEqual([256, 256, 256, 232]);
    const bytes = await readFile(output);
    expect(bytes.subarray(0, 8)).toEqual(Buffer.from([0x93, 0x4e, 0x55, 0x4d, 0x50, 0x59, 1, 0]));
    expect(bytes.readUInt16LE(8)).toBe(118);
    expect(bytes.subarray(10, 128).toString()).toMatch(/^\{'descr': '<f4', 'fortran_order': False, 'shape': \(1000, 2\), \} *\n$/);
    expect(bytes.length).toBe(128 + 1000 * 2 * 4);
    for (const i of [0, 1, 255, 256, 999]) expect(bytes.readFloatLE(128 + i * 8)).toBe(i);
  });

  it('reads standard input with -', async () => {
    const output = join(folder, 'o.jsonl');
    const { code, embeds } = await affinage(['embed', '--input', '-', '--input-format', 'jsonl', '--output', output], {
      stdin: '"a"\n{"text":"b"}\n',
    });
    expect(code).toBe(0);
    expect(embeds[0]?.texts).toEqual(['a', 'b']);
  });

  it('writes an empty file for no texts', async () => {
    const [input, output] = [join(folder, 'in.txt'), join(folder, 'out.npy')];
    await writeFile(input, '');
    expect((await affinage(['embed', '--input', input, '--output', output])).code).toBe(0);
    expect((await readFile(output)).toString('latin1')).toContain("'shape': (0, 2)");
  });

  it.each([
    ['not JSON', '"a"\n{"text": 1', 'line 2 of .* is not JSON'],
    ['an empty line', '"a"\n\n"b"', 'line 2 of .* is empty'],
    ['another type', '"a"\n"b"\n[1]', 'line 3 of .* holds no text'],
    ['no text', '{"txt":"a"}', 'line 1 of .* holds no text'],
  ])('names the line of bad JSON Lines before any work: %s', async (_, content, message) => {
    const input = join(folder, 'in.jsonl');
    await writeFile(input, content);
    const run = await affinage(['embed', '--input', input, '--output', join(folder, 'o.jsonl')]);
    expect(run.code).toBe(1);
    expect(run.err).toEqual([expect.stringMatching(new RegExp(`^affinage: ${message}`))]);
    expect(run.loads).toHaveLength(0);
    expect(await readdir(folder)).toEqual(['in.jsonl']);
  });

  it('names the line that is not UTF-8, and the line that is too long for the model', async () => {
    const input = join(folder, 'in.txt');
    await writeFile(input, Buffer.from('a\né\n', 'latin1'));
    const run = await affinage(['embed', '--input', input, '--output', join(folder, 'o.jsonl')]);
    expect(run.err[0]).toMatch(/line 2 of .*in\.txt is not UTF-8/);
    await writeFile(input, `${'ok\n'.repeat(300)}this is too long\nok\n`);
    const long = await affinage(['embed', '--input', input, '--output', join(folder, 'o.jsonl')]);
    expect(long).toMatchObject({ code: 1, disposed: 1 });
    expect(long.err).toEqual([
      expect.stringMatching(
        /^affinage: line 301 of .*in\.txt has 9000 tokens; this model reads at most 77\. Nothing was computed yet\. .*--long windows/,
      ),
    ]);
    expect(await readdir(folder)).toEqual(['in.txt']);
    expect((await affinage(['embed', '--truncate', '--input', input, '--output', join(folder, 'o.jsonl')])).code).toBe(0);
  });

  it('of standard input a line that is too long is told at the end, with every other row in its place', async () => {
    const stdin = 'un\nthis is too long\ntrois\n';
    for (const [ending, missing] of [
      ['jsonl', 'null'],
      ['npy', 'NaN'],
    ] as const) {
      const output = join(folder, `o.${ending}`);
      const run = await affinage(['embed', '--input', '-', '--output', output], { stdin });
      expect([run.code, run.disposed]).toEqual([1, 1]);
      expect(run.err.at(-1)).toMatch(
        new RegExp(`line 2 of standard input has 9000 tokens; .*Its row in .* is ${missing}; all others are there`),
      );
      const bytes = await readFile(output);
      if (ending === 'jsonl') expect(bytes.toString()).toBe('[2,0.33333334]\nnull\n[5,0.33333334]\n');
      else
        expect([...Array(6).keys()].map(i => bytes.readFloatLE(128 + 4 * i))).toEqual([
          2,
          Math.fround(1 / 3),
          Number.NaN,
          Number.NaN,
          5,
          Math.fround(1 / 3),
        ]);
    }
    expect((await affinage(['embed', '--json'], { stdin })).err).toEqual([
      expect.stringMatching(/^affinage: line 2 of standard input has 9000 tokens/),
    ]);
  });

  it('clears the drafts of killed runs beside its output, and no others', async () => {
    const [input, output] = [join(folder, 'x.txt'), join(folder, 'v.jsonl')];
    await writeFile(input, 'un');
    const living = basename(draftPaths(output).partial);
    const dead = living.replace(`-${process.pid}-`, '-4194999-');
    for (const name of [living, dead, '.v.jsonl.partial']) await writeFile(join(folder, name), '');
    expect((await affinage(['embed', '--input', input, '--output', output])).code).toBe(0);
    expect((await readdir(folder)).sort()).toEqual([living, '.v.jsonl.partial', 'v.jsonl', 'x.txt'].sort());
  });

  it('never replaces its input, and a file that exists only with --force', async () => {
    const [input, output] = [join(folder, 'x.jsonl'), join(folder, 'v.jsonl')];
    await writeFile(input, '"secret"\n');
    await symlink(input, join(folder, 'link.jsonl'));
    await link(input, join(folder, 'hard.jsonl'));
    for (const name of ['x.jsonl', 'link.jsonl', 'hard.jsonl'])
      expect(await affinage(['embed', '--force', '--input', input, '--output', join(folder, name)])).toMatchObject({
        code: 1,
        loads: [],
        err: [expect.stringMatching(/--output .* is --input .* itself, which is read here and would be lost/)],
      });
    expect(await readFile(input, 'utf8')).toBe('"secret"\n');
    await writeFile(output, 'mine');
    expect((await affinage(['embed', '--input', input, '--output', output])).err[0]).toMatch(/exists already\. .* --force to replace it/);
    expect(await readFile(output, 'utf8')).toBe('mine');
    expect((await affinage(['embed', '--force', '--input', input, '--output', output])).code).toBe(0);
    expect(await readFile(output, 'utf8')).toBe('[6,0.33333334]\n');
    expect((await readdir(folder)).sort()).toEqual(['hard.jsonl', 'link.jsonl', 'v.jsonl', 'x.jsonl']);
  });

  it('says when a file cannot be read or written', async () => {
    await writeFile(join(folder, 'in.txt'), 'a');
    const missing = await affinage(['embed', '--input', join(folder, 'no.txt'), '--output', join(folder, 'o.npy')]);
    expect(missing.err[0]).toMatch(/no\.txt cannot be read: it does not exist/);
    const nowhere = await affinage(['embed', '--input', join(folder, 'in.txt'), '--output', join(folder, 'no', 'o.npy')]);
    expect(nowhere).toMatchObject({ code: 1, loads: [] });
    expect(nowhere.err[0]).toMatch(/o\.npy cannot be written: it does not exist/);
    const folderAsInput = await affinage(['embed', '--input', folder, '--input-format', 'txt', '--output', join(folder, 'o.npy')]);
    expect(folderAsInput.err[0]).toMatch(/cannot be read: it is a folder/);
  });
});

describe('surprisal', () => {
  const text = 'Une fièvre, une toux sèche.';

  it('prints words merged from tokens, with bits, rank and what was expected; the most surprising are marked', async () => {
    const { code, out, err, readings } = await affinage(['surprisal', '--top', '2', text]);
    expect([code, err]).toEqual([0, []]);
    expect(readings).toMatchObject([{ text, options: { mode: 'fast', topK: 2, around: undefined } }]);
    const lines = out.split('\n');
    expect(lines[0]).toMatch(/^fast: the text read once.*in 2 windows.*surprises it less/);
    expect(lines[1]).toMatch(/^ +word +bits +rank +expected$/);
    expect(lines[2]).toMatch(/^ +Une +0\.0 +#1 {2}mot"0 · mot"1$/);
    expect(lines[3]).toMatch(/^ +fièvre +3\.0 +\S* +2 tokens {2}mot"0/);
    // Of 6 words at most three are marked, and the full stop, which has most bits, is none.
    expect(lines.filter(line => line.startsWith('  ►')).map(line => line.split(/ +/)[2])).toEqual(['une', 'toux', 'sèche']);
    expect(out).toMatch(/7 words in 9 tokens, 4\.00 bits a token; ► marks the 3 most surprising\n$/);
  });

  it('exact mode says how it reads, and shows how far it is', async () => {
    const { out, readings, statuses } = await affinage(['surprisal', '--mode', 'exact', '--around', '64', text]);
    expect(out).toMatch(/^exact: each token hidden in turn, with 64 tokens around it\n/);
    expect(readings).toMatchObject([{ options: { mode: 'exact', around: 64, topK: 3 } }]);
    expect(statuses.at(-1)).toMatch(/^1 of 4 tokens \(25 %\), \d+ s left$/);
  });

  it('--csv is a line for each word, --json words and tokens', async () => {
    const { out } = await affinage(['surprisal', '--csv', '--top', '2', 'Un, "b"']);
    expect(out.split('\n').slice(0, 4)).toEqual([
      'start,end,word,tokens,bits,rank,marked,expected',
      '0,2,Un,1,0,1,0,"mot""0 | mot""1"',
      '2,3,",",1,1,2,0,"mot""0 | mot""1"',
      '4,5,"""",1,2,3,0,"mot""0 | mot""1"',
    ]);
    const json = JSON.parse((await affinage(['surprisal', '--json', '--mode', 'exact', '--top', '1', text])).out);
    expect(json).toMatchObject({ mode: 'exact', around: null, total_tokens: 9, windows: [] });
    expect(json.words[1]).toEqual({
      word: 'fièvre',
      start: 4,
      end: 10,
      tokens: 2,
      bits: 3,
      rank: null,
      marked: false,
      expected: [{ token_str: ' mot"0', bits: 0.5 }],
    });
    expect(json.tokens[1]).toEqual({ token: 1, start: 4, end: 8, bits: 1, rank: 2, entropy: 1 });
  });

  it('reads a whole file, or standard input, as one text, in its encoding', async () => {
    const file = join(folder, 'letter.txt');
    await writeFile(file, Buffer.from('Une fi\u00e8vre\r\net une toux.\n', 'latin1'));
    const latin = await affinage(['surprisal', '--file', file, '--encoding', 'latin1']);
    expect(latin.readings[0]?.text).toBe('Une fièvre\r\net une toux.\n');
    const refused = await affinage(['surprisal', '--file', file]);
    expect(refused).toMatchObject({ code: 1, out: '', loads: [] });
    expect(refused.err[0]).toMatch(/line 1 of .*letter\.txt is not UTF-8.*--encoding windows-1252/);
    for (const argv of [['surprisal'], ['surprisal', '--file', '-']])
      expect((await affinage(argv, { stdin: 'une toux\nsèche' })).readings[0]?.text).toBe('une toux\nsèche');
    expect((await affinage(['surprisal', '--file', join(folder, 'none.txt')])).err[0]).toMatch(
      /none\.txt cannot be read: it does not exist/,
    );
    expect(await affinage(['surprisal'], { stdin: ' \n' })).toMatchObject({ code: 2, loads: [] });
  });

  it('Ctrl-C stops it: nothing is printed, the model is freed', async () => {
    const controller = new AbortController();
    setTimeout(() => controller.abort(), 20);
    const run = await affinage(['surprisal', '--mode', 'exact', 'slow'], { signal: controller.signal });
    expect(run).toMatchObject({ code: 130, disposed: 1, out: '', err: [] });
  });
});

describe('usage errors', () => {
  it.each([
    [[], /no command is given; one of fill-mask, embed, surprisal, tokenize, info/],
    [['fillmask', 'x'], /unknown command "fillmask"; did you mean fill-mask\?/],
    [['dance'], /unknown command "dance"; there are fill-mask/],
    [['fill-mask', '--topk', '3', 'x'], /unknown option --topk; did you mean --top-k\?/],
    [['fill-mask', '-5 mg'], /unknown option -5; a text that begins with - comes after --/],
    [['fill-mask', '--top-k', 'five', 'x'], /--top-k must be a whole number from 1 to 1000, not "five"/],
    [['fill-mask', '--top-k', '0', 'x'], /--top-k must be/],
    [['fill-mask', '--top-k', '1.5', 'x'], /--top-k must be/],
    [['fill-mask', '--top-k'], /--top-k needs a value/],
    [['fill-mask', '--top-k', '-3', 'x'], /--top-k needs a value; one that begins with - is written --top-k=-…/],
    [['fill-mask', '--top-k=-3', 'x'], /--top-k must be a whole number/],
    [['fill-mask', '--json=yes', 'x'], /--json takes no value/],
    [['fill-mask', '--dtype', 'int8', 'x'], /--dtype must be one of f32, f16, q8, q4, auto, not "int8"/],
    [['fill-mask', '--targets', 'a,,b', 'x'], /--targets needs values separated by commas/],
    [['fill-mask', '--model', '', 'x'], /--model needs a value/],
    [['fill-mask'], /no text is given: put it after the command/],
    [['tokenize'], /no text is given/],
    [['embed', '--pooling', 'most', 'x'], /--pooling must be one of mean, cls, max/],
    [['embed', '--max-tokens', '2', 'x'], /--max-tokens must be a whole number from 3/],
    [['embed', '--input', 'a.txt'], /--input needs --output/],
    [['embed', '--output', 'a.npy', 'x'], /--output needs --input/],
    [['embed', '--input', 'a.txt', '--output', 'a.csv'], /--output must end in \.jsonl or \.npy/],
    [['embed', '--input', 'a.docx', '--output', 'a.npy'], /--input a\.docx must end in \.txt, \.jsonl/],
    [['embed', '--input', 'a.xlsx', '--output', 'a.npy'], /is a spreadsheet\. Save it as CSV/],
    [['embed', '--input', 'a.txt', '--output', 'a.npy', '--column', 'b'], /--column belongs to csv/],
    [['embed', '--input', 'a.csv', '--output', 'a.npy', '--field', 'b'], /--field belongs to JSON Lines/],
    [['embed', '--input', 'a.txt', '--output', 'a.npy', '--encoding', 'utf8mb4'], /--encoding must be one of/],
    [['embed', '--long', 'windows', '--pooling', 'none', 'x'], /--long windows gives a text one vector/],
    [['embed', '--long', 'error', '--truncate', 'x'], /exclude each other/],
    [['embed', '--overlap', '3', 'x'], /--overlap belongs to --long windows/],
    [['embed', '--force', 'x'], /--force belongs to --input and --output/],
    [['fill-mask', '--targets', '["a", 3]', 'x'], /no list of strings/],
    [['fill-mask', '--joint', '--targets', 'a', 'x'], /leave it out with --joint/],
    [['fill-mask', '--beams', '3', 'x'], /--beams belongs to --joint/],
    [['fill-mask', '--joint', '--beams', '65', 'x'], /--beams must be a whole number from 1 to 64/],
    [['fill-mask', '--joint', '--top-k', '51', 'x'], /--top-k must be a whole number from 1 to 50/],
    [['surprisal'], /no text is given: .*--file/],
    [['surprisal', ' '], /no text is given: it is empty/],
    [['surprisal', 'a', 'b'], /give one text, in quotes/],
    [['surprisal', '--file', 'a.txt', 'b'], /not both/],
    [['surprisal', '--encoding', 'latin1', 'b'], /--encoding belongs to --file/],
    [['surprisal', '--mode', 'slow', 'b'], /--mode must be one of fast, exact/],
    [['surprisal', '--around', '8', 'b'], /--around belongs to --mode exact/],
    [['surprisal', '--json', '--csv', 'b'], /--json or --csv, not both/],
    [['surprisal', '--top', '51', 'b'], /--top must be a whole number from 1 to 50/],
    [['embed', '--input', 'a.txt', '--output', 'a.npy', 'x'], /not both/],
    [['embed', '--input', 'a.txt', '--output', 'a.npy', '--json'], /leave it out/],
    [['embed', '--input', 'a.txt', '--output', 'a.npy', '--pooling', 'none'], /which \.npy cannot hold/],
    [['embed', '--input-format', 'txt', 'x'], /belongs to --input/],
  ])('%j', async (argv, message) => {
    const run = await affinage(argv, { stdinIsTerminal: true });
    expect(run.code).toBe(2);
    expect(run.err).toEqual([expect.stringMatching(message)]);
    expect(run.err[0]).toMatch(/^affinage: .*\(affinage .*--help\)$/);
    expect(run.out).toBe('');
    expect(run.loads).toHaveLength(0);
  });

  it('count empty standard input as no text', async () => {
    const run = await affinage(['embed'], { stdin: '' });
    expect(run).toMatchObject({ code: 2, loads: [] });
    expect(run.err[0]).toContain('none on standard input');
    expect((await affinage(['fill-mask'], { stdin: '\n \n' })).err[0]).toContain('empty lines alone');
  });
});

describe('help and version', () => {
  it('come on standard output with exit code 0', async () => {
    expect(await affinage(['--version'])).toMatchObject({ code: 0, out: '9.9.9\n' });
    expect((await affinage(['--help'])).out).toMatch(
      /Commands:\n {2}fill-mask .*\n {2}embed .*\n {2}surprisal .*\n {2}tokenize .*\n {2}info /,
    );
    for (const { name, options } of commands) {
      for (const argv of [
        [name, '--help'],
        [name, 'x', '-h'],
        ['help', name],
      ]) {
        const { code, out, loads } = await affinage(argv);
        expect([code, loads.length]).toEqual([0, 0]);
        expect(out).toContain(`Usage: affinage ${name}`);
        expect(out).toMatch(/Examples:\n {2}\S/);
        for (const option of Object.keys(options)) expect(out).toContain(`--${option}`);
      }
    }
  });

  it('are not asked for after --', async () => {
    expect((await affinage(['fill-mask', '--json', '--', '--help [MASK]'])).fills[0]?.texts).toEqual(['--help [MASK]']);
  });
});

describe('errors', () => {
  it('are one line, with more on --verbose', async () => {
    const failLoad = new NoAdapterError(
      'No GPU adapter was found.\n  Install a\u0007 driver.',
      { platform: 'linux' },
      { cause: new Error('deep reason') },
    );
    const run = await affinage(['info'], { failLoad });
    expect(run).toMatchObject({ code: 1, out: '', err: ['affinage: No GPU adapter was found. Install a\\u0007 driver.'] });
    const verbose = await affinage(['info', '--verbose'], { failLoad });
    expect(verbose.err[1]).toMatch(/NoAdapterError[\s\S]*details: \{"platform":"linux"\}[\s\S]*caused by Error: deep reason/);
  });

  it('that nobody foresaw ask for a report', async () => {
    const run = await affinage(['info'], { failLoad: new TypeError('x is undefined') });
    expect(run.code).toBe(1);
    expect(run.err.join('\n')).toMatch(/x is undefined\n.*--verbose and report/);
  });

  it('an interruption frees the model, says nothing and exits with 130', async () => {
    const controller = new AbortController();
    setTimeout(() => controller.abort(), 20);
    expect(await affinage(['fill-mask', 'slow'], { signal: controller.signal })).toMatchObject({
      code: 130,
      disposed: 1,
      out: '',
      err: [],
    });
  });

  it('no text of the user is repeated by an error about texts', async () => {
    const input = join(folder, 'in.jsonl');
    await writeFile(input, '{"text": "Mme Dupont, secret"');
    const run = await affinage(['embed', '--verbose', '--input', input, '--output', join(folder, 'o.jsonl')]);
    expect(run.code).toBe(1);
    expect(run.err.join('\n')).not.toContain('Dupont');
  });
});
