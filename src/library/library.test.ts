import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { Progress } from '../engine/types.ts';
import { ConfigError, ModelFileError, ModelSourceError, StorageFullError } from '../errors.ts';
import { quantisedSource } from '../quantize/quantised-source.ts';
import { HubServer } from '../testing/hub-server.ts';
import { MemoryStorage } from '../testing/memory-storage.ts';
import { modelFilesOf, sourceOf } from '../testing/model-files.ts';
import { Library, type LibraryOptions } from './library.ts';

const id = 'almanach/tiny-bio';
const chunkBytes = 65_536;

let files: Record<string, Uint8Array<ArrayBuffer>>;
let hub: HubServer;
let storage: MemoryStorage;

beforeAll(async () => {
  files = await modelFilesOf('published-bf16');
  hub = await HubServer.start();
});
afterAll(() => hub.close());
beforeEach(() => {
  hub.clearFaults();
  hub.log.length = 0;
  hub.publish(id, files, { licence: 'apache-2.0', access: 'public' });
  storage = new MemoryStorage();
});

function library(options: Partial<LibraryOptions> = {}): Library {
  return new Library({
    storage,
    hub: hub.url,
    version: '9.9.9',
    chunkBytes,
    http: { backoffMs: 1, attempts: 2, windowBytes: 16_384 },
    ...options,
  });
}

/** Bytes of files that were asked of the network since `since`. */
const fetchedBytes = (since = 0) => hub.log.slice(since).reduce((sum, request) => sum + request.sentBytes, 0);

async function bytesOf(
  source: { open(path: string): Promise<{ sizeBytes: number; read(a: number, b: number): Promise<Uint8Array> }> },
  path: string,
) {
  const file = await source.open(path);
  return Buffer.from(await file.read(0, file.sizeBytes));
}

describe('a pull', () => {
  it('fetches, verifies, converts and keeps a model; then it is read without the network', async () => {
    const told: Progress[] = [];
    const entry = await library().pull(id, { onProgress: progress => told.push(progress) });
    expect(entry).toMatchObject({ name: id, state: 'ready', dtype: 'q4', licence: 'apache-2.0', announced: true, download: null });
    expect(entry.origin).toMatchObject({
      kind: 'hub',
      hub: hub.url,
      id,
      revision: 'main',
      commit: expect.stringMatching(/^[0-9a-f]{40}$/),
    });
    // Exactly what converting the originals gives, and nothing is left beside it.
    const expected = await bytesOf(await quantisedSource(sourceOf(files), { dtype: 'q4' }), 'model.safetensors');
    expect((await bytesOf(await library().open(entry.key), 'model.safetensors')).equals(expected)).toBe(true);
    expect([await storage.list('downloads'), await storage.list('pulls')]).toEqual([[], []]);
    expect(storage.usedBytes).toBeLessThan(entry.bytes + 10_000);
    expect(storage.persisted).toBe(true);

    const overall = told.map(progress => progress.overall ?? 0);
    expect(overall.every((value, i) => i === 0 || value >= (overall[i - 1] ?? 0))).toBe(true);
    expect(overall.at(-1)).toBe(1);
    expect(new Set(told.map(progress => progress.stage))).toEqual(new Set(['download', 'verify', 'quantize']));

    const before = hub.log.length;
    const offline = library({ online: false });
    expect(await offline.pull(id)).toEqual(entry);
    expect(await offline.find(id)).toEqual(entry);
    const source = await offline.open(entry.key);
    for (const path of ['config.json', 'tokenizer.json', 'README.md'])
      expect((await bytesOf(source, path)).equals(files[path]!)).toBe(true);
    expect(await source.has('tokenizer_config.json')).toBe(false);
    expect(hub.log.length).toBe(before);
  });

  it('keeps originals where they were downloaded, without a second copy', async () => {
    const total = Object.values(files).reduce((sum, bytes) => sum + bytes.length, 0);
    storage.quotaBytes = total + 2.2 * 2 ** 20;
    const entry = await library().pull(id, { dtype: 'original' });
    expect(entry).toMatchObject({ dtype: 'original', bytes: total });
    expect((await bytesOf(await library().open(entry.key), 'model.safetensors')).equals(files['model.safetensors']!)).toBe(true);
    expect((await storage.list(`models/${entry.key}`)).sort()).toEqual([...Object.keys(files), 'manifest.json'].sort());
  });

  it('keeps each format and commit as an entry of its own; update asks the hub', async () => {
    const [q4, q8] = [await library().pull(id), await library().pull(id, { dtype: 'q8' })];
    expect(q8.key).not.toBe(q4.key);
    hub.publish(id, { ...files, 'README.md': 'changed' });
    expect((await library().pull(id)).key).toBe(q4.key);
    const updated = await library().pull(id, { update: true });
    expect(updated.key).not.toBe(q4.key);
    expect((await library().list()).map(entry => entry.key).sort()).toEqual([q4.key, q8.key, updated.key].sort());
    expect((await library().find(id, { dtype: 'q4' }))?.key).toBe(updated.key);
    const commit = q4.origin.kind === 'hub' ? (q4.origin.commit ?? '') : '';
    expect((await library().pull(`${id}@${commit.slice(0, 12)}`)).key).toBe(q4.key);
    await library().remove(q4.key);
    expect((await library().list()).map(entry => entry.key).sort()).toEqual([q8.key, updated.key].sort());
    expect(await storage.list(`models/${q4.key}`)).toEqual([]);
  });

  it('goes on after an abort anywhere, fetching and converting nothing twice, and gives the same bytes', async () => {
    const whole = new MemoryStorage();
    await library({ storage: whole }).pull(id);
    const expected = Object.fromEntries((await whole.list('models')).map(path => [path, whole.content(`models/${path}`)]));
    hub.log.length = 0;
    const weightBytes = files['model.safetensors']?.length ?? 0;
    let runs = 0;
    for (let stop = 3; ; stop += 7) {
      const pause = new AbortController();
      let writes = 0;
      storage.fault = ({ kind, path }) => {
        if (kind === 'write' && /safetensors/.test(path) && ++writes === stop) pause.abort();
      };
      runs++;
      const result = await library()
        .pull(id, { signal: pause.signal })
        .catch((error: unknown) => error);
      if (!(result instanceof Error)) break;
      expect(result).toMatchObject({ name: 'AbortError' });
      storage.crash();
      const [partial] = await library().list();
      expect(partial).toMatchObject({ state: 'partial', name: id, dtype: 'q4' });
      expect(partial?.download?.doneBytes).toBeLessThanOrEqual(partial?.download?.totalBytes ?? 0);
      expect(await library().find(id)).toEqual(partial);
      await expect(library().open(partial?.key ?? '')).rejects.toBeInstanceOf(ModelSourceError);
    }
    storage.fault = null;
    expect(runs).toBeGreaterThan(2);
    for (const path of await storage.list('models'))
      if (!path.endsWith('manifest.json'))
        expect(Buffer.from(storage.content(`models/${path}`)!).equals(Buffer.from(expected[path]!)), path).toBe(true);
    // Each run may lose what was in flight when it was stopped.
    const fetched = hub.fetched('model.safetensors').reduce((sum, [, sent]) => sum + sent, 0);
    expect(fetched).toBeLessThan(weightBytes + runs * 5 * chunkBytes);
  });

  it('converts only what is missing after a reload in the middle of it', async () => {
    const pause = new AbortController();
    let kept = 0;
    storage.fault = ({ kind, path }) => {
      if (kind === 'write' && path.startsWith('models/') && ++kept === 6) pause.abort();
    };
    await expect(library().pull(id, { signal: pause.signal })).rejects.toMatchObject({ name: 'AbortError' });
    storage.fault = null;
    storage.crash();
    const [before, log] = [hub.log.length, storage.log.length];
    const entry = await library().pull(id);
    expect(hub.fetched('model.safetensors', before)).toEqual([]);
    const again = storage.log.slice(log).filter(({ kind, path }) => kind === 'write' && path.endsWith('model.safetensors'));
    const size = (
      await library()
        .open(entry.key)
        .then(source => source.open('model.safetensors'))
    ).sizeBytes;
    const all = Math.ceil(size / chunkBytes);
    expect(again.length).toBeLessThanOrEqual(all - 4);
    expect(again.length).toBeGreaterThan(0);
  });

  it('asks for room before anything large is fetched, and says how much it needs', async () => {
    storage.quotaBytes = 1_000_000;
    const error: unknown = await library()
      .pull(id)
      .catch((thrown: unknown) => thrown);
    expect(error).toBeInstanceOf(StorageFullError);
    const total = Object.values(files).reduce((sum, bytes) => sum + bytes.length, 0);
    const { neededBytes, freeBytes } = (error as StorageFullError).details;
    expect(freeBytes).toBe(1_000_000);
    storage.quotaBytes = Number.POSITIVE_INFINITY;
    const entry = await library().pull(id);
    expect(Math.abs((neededBytes as number) - total - entry.bytes)).toBeLessThan(20_000);
    expect(fetchedBytes()).toBeLessThan(total + 200_000);
    expect((await library().list()).length).toBe(1);
  });

  it('refuses a model that it cannot run before fetching its weights, and leaves nothing', async () => {
    const config = JSON.parse(Buffer.from(files['config.json']!).toString()) as Record<string, unknown>;
    hub.publish(id, { ...files, 'config.json': JSON.stringify({ ...config, model_type: 'bert' }) });
    await expect(library().pull(id)).rejects.toBeInstanceOf(ConfigError);
    expect(hub.fetched('model.safetensors')).toEqual([]);
    hub.publish(id, { ...files, 'tokenizer.json': '{"version":"1.0"}' });
    await expect(library().pull(id)).rejects.toThrow(/tokenizer/i);
    expect([storage.usedBytes, await library().list()]).toEqual([0, []]);
  });

  it('of two at once, one fetches and the other waits, says so, and finds it ready', async () => {
    const notices: string[] = [];
    const pulls = [1, 2].map(() =>
      library().pull(id, {
        onProgress: ({ notice }) => {
          if (notice) notices.push(notice);
        },
      }),
    );
    const [a, b] = await Promise.all(pulls);
    expect(a).toEqual(b);
    expect(notices).toEqual([expect.stringMatching(/^waiting: .*another tab/)]);
    const fetched = hub.fetched('tokenizer.json').reduce((sum, [, sent]) => sum + sent, 0);
    expect(fetched).toBe(files['tokenizer.json']?.length);
  });

  it('begins anew, and clears the old part, when the hub changed while it was paused', async () => {
    const pause = new AbortController();
    storage.fault = ({ kind, path }) => {
      if (kind === 'write' && path.startsWith('models/')) pause.abort();
    };
    await expect(library().pull(id, { signal: pause.signal })).rejects.toMatchObject({ name: 'AbortError' });
    storage.fault = null;
    const [old] = await library().list();
    hub.publish(id, { ...files, 'README.md': 'another' });
    const notices: (string | undefined)[] = [];
    const entry = await library().pull(id, { onProgress: ({ notice }) => notices.push(notice) });
    expect(entry.key).not.toBe(old?.key);
    expect(notices.filter(Boolean)).toEqual([expect.stringMatching(/has changed since its download was paused/)]);
    expect(await storage.list(`downloads/${old?.key}`)).toEqual([]);
    expect((await library().list()).map(({ key }) => key)).toEqual([entry.key]);
  });

  it('takes a page address and the folder of any static host; what is no name is said', async () => {
    const entry = await library().pull(`${hub.url}/${id}/tree/main`);
    expect(entry.name).toBe(id);
    const other = await HubServer.start({ api: false, redirects: false, announces: false });
    other.publish(id, files);
    const address = `${other.url}/${id}/resolve/main/`;
    const kept = await library().pull(`${address}config.json?token=secret`, { dtype: 'q8' });
    expect(kept).toMatchObject({ name: address, origin: { kind: 'url', address }, announced: false, licence: 'apache-2.0' });
    expect((await library().find(address, { dtype: 'q8' }))?.key).toBe(kept.key);
    for (const path of await storage.list('models'))
      if (path.endsWith('manifest.json')) expect(Buffer.from(storage.content(`models/${path}`)!).toString()).not.toContain('secret');
    await other.close();
    await expect(library().pull('not a name')).rejects.toThrow(/neither in the library/);
    await expect(library({ online: false }).pull('almanach/other')).rejects.toThrow(/not in the library.*HF_HUB_OFFLINE/);
  });

  it('gives the token to the hub only, and never stores it', async () => {
    hub.publish('almanach/secret', files, { access: 'private' });
    await expect(library().pull('almanach/secret')).rejects.toMatchObject({ details: { needsToken: true } });
    const entry = await library().pull('almanach/secret', { token: hub.token });
    expect(entry.state).toBe('ready');
    expect(hub.log.filter(request => request.host === 'cdn' && request.hadToken)).toEqual([]);
    for (const path of [...(await storage.list('models')).map(name => `models/${name}`)])
      expect(Buffer.from(storage.content(path)!).includes(hub.token)).toBe(false);
  });
});

describe('broken bytes', () => {
  it('are found when they are read and mended by fetching what they need alone', async () => {
    for (const dtype of ['original', 'q4'] as const) {
      const entry = await library().pull(id, { dtype });
      const path = `models/${entry.key}/model.safetensors`;
      const sound = storage.content(path)!;
      const at = 3 * chunkBytes + 17;
      storage.flip(path, at, 0x10);
      const before = hub.log.length;
      const notices: string[] = [];
      const source = await library().open(entry.key, { onNotice: text => notices.push(text) });
      const read = await bytesOf(source, 'model.safetensors');
      expect(read.equals(Buffer.from(sound))).toBe(true);
      expect(Buffer.from(storage.content(path)!).equals(Buffer.from(sound))).toBe(true);
      expect(notices).toEqual([
        expect.stringMatching(/model\.safetensors of .* is broken at bytes 196608 to 262143; fetched again and mended/),
      ]);
      const parts = hub.fetched('model.safetensors', before);
      const asked = parts.reduce((sum, [, sent]) => sum + sent, 0);
      expect(asked).toBeGreaterThan(0);
      // Of the original its chunk; of a converted file the rows that this chunk is made from, and the header.
      expect(asked).toBeLessThan(dtype === 'original' ? chunkBytes + 3 * 16_384 : 700_000);
      expect((await library().find(entry.key))?.state).toBe('ready');
    }
  });

  it('every byte of a small file flipped in turn is found, and mended', async () => {
    const entry = await library().pull(id);
    const path = `models/${entry.key}/config.json`;
    const sound = Buffer.from(storage.content(path)!);
    for (let at = 0; at < sound.length; at++) {
      storage.flip(path, at, 1 << (at % 8));
      const offline = await library({ online: false }).open(entry.key);
      await expect(bytesOf(offline, 'config.json')).rejects.toBeInstanceOf(ModelFileError);
      if (at % 97 === 0) expect((await bytesOf(await library().open(entry.key), 'config.json')).equals(sound)).toBe(true);
      else storage.flip(path, at, 1 << (at % 8));
    }
  });

  it('every byte of the manifest flipped in turn is found', async () => {
    const entry = await library().pull(id);
    const path = `models/${entry.key}/manifest.json`;
    const source = JSON.stringify(await library().find(entry.key));
    const size = storage.content(path)!.length;
    for (let at = 0; at < size; at += 7) {
      storage.flip(path, at, 2);
      // White space may change without harm: then the entry is what it was.
      const now = (await library().list())[0];
      expect(now === undefined || now.state === 'damaged' || JSON.stringify(now) === source, `byte ${at}`).toBe(true);
      if (now?.state === 'damaged') await expect(library().open(entry.key)).rejects.toBeInstanceOf(ModelFileError);
      storage.flip(path, at, 2);
    }
    storage.flip(path, 40);
    expect(await library().pull(id)).toMatchObject({ key: entry.key, state: 'ready' });
  });

  it('cut off or removed files are mended too', async () => {
    const entry = await library().pull(id, { dtype: 'original' });
    const path = `models/${entry.key}/model.safetensors`;
    const sound = Buffer.from(storage.content(path)!);
    storage.put(path, sound.subarray(0, 5 * chunkBytes + 9));
    await storage.remove(`models/${entry.key}/tokenizer.json`);
    const source = await library().open(entry.key);
    expect((await bytesOf(source, 'model.safetensors')).equals(sound)).toBe(true);
    expect((await bytesOf(source, 'tokenizer.json')).equals(files['tokenizer.json']!)).toBe(true);
    expect(Buffer.from(storage.content(path)!).equals(sound)).toBe(true);
    expect((await library({ online: false }).check(entry.key)).state).toBe('ready');
  });

  it('are said with file, place and remedy when they cannot be mended; the entry is damaged until they are', async () => {
    const entry = await library().pull(id);
    const path = `models/${entry.key}/model.safetensors`;
    storage.flip(path, chunkBytes + 1);
    const offline = library({ online: false });
    const error: unknown = await bytesOf(await offline.open(entry.key), 'model.safetensors').catch((thrown: unknown) => thrown);
    expect(error).toBeInstanceOf(ModelFileError);
    expect(error).toMatchObject({
      message: expect.stringMatching(/model\.safetensors of almanach\/tiny-bio is broken at bytes 65536 to 131071\. .*Go online/),
      details: { path: 'model.safetensors', chunk: 1 },
    });
    expect((await offline.list())[0]?.state).toBe('damaged');
    await expect(offline.check(entry.key)).rejects.toBeInstanceOf(ModelFileError);
    const before = hub.log.length;
    expect(await library().pull(id)).toMatchObject({ key: entry.key, state: 'ready' });
    expect(hub.fetched('tokenizer.json', before)).toEqual([]);
    expect((await offline.list())[0]?.state).toBe('ready');
  });

  it('are used mended even where nothing can be written', async () => {
    const entry = await library().pull(id);
    storage.flip(`models/${entry.key}/tokenizer.json`, 100);
    storage.fault = ({ kind }) => {
      if (kind === 'write') throw new StorageFullError('full');
    };
    const notices: string[] = [];
    const source = await library().open(entry.key, { onNotice: text => notices.push(text) });
    expect((await bytesOf(source, 'tokenizer.json')).equals(files['tokenizer.json']!)).toBe(true);
    expect(notices).toEqual([expect.stringMatching(/could not be written: full/)]);
  });

  it('check looks at every byte, tells how far it is, and mends all', async () => {
    const entry = await library().pull(id, { dtype: 'original' });
    const path = `models/${entry.key}/model.safetensors`;
    const sound = Buffer.from(storage.content(path)!);
    for (const at of [0, 400_000, sound.length - 1]) storage.flip(path, at);
    const told: Progress[] = [];
    expect((await library().check(entry.key, { onProgress: progress => told.push(progress) })).state).toBe('ready');
    expect(Buffer.from(storage.content(path)!).equals(sound)).toBe(true);
    expect(told.at(-1)).toMatchObject({ stage: 'verify', done: entry.bytes, total: entry.bytes, overall: 1 });
    expect(told.filter(({ notice }) => notice)).toHaveLength(3);
  });
});

describe('import and export', () => {
  const folderSink = () => {
    const written: Record<string, Uint8Array> = {};
    return {
      written,
      sink: {
        create: async (path: string, sizeBytes: number) => {
          const bytes = new Uint8Array(sizeBytes);
          written[path] = bytes;
          return { write: async (at: number, part: Uint8Array) => bytes.set(part, at), close: async () => {} };
        },
      },
    };
  };

  it('keeps a folder of files in the format asked, under a name', async () => {
    const entry = await library().importFrom(sourceOf(files), { name: 'mon modèle' });
    expect(entry).toMatchObject({ name: 'mon modèle', origin: { kind: 'files' }, dtype: 'q4', announced: false, state: 'ready' });
    const expected = await bytesOf(await quantisedSource(sourceOf(files), { dtype: 'q4' }), 'model.safetensors');
    expect((await bytesOf(await library().open(entry.key), 'model.safetensors')).equals(expected)).toBe(true);
    expect((await library().find('mon modèle'))?.key).toBe(entry.key);
    // Again: the new one takes the place of the old.
    const again = await library().importFrom(sourceOf(files), { name: 'mon modèle' });
    expect((await library().list()).map(({ key }) => key)).toEqual([again.key]);
    storage.flip(`models/${again.key}/model.safetensors`, 10);
    await expect(bytesOf(await library().open(again.key), 'model.safetensors')).rejects.toThrow(/imported from files: import it again/);
    expect(hub.log).toEqual([]);
  });

  it('refuses truncated and wrong files before anything is copied', async () => {
    const cut = { ...files, 'model.safetensors': files['model.safetensors']!.subarray(0, 600_000) };
    await expect(library().importFrom(sourceOf(cut))).rejects.toBeInstanceOf(ModelFileError);
    const { 'tokenizer.json': _, ...without } = files;
    await expect(library().importFrom(sourceOf(without))).rejects.toThrow(/tokenizer\.json/);
    expect([storage.usedBytes, await library().list()]).toEqual([0, []]);
  });

  it('an export imported elsewhere is the same entry, read by anyone else as a plain model', async () => {
    const entry = await library().pull(id);
    const { written, sink } = folderSink();
    await library().export(entry.key, sink);
    expect(Object.keys(written).at(-1)).toBe('manifest.json');
    const other = new MemoryStorage();
    const imported = await library({ storage: other, online: false }).importFrom(sourceOf(written));
    expect(imported).toMatchObject({
      key: entry.key,
      name: id,
      origin: entry.origin,
      dtype: 'q4',
      licence: 'apache-2.0',
      announced: false,
    });
    // A broken part of it is mended from the hub, as at its first home.
    other.flip(`models/${imported.key}/model.safetensors`, 70_000);
    expect((await library({ storage: other }).check(imported.key)).state).toBe('ready');

    const broken = { ...written, 'model.safetensors': Uint8Array.from(written['model.safetensors']!) };
    broken['model.safetensors'][200_000]! ^= 4;
    const third = new MemoryStorage();
    await expect(library({ storage: third }).importFrom(sourceOf(broken))).rejects.toThrow(
      /differs from what its manifest.json says, bytes 196608 to/,
    );
    expect(third.usedBytes).toBe(0);
  });

  it('does not believe a manifest that claims another hub', async () => {
    const entry = await library().pull(id);
    const { written, sink } = folderSink();
    await library().export(entry.key, sink);
    const other = new MemoryStorage();
    const imported = await library({ storage: other, hub: 'https://hub.invalid' }).importFrom(sourceOf(written));
    expect(imported.origin).toEqual({ kind: 'files', name: id });
  });

  it('keeps codes as they are, and leaves nothing of an import that was cut off', async () => {
    const q4 = await modelFilesOf('quantised-q4');
    const entry = await library().importFrom(sourceOf(q4), { name: 'codes' });
    expect(entry.dtype).toBe('q4');
    expect((await bytesOf(await library().open(entry.key), 'model.safetensors')).equals(q4['model.safetensors']!)).toBe(true);
    await library().remove(entry.key);
    const stop = new AbortController();
    storage.fault = ({ kind, path }) => {
      if (kind === 'write' && path.endsWith('model.safetensors')) stop.abort();
    };
    await expect(library().importFrom(sourceOf(files), { signal: stop.signal })).rejects.toMatchObject({ name: 'AbortError' });
    storage.fault = null;
    expect([storage.usedBytes, await library().list()]).toEqual([0, []]);
  });
});

it('does not see what others keep in the same place, and does not remove it', async () => {
  storage.put('models/somebody/config.json', Uint8Array.of(1));
  storage.put('models/notes.txt', Uint8Array.of(1));
  storage.put('pulls/readme.txt', Uint8Array.of(1));
  const entry = await library().pull(id);
  expect((await library().list()).map(({ key }) => key)).toEqual([entry.key]);
  await expect(library().remove('somebody')).rejects.toBeInstanceOf(ModelSourceError);
  await expect(library().remove('../models')).rejects.toBeInstanceOf(ModelSourceError);
  await library().remove(entry.key);
  expect(storage.usedBytes).toBe(3);
});
