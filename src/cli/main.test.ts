import { link, mkdtemp, readdir, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { InputError, InputTooLongError, NoAdapterError } from '../errors.ts';
import type { Environment } from '../inference/environment.ts';
import { draftPaths } from '../node/drafts.ts';
import { sleep } from '../source/abort.ts';
import type { Embeddings, EmbedOptions, FillMaskOptions, FillMaskResult, LoadOptions, Model, ModelReport, Prediction } from '../types.ts';
import { commands } from './commands.ts';
import { main } from './main.ts';

/** What one run of the command line did. */
interface Run {
  code: number;
  out: string;
  err: string[];
  loads: { source: unknown; options: LoadOptions }[];
  fills: { texts: readonly string[]; options: FillMaskOptions }[];
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
  const predict = (text: string, { topK = 5, targets }: FillMaskOptions): FillMaskResult => {
    const masks = text.split('[MASK]').length - 1;
    if (masks === 0) throw new InputError('The text has no mask.');
    const one = Array.from({ length: targets?.length ?? topK }, (_, i): Prediction => {
      const word = targets?.[i] ?? `mot${i}`;
      return {
        score: 0.5 / (i + 1),
        token: i,
        token_str: word,
        sequence: text.replace('[MASK]', word),
        ...(targets && { rank: i + 3, target: word }),
      };
    });
    return masks === 1 ? one : Array.from({ length: masks }, () => [...one]);
  };
  const words = (text: string) => text.split(' ').length + 2;
  const model = {
    fillMask: async (texts: readonly string[], options: FillMaskOptions = {}) => {
      run.fills.push({ texts, options });
      if (texts[0] === 'slow') await sleep(1e9, options.signal);
      return texts.map(text => predict(text, options));
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

async function affinage(argv: string[], setting: Setting = {}): Promise<Run> {
  const run: Run = { code: -1, out: '', err: [], loads: [], fills: [], embeds: [], disposed: 0 };
  run.code = await main(argv, {
    commands,
    version: '9.9.9',
    signal: setting.signal ?? new AbortController().signal,
    io: {
      out: async text => {
        run.out += text;
      },
      note: text => run.err.push(text),
      status: () => {},
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
    expect(out).toContain('mot0  50.0 %  ██████████');
    expect(out).toContain('fièvre\\u001b[2J et mot1');
    expect(out).not.toContain('\u001b');
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

describe('usage errors', () => {
  it.each([
    [[], /no command is given; one of fill-mask, embed, tokenize, info/],
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
    expect((await affinage(['--help'])).out).toMatch(/Commands:\n {2}fill-mask .*\n {2}embed .*\n {2}tokenize .*\n {2}info /);
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
