import { createHash } from 'node:crypto';
import { cp, mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { Environment } from '../inference/environment.ts';
import { readConfig } from '../model/config.ts';
import { openWeights } from '../model/reader.ts';
import { FolderSource } from '../node/folder.ts';
import { fixtureUrl } from '../testing/fixtures.ts';
import { files, testServer } from '../testing/http-server.ts';
import { commands } from './commands.ts';
import { main } from './main.ts';

const original = fileURLToPath(fixtureUrl('models/sharded-f32'));

interface Run {
  code: number;
  out: string;
  err: string;
  statuses: string[];
}

async function affinage(argv: string[], { signal = new AbortController().signal, onStatus = (_: string) => {} } = {}): Promise<Run> {
  const run: Run = { code: -1, out: '', err: '', statuses: [] };
  run.code = await main(argv, {
    commands,
    version: '9.9.9',
    signal,
    io: {
      out: async text => {
        run.out += text;
      },
      note: text => {
        run.err += `${text}\n`;
      },
      status: text => {
        run.statuses.push(text);
        onStatus(text);
      },
      stdin: async function* () {},
      stdinIsTerminal: true,
      stderrIsTerminal: true,
    },
    environment: () => ({ version: '9.9.9' }) as Environment,
    loadModel: () => () => Promise.reject(new Error('nothing is loaded to convert a model')),
  });
  return run;
}

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'affinage-quantize-'));
});
afterEach(() => rm(folder, { recursive: true }));

const at = (name: string) => join(folder, name);

async function storedFormats(path: string): Promise<Set<string>> {
  const source = new FolderSource(path);
  const reader = await openWeights(source, readConfig(await readFile(join(path, 'config.json'))));
  return new Set(
    [...reader.slots].map(slot => `${slot === 'embeddings.tok_embeddings.weight' ? 'table ' : ''}${reader.describe(slot).stored}`),
  );
}

describe('affinage quantize', () => {
  test('writes a whole model in the asked format, and says what it did', async () => {
    const run = await affinage(['quantize', original, '--dtype', 'q4', '--out', at('deep/out')]);
    expect(run.err).toBe('');
    expect(run.code).toBe(0);
    expect(run.out).toMatch(/f32 +\d+\.\d kB\n.*out +q4 +\d+\.\d kB\n +time +\d/);
    expect(run.statuses.at(-2)).toMatch(/^writing .*\(100 %\) config\.json$/);
    expect(await readdir(at('deep/out'))).toEqual(['config.json', 'model.safetensors']);
    expect(await readdir(at('deep'))).toEqual(['out']);
    expect(await storedFormats(at('deep/out'))).toEqual(new Set(['table q8', 'q4', 'q8', 'f32']));
  });

  test('--json: sizes and the SHA-256 of what lies there; the embedding has its own format; twice gives the same bytes', async () => {
    const argv = (out: string) => ['quantize', original, '--embedding', 'q4', '--json', '--out', at(out)];
    const report = JSON.parse((await affinage(argv('a'))).out);
    expect(report).toMatchObject({ folder: at('a'), dtype: 'q4', unchanged: false, original: { dtype: 'f32' } });
    expect(report.bytes).toBeLessThan(report.original.bytes / 5);
    for (const file of report.files) {
      const bytes = await readFile(join(at('a'), file.path));
      expect([bytes.length, createHash('sha256').update(bytes).digest('hex')]).toEqual([file.sizeBytes, file.hash]);
    }
    expect(await storedFormats(at('a'))).toEqual(new Set(['table q4', 'q4', 'q8', 'f32']));
    await affinage(argv('b'));
    expect((await readFile(at('b/model.safetensors'))).equals(await readFile(at('a/model.safetensors')))).toBe(true);
  });

  test('from an address: the same bytes, and the README and the tokenizer come along', async () => {
    const entries: Record<string, Uint8Array | string> = { 'm/README.md': '# model', 'm/tokenizer.json': '{}' };
    for (const name of await readdir(original)) entries[`m/${name}`] = await readFile(join(original, name));
    const server = await testServer(files(entries));
    try {
      const run = await affinage(['quantize', `${server.url}m/`, '--out', at('web')]);
      expect([run.err, run.code]).toEqual(['', 0]);
    } finally {
      await server.close();
    }
    await affinage(['quantize', original, '--out', at('disk')]);
    expect(await readdir(at('web'))).toEqual(['README.md', 'config.json', 'model.safetensors', 'tokenizer.json']);
    expect((await readFile(at('web/model.safetensors'))).equals(await readFile(at('disk/model.safetensors')))).toBe(true);
  });

  test('--method rtn rounds plainly: another file of the same size', async () => {
    await affinage(['quantize', original, '--out', at('search')]);
    expect((await affinage(['quantize', original, '--method', 'rtn', '--out', at('rtn')])).code).toBe(0);
    const [search, rtn] = await Promise.all(['search', 'rtn'].map(name => readFile(at(`${name}/model.safetensors`))));
    expect(rtn!.length).toBe(search!.length);
    expect(rtn!.equals(search!)).toBe(false);
    expect((await affinage(['quantize', original, '--method', 'rtn', '--dtype', 'q8', '--out', at('x')])).err).toMatch(
      /belongs to --dtype q4/,
    );
  });

  test('copies a model that has the format already, shards and all', async () => {
    const run = await affinage(['quantize', original, '--dtype', 'f32', '--out', at('out')]);
    expect(run.out).toMatch(/copied as they are/);
    for (const name of (await readdir(original)).filter(name => /^(config\.json|model)/.test(name))) {
      expect((await readFile(join(original, name))).equals(await readFile(join(at('out'), name)))).toBe(true);
    }
  });

  test('--force replaces a model and nothing else', async () => {
    const run = (...more: string[]) => affinage(['quantize', original, '--out', at('out'), ...more]);
    await mkdir(at('out')); // an empty folder may stand there
    expect((await run('--dtype', 'q8')).code).toBe(0);
    const refused = await run();
    expect([refused.code, refused.err]).toEqual([1, expect.stringMatching(/holds a model already.*--force/)]);
    expect(await storedFormats(at('out'))).toContain('q8');
    expect((await run('--force')).code).toBe(0);
    expect(await storedFormats(at('out'))).toContain('q4');
    await writeFile(at('out/letters.txt'), 'mine');
    expect((await run('--force')).err).toMatch(/only a model may be replaced: "letters\.txt"/);
    expect(await readFile(at('out/letters.txt'), 'utf8')).toBe('mine');
    await rm(at('out/letters.txt'));
    await rm(at('out/config.json'));
    expect((await run('--force')).err).toMatch(/without config\.json it is no model/);
    expect(await readdir(folder)).toEqual(['out']);
  });

  test('the source itself, a file, and a wrong call are refused', async () => {
    await cp(original, at('model'), { recursive: true });
    expect((await affinage(['quantize', at('model'), '--out', at('model/'), '--force'])).err).toMatch(/the source itself/);
    expect((await affinage(['quantize', original, '--out', at('model/config.json')])).err).toMatch(/is a file/);
    expect((await affinage(['quantize', original, '--out', at('model/config.json/x')])).err).toMatch(/a part of its path is not a folder/);
    expect(await affinage(['quantize', '--out', at('x')])).toMatchObject({ code: 2, err: expect.stringMatching(/give one SOURCE/) });
    expect(await affinage(['quantize', original])).toMatchObject({ code: 2, err: expect.stringMatching(/--out is missing/) });
    const plain = await affinage(['quantize', original, '--dtype', 'f16', '--embedding', 'q8', '--out', at('x')]);
    expect(plain).toMatchObject({ code: 2, err: expect.stringMatching(/belongs to --dtype q4 or q8/) });
    const calibrated = (...more: string[]) => affinage(['quantize', original, '--calibrate', 'builtin', '--out', at('x'), ...more]);
    expect(await calibrated('--dtype', 'q8')).toMatchObject({ code: 2, err: expect.stringMatching(/belongs to --dtype q4/) });
    expect(await calibrated('--no-gpu')).toMatchObject({ code: 2, err: expect.stringMatching(/needs the GPU/) });
    const missing = await affinage(['quantize', original, '--calibrate', at('none.txt'), '--out', at('x')]);
    expect(missing).toMatchObject({ code: 1, err: expect.stringMatching(/none\.txt cannot be read: it does not exist/) });
    expect(await readdir(folder)).toEqual(['model']);
  });

  test('what stops the work leaves nothing: Ctrl-C at any file, a damaged original', async () => {
    for (const file of ['model.safetensors', 'config.json']) {
      const stop = new AbortController();
      const onStatus = (text: string) => text.endsWith(file) && stop.abort();
      const run = await affinage(['quantize', original, '--out', at('new/out')], { signal: stop.signal, onStatus });
      expect(run.code).toBe(130);
      expect(await readdir(folder)).toEqual([]);
    }
    await cp(original, at('damaged'), { recursive: true });
    const shard = at('damaged/model-00003-of-00003.safetensors');
    const bytes = await readFile(shard);
    bytes.fill(0xff, bytes.length - 4096);
    await writeFile(shard, bytes);
    const run = await affinage(['quantize', at('damaged'), '--out', at('out')]);
    expect([run.code, run.err]).toEqual([1, expect.stringMatching(/NaN or infinity/)]);
    expect(await readdir(folder)).toEqual(['damaged']);
  });
});
