import { MessageChannel } from 'node:worker_threads';
import { afterEach, describe, expect, it } from 'vitest';
import {
  AffinageError,
  DeviceLostError,
  DisposedError,
  InputError,
  InputTooLongError,
  ModelSourceError,
  StorageError,
  WorkerCrashedError,
} from '../errors.ts';
import type { LibraryModel } from '../library/types.ts';
import { orAbort, sleep } from '../source/abort.ts';
import { FilesSource } from '../source/files.ts';
import type { EmbedOptions, FillMaskOptions, LoadOptions, Model, ModelReport, Prediction, Progress, SourceLike } from '../types.ts';
import type { DeviceCheck } from '../verify/types.ts';
import { type Services, serve, type WorkerLibrary } from '../worker/host.ts';
import type { Settings } from '../worker/protocol.ts';
import { createClient } from './client.ts';
import type { WorkerLike } from './link.ts';

/** What the fake engine in the fake workers saw. */
interface Seen {
  loads: { source: SourceLike; options: LoadOptions; settings: Settings }[];
  aborted: string[];
  disposed: number;
  /** Vectors whose memory left the worker. */
  moved: () => boolean[];
}

/** An engine whose answers depend on the question, and which can be told to fail or wait. */
function fakeEngine(): { services: Services; seen: Seen } {
  const buffers: ArrayBuffer[] = [];
  const seen: Seen = { loads: [], aborted: [], disposed: 0, moved: () => buffers.map(buffer => buffer.byteLength === 0) };
  const one = async (text: string, { signal, onProgress, topK = 5 }: FillMaskOptions): Promise<Prediction[]> => {
    if (text === 'too long') throw new InputTooLongError('9000 tokens, 8192 fit', { tokens: 9000, context: 8192 });
    if (text === 'lost') throw new DeviceLostError('gone', { reason: 'unknown' });
    if (text === 'bug') throw new TypeError('undefined is not a function');
    for (let i = 1; i <= 3; i++) onProgress?.({ stage: 'run', done: i, total: 3, unit: 'items' });
    if (text.startsWith('slow')) {
      signal?.addEventListener('abort', () => seen.aborted.push(text));
      await sleep(text === 'slow for ever' ? 1e9 : 30, signal);
    }
    return Array.from({ length: topK }, (_, i) => ({ score: 1 / (i + 2), token: i, token_str: `w${i}`, sequence: `${text} w${i}` }));
  };
  const load: Services['load'] = async (source, options, settings) => {
    seen.loads.push({ source, options, settings });
    options.onProgress?.({ stage: 'files', done: 1, total: 1, unit: 'bytes', detail: 'config.json' });
    if (source === 'missing') throw new ModelSourceError('no such model', { status: 404 });
    if (source === 'tidy') await sleep(1e9, options.signal).finally(() => sleep(30).then(() => seen.aborted.push('tidied')));
    if (source === 'stubborn') await sleep(40);
    if (source === 'slow') await orAbort(sleep(1e9, options.signal), options.signal);
    const model = {
      fillMask: async (text: string | readonly string[], o: FillMaskOptions = {}) =>
        typeof text === 'string' ? one(text, o) : Promise.all(text.map(t => one(t, o))),
      embed: async (texts: readonly string[], { pooling }: EmbedOptions = {}) => {
        const shared = new Float32Array(100).map((_, i) => i);
        const data = pooling === 'cls' ? shared.subarray(10, 10 + texts.length) : Float32Array.from(texts, t => t.length);
        const offsets = Uint32Array.from({ length: texts.length + 1 }, (_, i) => i);
        buffers.push(data.buffer, offsets.buffer);
        return { data, rows: texts.length, dim: 1, offsets };
      },
      tokenize: async (text: string) => ({ ids: [text.length], tokens: [text], offsets: [[0, text.length]] }),
      estimate: async (texts: readonly string[], { kind }: { kind?: 'fill' | 'embed' } = {}) => ({
        longestTokens: texts.length,
        totalTokens: kind === 'embed' ? 2 : 1,
      }),
      report: async () => ({ name: typeof source === 'string' ? source : source.name }) as ModelReport,
      dispose: async () => {
        seen.disposed++;
      },
    };
    return model as Model;
  };
  const library = async (settings: Settings): Promise<WorkerLibrary> => {
    if (settings.keep === false) throw new StorageError('This browser keeps nothing.');
    const entry = (name: string, options: unknown = {}) => ({ key: name, name, ...(options as object) }) as unknown as LibraryModel;
    return {
      list: async () => [entry(settings.hub ?? '')],
      space: async () => ({ usedBytes: 1, freeBytes: null, persisted: false, place: 'here' }),
      pull: async (name, { signal, onProgress, ...options } = {}) => {
        onProgress?.({ stage: 'download', done: 1, total: 2, unit: 'bytes', overall: 0.5 });
        if (name === 'slow') await sleep(1e9, signal);
        return entry(name, options);
      },
      check: async key => entry(key, { state: 'ready' }),
      remove: async key => void seen.aborted.push(`removed ${key}`),
      calibrate: async (key, texts, { name }) => entry(`${key} ${texts === null ? 'builtin' : texts.join()}`, { name }),
      importModel: async (picked, { dtype }) => entry(picked.map(file => file.path).join(), { dtype }),
      exportModel: async key => [{ path: key, blob: new Blob(['x']) }],
    };
  };
  const verify: Services['verify'] = async ({ form, onProgress }) => {
    onProgress?.({ stage: 'check', done: 1, total: 1, unit: 'items' });
    return { form, passed: true } as DeviceCheck;
  };
  const verifyTraining: Services['verifyTraining'] = async ({ signal, onProgress }, settings) => {
    onProgress?.({ stage: 'check', done: 1, total: 2, unit: 'items', detail: 'one' });
    if (settings.keep === false) await sleep(1e9, signal);
    return [{ name: 'one', failure: null }];
  };
  return { services: { load, library, verify, verifyTraining }, seen };
}

interface FakeWorker extends WorkerLike {
  crash(message?: string): void;
  terminated: boolean;
}

const channels: { close(): void }[] = [];
afterEach(() => {
  for (const port of channels.splice(0)) port.close();
});

/** A worker's two sides over a real MessageChannel, so that everything is cloned and transferred in earnest. */
function fakeWorker(services: Services): FakeWorker {
  const { port1, port2 } = new MessageChannel();
  channels.push(port1);
  const errors = new EventTarget();
  serve(
    {
      postMessage: (message, transfer) => port2.postMessage(message, transfer as ArrayBuffer[]),
      addEventListener: (_, listener) => port2.on('message', data => listener({ data } as MessageEvent)),
    },
    services,
  );
  const worker: FakeWorker = {
    terminated: false,
    postMessage: message => port1.postMessage(message),
    addEventListener: (type, listener) => {
      if (type === 'message') port1.on('message', data => listener({ data } as MessageEvent));
      else errors.addEventListener(type, listener);
    },
    terminate: () => {
      worker.terminated = true;
      port1.close();
    },
    crash: (message = 'out of memory') => errors.dispatchEvent(Object.assign(new Event('error'), { message })),
  };
  return worker;
}

function setUp(onProgress?: (progress: Progress) => void, settings: Settings = {}) {
  const engine = fakeEngine();
  const workers: FakeWorker[] = [];
  const client = createClient({
    baseUrl: 'https://page.example/app/',
    hub: 'https://mirror.example',
    ...settings,
    onProgress,
    worker: () => {
      const worker = fakeWorker(engine.services);
      workers.push(worker);
      return worker;
    },
  });
  return { client, workers, ...engine };
}

describe('requests', () => {
  it('reach the engine with their options and come back in the same shapes', async () => {
    const { client, seen } = setUp();
    const model = await client.load('mini', {
      dtype: 'q4',
      storage: 'f32',
      without: ['subgroups'],
      variants: { matmul: 'tile' },
    });
    expect(seen.loads[0]).toMatchObject({
      source: 'mini',
      options: { dtype: 'q4', storage: 'f32', without: ['subgroups'], variants: { matmul: 'tile' } },
      settings: { baseUrl: 'https://page.example/app/', hub: 'https://mirror.example' },
    });
    expect(await model.fillMask('a', { topK: 2 })).toEqual([
      { score: 1 / 2, token: 0, token_str: 'w0', sequence: 'a w0' },
      { score: 1 / 3, token: 1, token_str: 'w1', sequence: 'a w1' },
    ]);
    expect((await model.fillMask(['a', 'b'], { topK: 1 })).map(list => (list as Prediction[])[0]?.sequence)).toEqual(['a w0', 'b w0']);
    expect(await model.tokenize('abc')).toEqual({ ids: [3], tokens: ['abc'], offsets: [[0, 3]] });
    expect((await model.report()).name).toBe('mini');
  });

  it('run side by side, each with its own answer', async () => {
    const { client } = setUp();
    const model = await client.load('mini');
    const texts = ['slow 1', 'fast 2', 'slow 3', 'fast 4'];
    const answers = await Promise.all(texts.map(text => model.fillMask(text, { topK: 1 })));
    expect(answers.map(list => (list as Prediction[])[0]?.sequence)).toEqual(texts.map(text => `${text} w0`));
  });

  it('move vectors instead of copying them, and never more than the vectors', async () => {
    const { client, seen } = setUp();
    const model = await client.load('mini');
    const { data, rows, dim, offsets } = await model.embed(['a', 'bcd']);
    expect([[...data], rows, dim, [...offsets]]).toEqual([[1, 3], 2, 1, [0, 1, 2]]);
    expect(seen.moved()).toEqual([true, true]);
    const view = await model.embed(['a', 'b'], { pooling: 'cls' });
    expect([...view.data]).toEqual([10, 11]);
    expect(view.data.buffer.byteLength).toBe(8);
    expect(seen.moved()).toEqual([true, true, false, true]);
  });

  it('tell their progress to the request and to the client', async () => {
    const all: Progress[] = [];
    const { client } = setUp(progress => all.push(progress));
    const mine: Progress[] = [];
    const model = await client.load('mini', { onProgress: progress => mine.push(progress) });
    expect(mine).toEqual([{ stage: 'files', done: 1, total: 1, unit: 'bytes', detail: 'config.json' }]);
    await model.fillMask('a', { onProgress: progress => mine.push(progress) });
    expect(mine.at(-1)).toMatchObject({ stage: 'run', done: 3, total: 3 });
    expect(all).toEqual(mine);
  });

  it('send picked files with their folders', async () => {
    const { client, seen } = setUp();
    const source = new FilesSource([
      { path: 'm/config.json', blob: new Blob(['{}']) },
      { path: 'm/sub/x', blob: new Blob(['xyz']) },
    ]);
    const model = await client.load(source);
    expect((await model.report()).name).toBe('m');
    const there = seen.loads[0]?.source as FilesSource;
    expect(there).not.toBe(source);
    const file = await there.open('sub/x');
    expect(Buffer.from(await file.read(0, 3)).toString()).toBe('xyz');
  });

  it('refuse what cannot be sent', async () => {
    const { client } = setUp();
    const other = { name: 'x', open: () => Promise.reject(), has: () => Promise.resolve(true) };
    await expect(client.load(other as unknown as FilesSource)).rejects.toBeInstanceOf(InputError);
    const model = await client.load('mini');
    await expect(model.fillMask((() => 'a') as unknown as string)).rejects.toThrow(/A text is expected, found a function/);
    expect(await model.fillMask('a', { topK: 1 })).toHaveLength(1);
  });
});

it('passes over what a worker tells of its requests, which answers no call', async () => {
  const answers: ((event: Event) => void)[] = [];
  const { services } = fakeEngine();
  const client = createClient({
    worker: () => {
      const worker = fakeWorker(services);
      const listen = worker.addEventListener;
      worker.addEventListener = (type, listener) => {
        if (type === 'message') answers.push(listener);
        listen(type, listener);
      };
      return worker;
    },
  });
  const loading = client.load('mini');
  for (const answer of answers) answer({ data: { type: 'requests', addresses: ['https://page.example/x'] } } as MessageEvent);
  expect((await (await loading).report()).name).toBe('mini');
});

describe('misuse', () => {
  it('is refused before anything is posted, and names the option', async () => {
    const { client, seen, workers } = setUp();
    const any = <T>(value: unknown) => value as T;
    await expect(client.load(any(null))).rejects.toThrow(/load needs a model.*null/);
    await expect(client.load('mini', { dtype: any('q5') })).rejects.toThrow(/dtype is "q5"/);
    await expect(client.verify(any(undefined))).rejects.toThrow(/verify needs the form/);
    await expect(client.library.pull('a/b', any({ type: 'q4' }))).rejects.toThrow(/Did you mean dtype/);
    await expect(client.library.check(any(5))).rejects.toThrow(/check needs the key of an entry.*not 5/);
    await expect(client.library.importModel(any([]))).rejects.toThrow(/new FilesSource/);
    await expect(client.library.exportModel('k', any('folder'))).rejects.toThrow(/exportModel needs a folder/);
    expect(workers).toHaveLength(0);
    const model = await client.load('mini');
    for (const request of [
      model.fillMask('a', any({ top_k: 2 })),
      model.fillMask('a', any(new Map())),
      model.embed(any('a')),
      model.embed(['a'], { normalize: any(1) }),
      model.tokenize(any({})),
      model.estimate(['a'], any({ kind: 'x' })),
    ])
      await expect(request).rejects.toBeInstanceOf(InputError);
    expect(() => createClient(any({ hubUrl: 'x' }))).toThrow(/Did you mean hub/);
    await expect(createClient({ worker: any(() => null) }).load('mini')).rejects.toThrow(/option worker.*returned null/);
    expect(await model.fillMask('a', { topK: 1 })).toHaveLength(1);
    expect(seen.loads).toHaveLength(1);
  });

  it('of onProgress ends its own request with its own error, on both sides of the worker', async () => {
    const { client, seen } = setUp();
    const mine = new Error('mine');
    const throws = () => {
      throw mine;
    };
    const model = await client.load('mini');
    const failing = model.fillMask('slow for ever', { onProgress: throws });
    const other = model.fillMask('slow 2', { topK: 1 });
    await expect(failing).rejects.toBe(mine);
    expect(await other).toHaveLength(1);
    await expect.poll(() => seen.aborted).toEqual(['slow for ever']);
    await expect(client.load('mini', { onProgress: (async () => throws()) as () => void })).rejects.toBe(mine);
    const everywhere = setUp(throws);
    await expect(everywhere.client.load('mini')).rejects.toBe(mine);
  });

  it('of the port: a message of another hand is answered with an InputError, or not at all', async () => {
    const { services } = fakeEngine();
    const answers: unknown[] = [];
    let hear: (event: MessageEvent) => void = () => {};
    const addEventListener = (_: string, listener: typeof hear) => {
      hear = listener;
    };
    serve({ postMessage: message => answers.push(message), addEventListener }, services);
    const send = (data: unknown) => hear({ data } as MessageEvent);
    for (const data of [null, 5, 'call', {}, { type: 'call', kind: 'load' }, { type: 'cancel', id: 'x' }, { type: 'other', id: 1 }])
      send(data);
    const calls: [unknown, unknown][] = [
      ['__proto__', {}],
      [7, {}],
      ['load', null],
      ['load', { source: { name: 5 } }],
      ['load', { source: { files: ['x'] } }],
      ['fillMask', { model: 'x', text: 'a' }],
      ['fillMask', { model: 1, text: 'a', options: { topK: 1e9 } }],
      ['embed', { model: 1, texts: ['a'], options: { normalize: '1; evil' } }],
      ['pull', { name: 'a/b', options: { signal: {} } }],
      ['exportModel', { key: 'k', folder: 'x' }],
      ['verify', { settings: { keep: 'x' } }],
    ];
    for (const [id, [kind, params]] of calls.entries()) send({ type: 'call', id, kind, params });
    await expect.poll(() => answers.length).toBe(calls.length);
    expect(answers).toMatchObject(calls.map((_, id) => ({ type: 'error', id, error: { name: 'InputError' } })));
  });
});

describe('errors', () => {
  it('keep their class, text and facts', async () => {
    const { client } = setUp();
    await expect(client.load('missing')).rejects.toMatchObject({
      constructor: ModelSourceError,
      message: 'no such model',
      details: { status: 404 },
    });
    const model = await client.load('mini');
    const error = await model.fillMask('too long').catch((e: unknown) => e);
    expect(error).toBeInstanceOf(InputTooLongError);
    expect(error).toBeInstanceOf(InputError);
    expect(error).toMatchObject({ details: { tokens: 9000, context: 8192 } });
    await expect(model.fillMask('lost')).rejects.toBeInstanceOf(DeviceLostError);
    await expect(model.fillMask('bug')).rejects.toMatchObject({ name: 'TypeError', message: 'undefined is not a function' });
  });

  it('say that there is no worker to start here', async () => {
    await expect(createClient().load('mini')).rejects.toThrow(/no web workers here.*In Node use loadModel/);
  });
});

describe('abort', () => {
  it('rejects at once, stops the work in the worker, and leaves the others alone', async () => {
    const { client, seen } = setUp();
    const model = await client.load('mini');
    const controller = new AbortController();
    const stopped = model.fillMask('slow for ever', { signal: controller.signal });
    const other = model.fillMask('slow 2', { topK: 1 });
    await sleep(5);
    controller.abort();
    await expect(stopped).rejects.toMatchObject({ name: 'AbortError' });
    expect(await other).toHaveLength(1);
    expect(seen.aborted).toEqual(['slow for ever']);
    await expect(model.fillMask('a', { signal: AbortSignal.abort() })).rejects.toMatchObject({ name: 'AbortError' });
  });

  it('stops a load; a model that arrives all the same is disposed', async () => {
    const { client, seen } = setUp();
    await expect(client.load('slow', { signal: AbortSignal.timeout(20) })).rejects.toMatchObject({ name: 'TimeoutError' });
    const controller = new AbortController();
    const load = client.load('stubborn', { signal: controller.signal });
    await sleep(10);
    controller.abort();
    await expect(load).rejects.toMatchObject({ name: 'AbortError' });
    await expect.poll(() => seen.disposed).toBe(1);
  });
});

describe('a worker that dies', () => {
  it('fails what waits, and the next call starts a new one and loads the model again', async () => {
    const { client, workers, seen } = setUp();
    // A signal that aborts after the first load must not spoil the second one.
    const controller = new AbortController();
    const model = await client.load('mini', { dtype: 'q8', signal: controller.signal });
    controller.abort();
    const waiting = model.fillMask('slow for ever');
    await sleep(5);
    workers[0]?.crash();
    const error = await waiting.catch((e: unknown) => e);
    expect(error).toBeInstanceOf(WorkerCrashedError);
    expect((error as Error).message).toMatch(/The worker stopped: out of memory\. Call again/);
    expect(workers[0]?.terminated).toBe(true);
    expect(workers).toHaveLength(1);
    const answers = await Promise.all([model.fillMask('a', { topK: 1 }), model.tokenize('b')]);
    expect(answers[0]).toHaveLength(1);
    expect(workers).toHaveLength(2);
    expect(seen.loads).toHaveLength(2);
    expect(seen.loads[1]).toMatchObject({ source: 'mini', options: { dtype: 'q8' } });
  });

  it('does not confuse the models of two workers', async () => {
    const { client, workers } = setUp();
    const [a, b] = [await client.load('model-a'), await client.load('model-b')];
    workers[0]?.crash();
    expect((await b.report()).name).toBe('model-b');
    expect((await a.report()).name).toBe('model-a');
    expect(workers).toHaveLength(2);
  });

  it('before its first answer could not start', async () => {
    const { client, workers } = setUp();
    const load = client.load('slow');
    workers[0]?.crash('');
    await expect(load).rejects.toThrow(/could not start\. Check that the page may load its script/);
  });

  it('may die again and again', async () => {
    const { client, workers } = setUp();
    const model = await client.load('mini');
    for (let i = 0; i < 3; i++) {
      workers.at(-1)?.crash();
      expect(await model.tokenize('x')).toMatchObject({ ids: [1] });
    }
    expect(workers).toHaveLength(4);
  });
});

describe('the end', () => {
  it('of a model: it is disposed once, later calls say so, others live on', async () => {
    const { client, seen } = setUp();
    const [model, other] = [await client.load('mini'), await client.load('mini')];
    await Promise.all([model.dispose(), model.dispose()]);
    expect(seen.disposed).toBe(1);
    await expect(model.fillMask('a')).rejects.toBeInstanceOf(DisposedError);
    await expect(model.tokenize('a')).rejects.toBeInstanceOf(DisposedError);
    expect(await other.tokenize('abc')).toMatchObject({ ids: [3] });
  });

  it('of a model while it loads again ends that load', async () => {
    const { client, workers } = setUp();
    const model = await client.load('stubborn');
    workers[0]?.crash();
    const waiting = model.tokenize('a');
    await sleep(5);
    await model.dispose();
    await expect(waiting).rejects.toBeInstanceOf(AffinageError);
  });

  it('of the client: the worker ends, what waits and what comes rejects', async () => {
    const { client, workers } = setUp();
    const model = await client.load('mini');
    const waiting = model.fillMask('slow for ever');
    await sleep(5);
    client.terminate();
    await expect(waiting).rejects.toBeInstanceOf(DisposedError);
    await expect(model.fillMask('a')).rejects.toBeInstanceOf(DisposedError);
    await expect(client.load('mini')).rejects.toBeInstanceOf(DisposedError);
    await model.dispose();
    expect(workers.map(worker => worker.terminated)).toEqual([true]);
  });
});

describe('the library and the check', () => {
  it('are asked with the settings of the client, and answer in their own shapes', async () => {
    const { client, seen } = setUp();
    const { library } = client;
    const stages: string[] = [];
    const pulled = await library.pull('a/b', { dtype: 'q4', onProgress: ({ stage, overall }) => stages.push(`${stage} ${overall}`) });
    expect(pulled).toMatchObject({ key: 'a/b', dtype: 'q4' });
    expect(stages).toEqual(['download 0.5']);
    expect(await library.list()).toMatchObject([{ name: 'https://mirror.example' }]);
    expect(await library.space()).toMatchObject({ place: 'here' });
    expect(await library.check('k')).toMatchObject({ key: 'k', state: 'ready' });
    await library.remove('k');
    expect(seen.aborted).toEqual(['removed k']);
    const files = new FilesSource([{ path: 'config.json', blob: new Blob(['{}']) }]);
    expect(await library.importModel(files, { dtype: 'q8' })).toMatchObject({ key: 'config.json', dtype: 'q8' });
    expect(await library.calibrate('k', ['a', 'b'], { name: 'n' })).toMatchObject({ key: 'k a,b', name: 'n' });
    expect(await library.calibrate('k', null)).toMatchObject({ key: 'k builtin' });
    await expect(library.calibrate('k', [1] as never)).rejects.toThrow(/text/);
    expect((await library.exportModel('k', null)).map(file => file.path)).toEqual(['k']);
    expect(await client.verify({ form: 'short', onProgress: ({ stage }) => stages.push(stage) })).toMatchObject({ form: 'short' });
    expect(stages.at(-1)).toBe('check');
    expect(await client.verifyTraining({ onProgress: ({ detail }) => stages.push(`${detail}`) })).toEqual([{ name: 'one', failure: null }]);
    expect(stages.at(-1)).toBe('one');
  });

  it('stop the check of training by its signal', async () => {
    const { client } = setUp(undefined, { keep: false });
    const stop = new AbortController();
    const running = client.verifyTraining({ signal: stop.signal });
    stop.abort();
    await expect(running).rejects.toMatchObject({ name: 'AbortError' });
    await expect(client.verifyTraining({ form: 'short' } as never)).rejects.toThrow(/form/);
  });

  it('say so where nothing is kept; a pull is paused by its signal', async () => {
    const { client } = setUp(undefined, { keep: false });
    await expect(client.library.list()).rejects.toBeInstanceOf(StorageError);
    const other = setUp().client;
    const pause = new AbortController();
    const pulling = other.library.pull('slow', { signal: pause.signal });
    await sleep(5);
    pause.abort();
    await expect(pulling).rejects.toMatchObject({ name: 'AbortError' });
    await other.quiet();
  });

  it('quiet waits until the worker has ended what was aborted', async () => {
    const { client, seen } = setUp();
    const stop = new AbortController();
    const loading = client.load('tidy', { signal: stop.signal });
    await sleep(5);
    stop.abort();
    await expect(loading).rejects.toMatchObject({ name: 'AbortError' });
    expect(seen.aborted).toEqual([]);
    await client.quiet();
    expect(seen.aborted).toEqual(['tidied']);
  });

  it('estimates come from the model that runs', async () => {
    const { client } = setUp();
    const model = await client.load('mini');
    expect(await model.estimate(['a', 'b'], { kind: 'embed' })).toMatchObject({ longestTokens: 2, totalTokens: 2 });
  });
});
