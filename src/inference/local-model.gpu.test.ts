/** The model as its callers see it: the schema, the queue, aborts, a lost device, bad input, bad files. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import * as errors from '../errors.ts';
import { fixtureWithTokenizer, testEnvironment } from '../testing/environment.ts';
import type { LoadOptions, Model, Prediction, Progress } from '../types.ts';
import { createLoader } from './load.ts';

const unmeasured = { measured: { matmul: new Map(), attention: null } };
const env = testEnvironment();
const load = (source = fixtureWithTokenizer('published-bf16'), options: LoadOptions = {}) =>
  createLoader(env, unmeasured)(source, { dtype: 'f32', ...options });

let model: Model;
beforeAll(async () => {
  model = await load();
});
afterAll(() => model?.dispose());

describe('fillMask', () => {
  test('one mask: a list, best first, in the schema of Hugging Face', async () => {
    const text = 'Le patient une [MASK] aiguë.';
    const result = (await model.fillMask(text)) as Prediction[];
    expect(result.length).toBe(5);
    for (const prediction of result) {
      expect(Object.keys(prediction)).toEqual(['score', 'token', 'token_str', 'sequence']);
      expect(prediction.score).toBeGreaterThan(0);
    }
    expect(result.map(p => p.score)).toEqual(result.map(p => p.score).sort((a, b) => b - a));
  });

  test('probabilities of the whole vocabulary sum to one', async () => {
    const all = (await model.fillMask('La [MASK].', { topK: 509 })) as Prediction[];
    expect(new Set(all.map(p => p.token)).size).toBe(509);
    expect(all.reduce((sum, p) => sum + p.score, 0)).toBeCloseTo(1, 5);
  });

  test('several masks: one list each, in reading order, only that mask replaced', async () => {
    const result = (await model.fillMask('Le <mask> une <mask>.', { topK: 2 })) as Prediction[][];
    expect(result.length).toBe(2);
    expect(result[0]![0]!.sequence).toMatch(/^Le ?.* une <mask>\.$/);
    expect(result[1]![0]!.sequence).toMatch(/^Le <mask> ?une ?.*\.$/);
  });

  test('several texts: each as if asked alone', async () => {
    const texts = ['Le [MASK].', 'une [MASK] aiguë du [MASK]', 'La fièvre du patient [MASK] cœur.'];
    const together = await model.fillMask(texts, { topK: 3 });
    for (const [i, text] of texts.entries()) {
      const alone = (await model.fillMask(text, { topK: 3 })) as Prediction[];
      expect((together[i] as Prediction[]).flat().map(p => p.token)).toEqual(alone.flat().map(p => p.token));
      const scores = (together[i] as Prediction[]).flat().map(p => p.score);
      alone.flat().forEach((p, n) => {
        expect(scores[n]).toBeCloseTo(p.score, 5);
      });
    }
    expect(await model.fillMask([])).toEqual([]);
  });

  test('targets: full-softmax scores and ranks that agree with the list of the best', async () => {
    const text = 'Le patient [MASK].';
    const best = (await model.fillMask(text, { topK: 509 })) as Prediction[];
    const words = ['fièvre', 'cœur', 'une', 'fièvre'];
    const scored = (await model.fillMask(text, { targets: words })) as Prediction[];
    expect(scored.length).toBe(3);
    for (const { token, score, rank, target, target_tokens, token_str } of scored) {
      expect(target_tokens).toBe(1);
      expect(words).toContain(target);
      expect(token_str).toBe(target);
      expect(best[rank! - 1]!.token).toBe(token);
      expect(score).toBeCloseTo(best[rank! - 1]!.score, 6);
    }
    expect(scored.map(p => p.rank)).toEqual(scored.map(p => p.rank).sort((a, b) => a! - b!));
    expect(((await model.fillMask(text, { targets: words, topK: 1 })) as Prediction[]).length).toBe(1);
    const pieces = (await model.fillMask(text, { targets: ['fia'] })) as Prediction[];
    expect(pieces[0]).toMatchObject({ target: 'fia', token_str: 'f', target_tokens: 3 });
  });

  test('more masks and pairs than one pass takes', async () => {
    const many = Array.from({ length: 150 }, () => '[MASK]').join(' ');
    const result = (await model.fillMask(`${many} [MASK] du cœur`, { topK: 1 })) as Prediction[][];
    expect(result.length).toBe(151);
    const targets = ['a', 'b', 'c', 'd', 'e', 'f', 'g', 'h', 'i', 'j', 'k', 'l', 'm', 'n', 'o', 'p', 'q', 'r', 's', 't'];
    const scored = (await model.fillMask(many, { targets })) as Prediction[][];
    const whole = (await model.fillMask(many, { topK: 509 })) as Prediction[][];
    for (const mask of [0, 63, 64, 101, 149]) {
      for (const { token, rank } of scored[mask]!) expect(whole[mask]![rank! - 1]!.token).toBe(token);
    }
  });

  const refused: [string, unknown, object, RegExp][] = [
    ['an empty text', '', {}, /empty.*\[MASK\]/],
    ['no mask', 'Le patient.', {}, /no mask.*\[MASK\]/],
    ['topK 0', '[MASK]', { topK: 0 }, /topK is 0/],
    ['topK over the vocabulary', '[MASK]', { topK: 510 }, /at most 509/],
    ['no targets', '[MASK]', { targets: [] }, /targets is empty/],
    ['an unknown target', '[MASK]', { targets: ['漢'] }, /"漢" is not in/],
    ['a number for a text', 7, {}, /text is expected/],
    ['the second of two texts', ['[MASK]', 'rien'], {}, /^text 2 of 2: The text has no mask/],
  ];
  test.each(refused)('refuses %s', async (_, text, options, message) => {
    const request = model.fillMask(text as string, options);
    await expect(request).rejects.toThrow(errors.InputError);
    await expect(request).rejects.toThrow(message);
  });

  test('too long: both counts, unless truncated; a mask that is cut off is an error', async () => {
    const long = `[MASK] ${'du '.repeat(600)}`;
    await expect(model.fillMask(long)).rejects.toMatchObject({ name: 'InputTooLongError', details: { tokens: 603, maxTokens: 512 } });
    expect(await model.fillMask(long, { truncate: true })).toHaveLength(5);
    await expect(model.fillMask(`${long}[MASK]`, { truncate: true })).rejects.toThrow(/1 of 2 masks lie beyond/);
  });

  test('lone surrogates, control characters and 2 MB of text neither crash nor hang', async () => {
    expect(await model.fillMask('\ud800 [MASK] \udc00\u0000\u200b')).toHaveLength(5);
    const started = performance.now();
    await expect(model.fillMask(`[MASK] ${'mot '.repeat(500_000)}`)).rejects.toThrow(errors.InputTooLongError);
    expect(performance.now() - started).toBeLessThan(60_000);
  });
});

describe('misuse', () => {
  const calls: [string, (m: Model) => Promise<unknown>, RegExp][] = [
    ['top_k', m => m.fillMask('[MASK]', { top_k: 2 } as object), /Did you mean topK/],
    ['options null', m => m.fillMask('[MASK]', null as never), /options of fillMask.*null/],
    ['maxTokens 1e9', m => m.embed(['a'], { maxTokens: 1e9 }), /maxTokens is 1000000000.*at most 512, its context/],
    ['maxTokens of special tokens alone', m => m.tokenize('a', { maxTokens: 2 }), /maxTokens is 2.*over 2/],
    ['normalize 1', m => m.embed(['a'], { normalize: 1 as never }), /normalize is 1/],
    ['texts with a hole', m => m.embed(new Array(3)), /text 1 of 3: A text is expected/],
    ['no text', m => m.tokenize(undefined as never), /A text is expected, found nothing/],
    ['estimate of a text', m => m.estimate('a' as never), /estimate\(\[text\]\)/],
    ['a source that is none', () => createLoader(env, unmeasured)(null as never), /loadModel needs a model.*null/],
    ['dtype q5', () => load(undefined, { dtype: 'q5' as never }), /dtype is "q5"/],
  ];
  test('is an InputError that names the option, and the model answers after it', async () => {
    for (const [name, call, message] of calls) {
      const error: unknown = await call(model).catch((e: unknown) => e);
      expect(error, name).toBeInstanceOf(errors.InputError);
      expect((error as Error).message, name).toMatch(message);
    }
    expect(await model.fillMask('Le [MASK].')).toHaveLength(5);
  });

  test('an onProgress that throws or rejects fails its own request, with its own error; those behind it in the queue go on', async () => {
    const mine = new Error('mine');
    const throws = () => {
      throw mine;
    };
    const rejects = (async () => throws()) as () => void;
    const failing = [
      model.fillMask('Le [MASK].', { onProgress: throws }),
      model.embed(['Le patient.'], { onProgress: rejects }),
      load(undefined, { onProgress: throws }),
    ];
    const after = model.fillMask('Le [MASK].');
    expect(await Promise.allSettled(failing)).toEqual(failing.map(() => ({ status: 'rejected', reason: mine })));
    expect(await after).toHaveLength(5);
  });

  test('more vectors than one array holds are an error that tells their size', async () => {
    const whole = globalThis.Float32Array;
    globalThis.Float32Array = new Proxy(whole, {
      construct(target, args: [number], made) {
        if (args[0] === 2 * 128) throw new RangeError('Array buffer allocation failed');
        return Reflect.construct(target, args, made) as Float32Array;
      },
    });
    try {
      const error: unknown = await model.embed(['Le', 'La']).catch((e: unknown) => e);
      expect(error).toBeInstanceOf(errors.InputError);
      expect((error as Error).message).toMatch(/2 × 128 numbers.*Embed fewer texts/);
    } finally {
      globalThis.Float32Array = whole;
    }
  });

  test('a list that the caller changes while its request waits changes nothing', async () => {
    const texts = ['Le patient.'];
    const first = model.embed(['Le patient.']);
    const request = model.embed(texts);
    texts[0] = 'La fièvre.';
    expect((await request).data).toEqual((await first).data);
  });
});

describe('embed', () => {
  const texts = ['Le patient.', '', 'La fièvre aiguë du cœur, une fièvre.', 'Le patient.'];
  const row = (e: Awaited<ReturnType<Model['embed']>>, i: number) => e.data.subarray(i * e.dim, (i + 1) * e.dim);

  test('one unit vector a text, in the order given; equal texts, equal vectors', async () => {
    const vectors = await model.embed(texts);
    expect([vectors.rows, vectors.dim, [...vectors.offsets]]).toEqual([4, 128, [0, 1, 2, 3, 4]]);
    for (let i = 0; i < 4; i++) expect(Math.hypot(...row(vectors, i))).toBeCloseTo(1, 5);
    row(vectors, 0).forEach((v, i) => {
      expect(row(vectors, 3)[i]).toBeCloseTo(v, 5);
    });
    expect((await model.embed([])).rows).toBe(0);
  });

  test('none: one row a token; their mean is the mean', async () => {
    const mean = await model.embed(texts, { normalize: false });
    const none = await model.embed(texts, { pooling: 'none' });
    for (let text = 0; text < texts.length; text++) {
      const [from, to] = [none.offsets[text]!, none.offsets[text + 1]!];
      expect(to - from).toBe((await model.tokenize(texts[text]!)).ids.length);
      for (let d = 0; d < none.dim; d++) {
        let sum = 0;
        for (let r = from; r < to; r++) sum += none.data[r * none.dim + d]!;
        expect(row(mean, text)[d]).toBeCloseTo(sum / (to - from), 4);
      }
    }
    const unit = await model.embed(texts, { pooling: 'none', normalize: true });
    for (let r = 0; r < unit.rows; r++) expect(Math.hypot(...row(unit, r))).toBeCloseTo(1, 5);
  });

  test('many texts of many lengths, with progress; maxTokens cuts', async () => {
    const count = (await model.report()).adapter.features.shaderF16 ? 300 : 40;
    const many = Array.from({ length: count }, (_, i) => 'du cœur '.repeat(1 + ((i * 7) % 40)));
    const seen: number[] = [];
    const vectors = await model.embed(many, { onProgress: p => seen.push(p.done) });
    expect(seen.at(-1)).toBe(count);
    expect(seen).toEqual([...seen].sort((a, b) => a - b));
    for (const i of [0, 17, count - 1]) {
      const [alone] = [await model.embed([many[i]!])];
      row(alone, 0).forEach((v, d) => {
        expect(row(vectors, i)[d]).toBeCloseTo(v, 5);
      });
    }
    const cut = await model.embed([many[39]!], { maxTokens: 4 });
    const short = await model.embed(['du cœur']);
    row(short, 0).forEach((v, d) => {
      expect(row(cut, 0)[d]).toBeCloseTo(v, 5);
    });
  });

  test('refuses what is no list, an unknown pooling, a maxTokens without room', async () => {
    await expect(model.embed('texte' as unknown as string[])).rejects.toThrow(/list of texts/);
    await expect(model.embed(['a'], { pooling: 'median' as 'mean' })).rejects.toThrow(/pooling is "median"/);
    await expect(model.embed(['a'], { maxTokens: 2 })).rejects.toThrow(/maxTokens is 2/);
    await expect(model.embed(['a', 'du '.repeat(600)])).rejects.toThrow(/^text 2 of 2: .*602 tokens/);
  });
});

describe('life of a model', () => {
  // What is created does not depend on the adapter, and the slow one takes half a minute for it.
  test.skipIf(process.env.AFFINAGE_ADAPTER === 'swiftshader')(
    'steady state creates no GPU object, whatever the lengths, the numbers of masks and of answers',
    async () => {
      const own = await load();
      const words = (count: number) => 'du cœur '.repeat(count / 2);
      const short = async () => [await own.fillMask(['Le [MASK] du cœur.', 'une [MASK]']), await own.embed(['Le patient.', 'une fièvre'])];
      // By turns, so that each would push out what the others need: tokens, masks, answers a mask, targets, texts.
      const requests: (() => Promise<unknown>)[] = [
        short,
        () => own.embed([words(300)]),
        () => own.fillMask(`${words(60)} [MASK]`, { topK: 400 }),
        () => own.fillMask('[MASK] '.repeat(80), { topK: 2 }),
        () => own.fillMask('Le [MASK].', { targets: ['une', 'cœur', 'fièvre'] }),
        () =>
          own.embed(
            Array.from({ length: 40 }, (_, i) => words(2 + i)),
            { pooling: 'cls' },
          ),
        () => own.embed([words(100)], { pooling: 'none' }),
      ];
      for (const request of requests) await request();
      const device = env.devices.at(-1)!;
      const made: string[] = [];
      const creators = [
        'createBuffer',
        'createBindGroup',
        'createComputePipeline',
        'createComputePipelineAsync',
        'createShaderModule',
        'createBindGroupLayout',
        'createPipelineLayout',
        'createQuerySet',
      ] as const;
      const target = device as unknown as Record<string, unknown>;
      for (const name of creators) {
        const real = (target[name] as (...args: unknown[]) => unknown).bind(device);
        target[name] = (...args: unknown[]) => {
          made.push(name);
          return real(...args);
        };
      }
      // Once more each: plans that a longer text's buffers took with them are bound again, once.
      for (const request of requests) await request();
      expect(made.filter(name => name !== 'createBindGroup')).toEqual([]);
      made.length = 0;
      const before = (await own.report()).gpuBytes.total;
      const answers = await short();
      for (let turn = 0; turn < 2; turn++) {
        for (const i of [5, 0, 3, 1, 6, 2, 4, 0]) await requests[i]!();
        expect(await short()).toEqual(answers);
      }
      expect(made).toEqual([]);
      expect((await own.report()).gpuBytes.total).toBe(before);
      await own.dispose();
    },
  );

  test('requests queue; an abort ends one and not its neighbours', async () => {
    const controller = new AbortController();
    const long = Array.from({ length: 400 }, () => 'du cœur '.repeat(100));
    const first = model.fillMask('Le [MASK].');
    const aborted = model.embed(long, { signal: controller.signal, onProgress: () => controller.abort() });
    const last = model.fillMask('Le [MASK].');
    await expect(aborted).rejects.toMatchObject({ name: 'AbortError' });
    expect(await last).toEqual(await first);
    await expect(model.embed(['a'], { signal: AbortSignal.abort() })).rejects.toMatchObject({ name: 'AbortError' });
  });

  test('a lost device: a typed error, and the next call answers as before', async () => {
    const own = await load();
    const before = await own.fillMask('Le [MASK] du cœur.');
    const running = own.embed(Array.from({ length: 200 }, () => 'du cœur '.repeat(100)));
    await new Promise(resolve => setTimeout(resolve, 20));
    env.devices.at(-1)!.destroy();
    await expect(running).rejects.toThrow(errors.DeviceLostError);
    expect(await own.fillMask('Le [MASK] du cœur.')).toEqual(before);
    await own.dispose();
  });

  test('create, dispose, create', async () => {
    const first = await load();
    const answer = await first.fillMask('[MASK] aiguë');
    await first.dispose();
    await first.dispose();
    await expect(first.fillMask('[MASK]')).rejects.toThrow(errors.DisposedError);
    await expect(first.tokenize('a')).rejects.toThrow(errors.DisposedError);
    const second = await load();
    expect(await second.fillMask('[MASK] aiguë')).toEqual(answer);
    await second.dispose();
  });

  test('progress of a load: bytes up to the whole file, then compiling; an abort stops it', async () => {
    const seen: Progress[] = [];
    const own = await load(undefined, { onProgress: p => seen.push({ ...p }) });
    await own.dispose();
    const files = seen.filter(p => p.stage === 'files');
    expect(files.at(-1)!.done).toBe(files.at(-1)!.total);
    expect(files.map(p => p.done)).toEqual(files.map(p => p.done).sort((a, b) => a - b));
    expect(seen.some(p => p.stage === 'compile')).toBe(true);
    const controller = new AbortController();
    const stopped = load(undefined, { signal: controller.signal, onProgress: () => controller.abort() });
    await expect(stopped).rejects.toMatchObject({ name: 'AbortError' });
  });
});

describe('bad models', () => {
  const bad: [string, ReturnType<typeof fixtureWithTokenizer>, keyof typeof errors, RegExp][] = [
    ['no config', fixtureWithTokenizer('published-bf16', { 'config.json': null }), 'ModelSourceError', /config\.json/],
    [
      'a web page for a config',
      fixtureWithTokenizer('published-bf16', { 'config.json': new TextEncoder().encode('<html>') }),
      'ConfigError',
      /web page/,
    ],
    ['another architecture', fixtureWithTokenizer('published-bf16', { 'config.json': { model_type: 'bert' } }), 'ConfigError', /bert/],
    ['no tokenizer', fixtureWithTokenizer('published-bf16', { 'tokenizer.json': null }), 'TokenizerError', /has no tokenizer\.json/],
    [
      'a damaged tokenizer',
      fixtureWithTokenizer('published-bf16', { 'tokenizer.json': new TextEncoder().encode('{') }),
      'TokenizerError',
      /not valid JSON/,
    ],
    ['no weights', fixtureWithTokenizer('published-bf16', { 'model.safetensors': null }), 'ModelSourceError', /safetensors/],
    ['cut weights', fixtureWithTokenizer('published-bf16', { 'model.safetensors': new Uint8Array(100) }), 'ModelFileError', /./],
  ];
  test.each(bad)('%s', async (_, source, name, message) => {
    const devices = env.devices.length;
    const attempt = load(source);
    await expect(attempt).rejects.toThrow(message);
    await expect(attempt).rejects.toMatchObject({ name });
    expect(env.devices.length).toBe(devices); // found before any GPU work
  });

  test('a base model embeds, and says why it cannot fill masks', async () => {
    const base = await load(fixtureWithTokenizer('base-only-f32'));
    expect((await base.embed(['Le patient.'])).rows).toBe(1);
    await expect(base.fillMask('[MASK]')).rejects.toThrow(/base model only/);
    await base.dispose();
  });
});
