import { mkdir, mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { Environment } from '../inference/environment.ts';
import type { LibraryModel } from '../library/types.ts';
import { nodeEnvironment } from '../node/environment.ts';
import { HubServer } from '../testing/hub-server.ts';
import { modelFilesOf } from '../testing/model-files.ts';
import { commands } from './commands.ts';
import { main } from './main.ts';

const id = 'almanach/tiny-bio';

let files: Record<string, Uint8Array<ArrayBuffer>>;
let hub: HubServer;
let folder: string;
let cache: string;

beforeAll(async () => {
  files = await modelFilesOf('biases-untied-f16');
  hub = await HubServer.start();
});
afterAll(() => hub.close());

const variables = ['AFFINAGE_CACHE', 'HF_ENDPOINT', 'HF_TOKEN', 'HF_HUB_OFFLINE'] as const;
const before = variables.map(name => process.env[name]);
const set = (name: (typeof variables)[number], value?: string) => {
  if (value === undefined) delete process.env[name];
  else process.env[name] = value;
};

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'affinage-cli-library-'));
  cache = join(folder, 'cache');
  set('AFFINAGE_CACHE', cache);
  set('HF_ENDPOINT', hub.url);
  set('HF_TOKEN');
  set('HF_HUB_OFFLINE');
  hub.clearFaults();
  hub.publish(id, files, { licence: 'apache-2.0', access: 'public' });
  hub.log.length = 0;
});
afterEach(async () => {
  variables.forEach((name, i) => {
    set(name, before[i]);
  });
  await rm(folder, { recursive: true });
});

interface Run {
  code: number;
  out: string;
  err: string[];
}

async function affinage(argv: string[], signal = new AbortController().signal): Promise<Run> {
  const run: Run = { code: -1, out: '', err: [] };
  run.code = await main(argv, {
    commands,
    version: '9.9.9',
    signal,
    io: {
      out: async text => {
        run.out += text;
      },
      note: text => run.err.push(text),
      status: () => {},
      stdin: async function* () {},
      stdinIsTerminal: true,
      stderrIsTerminal: false,
    },
    environment: () => ({ version: '9.9.9' }) as Environment,
    loadModel: () => () => Promise.reject(new Error('nothing is loaded here')),
  });
  return run;
}

async function json<T>(argv: string[]): Promise<T> {
  const run = await affinage([...argv, '--json']);
  expect(run.err).toEqual([]);
  expect(run.code).toBe(0);
  return JSON.parse(run.out) as T;
}

describe('pull, models, remove', () => {
  it('keep a model, list it, work without the network, and free its bytes', async () => {
    const pulled = await affinage(['pull', id]);
    expect(pulled).toMatchObject({ code: 0, err: [] });
    expect(pulled.out).toMatch(/^almanach\/tiny-bio \(main [0-9a-f]{7}, q4, [\d.]+ kB, apache-2\.0\): ready, in .*cache\n$/);

    set('HF_HUB_OFFLINE', '1');
    const asked = hub.log.length;
    expect((await affinage(['pull', id])).out).toContain('already there');
    const table = (await affinage(['models'])).out;
    expect(table).toMatch(
      /name +revision +format +size +licence +state\n.*almanach\/tiny-bio +main [0-9a-f]{7} +q4 +[\d.]+ kB +apache-2\.0 +ready\n1 model, /,
    );
    const [entry] = await json<LibraryModel[]>(['models']);
    expect(entry).toMatchObject({ name: id, dtype: 'q4', state: 'ready', licence: 'apache-2.0' });
    expect(hub.log.length).toBe(asked);

    const removed = await affinage(['remove', id]);
    expect(removed.out).toMatch(/^removed almanach\/tiny-bio \(.*\)\n[\d.]+ kB freed\n$/);
    expect(await json(['models'])).toEqual([]);
    expect(await readdir(join(cache, 'models'))).toEqual([]);
    const offline = await affinage(['pull', id]);
    expect(offline).toMatchObject({ code: 1, err: [expect.stringMatching(/almanach\/tiny-bio is not in the library.*HF_HUB_OFFLINE/)] });
  });

  it('--available lists the models that affinage knows by name and that are not kept here', async () => {
    const available = await json<{ state: string; name: string; licence: string }[]>(['models', '--available']);
    expect(available.map(({ name }) => name)).toContain('almanach/ModernCamemBERT-bio-large');
    expect(available.every(({ state, licence }) => state === 'available' && licence !== '')).toBe(true);
    expect((await affinage(['models', '--available'])).out).toMatch(/ModernBERT-bio-base .*available: en, 150 M/);
  });

  it('say what is wrong: an unknown name, a wrong token, a bad use', async () => {
    expect((await affinage(['remove', 'almanach/tiny'])).err).toEqual(['affinage: the library has no model almanach/tiny; it is empty.']);
    await affinage(['pull', id, '--dtype', 'q8']);
    expect((await affinage(['remove', 'almanach/tyny-bio'])).err).toEqual([
      'affinage: the library has no model almanach/tyny-bio; did you mean almanach/tiny-bio?',
    ]);
    expect((await affinage(['remove', id, '--dtype', 'q4'])).err).toEqual([
      'affinage: the library has almanach/tiny-bio as q8, not as q4.',
    ]);
    expect((await affinage(['check', 'nothing'])).code).toBe(1);
    hub.publish('almanach/secret', files, { access: 'private' });
    const refused = await affinage(['pull', 'almanach/secret']);
    expect(refused).toMatchObject({ code: 1, err: [expect.stringMatching(/knows no public model almanach\/secret.*HF_TOKEN/)] });
    set('HF_TOKEN', hub.token);
    expect((await affinage(['pull', 'almanach/secret'])).code).toBe(0);
    for (const argv of [['pull'], ['pull', 'a/b', 'c/d'], ['pull', id, '--dtype', 'int4'], ['export', id], ['import']])
      expect((await affinage(argv)).code, argv.join(' ')).toBe(2);
  });

  it('Ctrl-C pauses and says how to go on; the next pull fetches the rest alone', async () => {
    const stop = new AbortController();
    // The header is read first, to see whether the model runs here; then the download, slowly.
    const end = hub.fault({
      on: request => request.file === 'model.safetensors' && request.route === 'object',
      skip: 2,
      bytesPerSecond: 400_000,
      run: () => setTimeout(() => stop.abort(), 400),
    });
    const paused = await affinage(['pull', id, '--dtype', 'original'], stop.signal);
    end();
    expect(paused).toMatchObject({ code: 130, out: '' });
    expect(paused.err).toEqual([
      expect.stringMatching(/^affinage: paused at \d+%; the same command resumes, affinage remove almanach\/tiny-bio drops it$/),
    ]);
    expect((await affinage(['models'])).out).toMatch(/almanach\/tiny-bio .* partial: \d+% downloaded/);
    expect((await affinage(['export', id, join(folder, 'out')])).err[0]).toMatch(
      /is not complete yet: affinage pull almanach\/tiny-bio --dtype original resumes/,
    );
    expect((await affinage(['pull', id, '--dtype', 'original'])).code).toBe(0);
    const [entry] = await json<LibraryModel[]>(['models']);
    expect(entry).toMatchObject({ state: 'ready', dtype: 'original' });
  });

  it('two processes at once: one fetches', async () => {
    const [a, b] = await Promise.all([affinage(['pull', id]), affinage(['pull', id])]);
    expect([a.code, b.code]).toEqual([0, 0]);
    expect([...a.err, ...b.err]).toEqual([expect.stringMatching(/waiting: the model is being downloaded in another tab or process/)]);
    expect(hub.fetched('tokenizer.json').reduce((sum, [, sent]) => sum + sent, 0)).toBe(files['tokenizer.json']?.length);
    expect(await json<LibraryModel[]>(['models'])).toHaveLength(1);
  });
});

describe('check, export, import', () => {
  it('a byte flipped on the disk is mended by fetching that part alone', async () => {
    const entry = await json<LibraryModel>(['pull', id, '--dtype', 'original']);
    const path = join(cache, 'models', entry.key, 'tokenizer.json');
    const bytes = await readFile(path);
    bytes[500]! ^= 8;
    await writeFile(path, bytes);
    hub.log.length = 0;
    const checked = await affinage(['check', id]);
    expect(checked).toMatchObject({
      code: 0,
      err: [expect.stringMatching(/tokenizer\.json of almanach\/tiny-bio is damaged at bytes 0 to \d+; downloaded again and repaired/)],
    });
    expect(checked.out).toMatch(/checked, 1 damaged part repaired/);
    expect(new Set(hub.log.map(request => request.file))).toEqual(new Set(['tokenizer.json']));
    expect(Buffer.from(await readFile(path)).equals(Buffer.from(files['tokenizer.json']!))).toBe(true);
    expect((await affinage(['check', id])).out).toMatch(/nothing was damaged/);
    bytes[700]! ^= 1;
    await writeFile(path, bytes);
    set('HF_HUB_OFFLINE', '1');
    expect(await affinage(['check', id])).toMatchObject({
      code: 1,
      err: [expect.stringMatching(/tokenizer\.json .* is damaged at bytes .*Go online/)],
    });
    expect((await affinage(['models'])).out).toContain('damaged: affinage check');
  });

  it('an export is a plain folder, which another machine without network imports under a name of its own', async () => {
    await affinage(['pull', id]);
    const out = join(folder, 'out');
    expect((await affinage(['export', id, out])).out).toMatch(/written to .*out\n$/);
    expect((await readdir(out)).sort()).toEqual([
      'README.md',
      'config.json',
      'manifest.json',
      'model.safetensors',
      'tokenizer.json',
      'tokenizer_config.json',
    ]);
    expect((await affinage(['export', id, out])).code).toBe(1);

    const [there] = await json<LibraryModel[]>(['models']);
    set('AFFINAGE_CACHE', join(folder, 'elsewhere'));
    set('HF_HUB_OFFLINE', '1');
    const imported = await json<LibraryModel>(['import', out]);
    expect(imported).toMatchObject({ name: 'out', origin: { kind: 'files', name: 'out', copyOf: there?.origin } });
    expect((await affinage(['pull', id])).err.join(' ')).toMatch(/The import "out" says that it is a copy of it/);
    const bytes = await readFile(join(out, 'model.safetensors'));
    await writeFile(join(out, 'model.safetensors'), bytes.subarray(0, bytes.length - 1000));
    set('AFFINAGE_CACHE', join(folder, 'third'));
    expect(await affinage(['import', out])).toMatchObject({ code: 1, out: '', err: [expect.stringMatching(/model\.safetensors/)] });
    await expect(stat(join(folder, 'third', 'models'))).rejects.toThrow();
  });

  it('imports a folder or its files under a name, in a format', async () => {
    const source = join(folder, 'source');
    await mkdir(source);
    for (const [path, bytes] of Object.entries(files)) await writeFile(join(source, path), bytes);
    expect(await json(['import', source, '--name', 'mon-modèle'])).toMatchObject({
      name: 'mon-modèle',
      dtype: 'q4',
      origin: { kind: 'files' },
    });
    const paths = Object.keys(files).map(path => join(source, path));
    expect(await json(['import', ...paths, '--dtype', 'original'])).toMatchObject({ name: 'source', dtype: 'original' });
    expect((await affinage(['import', join(folder, 'nowhere')])).err).toEqual([expect.stringMatching(/nowhere does not exist/)]);
    // One file that is no model's must not stand for the folder around it.
    expect(await affinage(['import', join(source, 'README.md')])).toMatchObject({
      code: 2,
      err: [expect.stringMatching(/config\.json, tokenizer\.json/)],
    });
  });
});

describe('loading by name in Node', () => {
  it('pulls a hub id once, then reads the kept copy; any copy will do when no format is asked', async () => {
    const env = nodeEnvironment();
    const source = await env.openSource(id);
    expect(await json<LibraryModel[]>(['models'])).toMatchObject([{ name: id, dtype: 'q4' }]);
    const asked = hub.log.length;
    const again = await env.openSource(id);
    const [a, b] = await Promise.all([source, again].map(one => one.open('model.safetensors')));
    expect(a?.sizeBytes).toBe(b?.sizeBytes);
    expect(hub.log.length).toBe(asked);
    set('HF_HUB_OFFLINE', '1');
    expect((await env.openSource(id)).name).toBe(id);
    await expect(env.openSource('almanach/other')).rejects.toThrow(/HF_HUB_OFFLINE/);
    set('HF_HUB_OFFLINE');
    await env.openSource(id, { dtype: 'q8' });
    expect((await json<LibraryModel[]>(['models'])).map(({ dtype }) => dtype).sort()).toEqual(['q4', 'q8']);
  });

  it('tokenizing fetches the tokenizer alone, or reads the kept one', async () => {
    const argv = ['tokenize', '--json', '--model', id, 'w12 w7'];
    expect(JSON.parse((await affinage(argv)).out)).toMatchObject([{ ids: [1, 12, 7, 2] }]);
    expect(hub.fetched('model.safetensors')).toEqual([]);
    await affinage(['pull', id]);
    set('HF_HUB_OFFLINE', '1');
    expect(JSON.parse((await affinage(argv)).out)).toMatchObject([{ ids: [1, 12, 7, 2] }]);
  });

  it('runs without saving where nothing can be kept, and says so', async () => {
    await writeFile(cache, 'a file where the folder should be');
    const notices: string[] = [];
    const source = await nodeEnvironment({ onNotice: text => notices.push(text) }).openSource(id);
    expect(notices).toEqual([expect.stringMatching(/^running without saving: .*cannot be/)]);
    const file = await source.open('model.safetensors');
    expect((await file.read(0, file.sizeBytes)).length).toBe(file.sizeBytes);
    expect(file.sizeBytes).toBeLessThan((files['model.safetensors']?.length ?? 0) / 2);
  });

  it('leaves folders, plain addresses and mini as they are', async () => {
    const env = nodeEnvironment();
    expect((await env.openSource('mini')).name).toBe('mini');
    const address = `${hub.url}/${id}/resolve/main/`;
    await env.openSource(`${hub.cdnUrl}/x/`);
    expect(await readdir(folder)).toEqual([]);
    await env.openSource(address);
    expect(await json<LibraryModel[]>(['models'])).toHaveLength(1);
  });
});
