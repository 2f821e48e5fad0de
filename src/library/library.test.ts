import { describe, expect, it } from 'vitest';
import { ConfigError, ModelSourceError, StorageFullError } from '../errors.ts';
import { modelFiles } from '../quantize/copy.ts';
import { quantizedSource } from '../quantize/quantized-source.ts';
import { HubServer } from '../testing/hub-server.ts';
import { bytesOf, chunkBytes, id, libraryPlace } from '../testing/library-place.ts';
import { MemoryStorage } from '../testing/memory-storage.ts';
import { modelFilesOf, sourceOf } from '../testing/model-files.ts';
import { sentenceSource } from '../testing/sentence-fixture.ts';
import type { Progress } from '../types.ts';
import type { LibraryModel } from './types.ts';

const place = libraryPlace('published-bf16');

/** Bytes of files that were asked of the network. */
const fetchedBytes = () => place.hub.log.reduce((sum, request) => sum + request.sentBytes, 0);

describe('a pull', () => {
  it('fetches, verifies, converts and keeps a model; then it is read without the network', async () => {
    const told: Progress[] = [];
    const entry = await place.library().pull(id, { onProgress: progress => told.push(progress) });
    expect(entry).toMatchObject({ name: id, state: 'ready', dtype: 'q4', licence: 'apache-2.0', announced: true, download: null });
    expect(entry.origin).toMatchObject({
      kind: 'hub',
      hub: place.hub.url,
      id,
      revision: 'main',
      commit: expect.stringMatching(/^[0-9a-f]{40}$/),
    });
    // Exactly what converting the originals gives, and nothing is left beside it.
    const expected = await bytesOf(await quantizedSource(sourceOf(place.files), { dtype: 'q4' }), 'model.safetensors');
    expect((await bytesOf(await place.library().open(entry.key), 'model.safetensors')).equals(expected)).toBe(true);
    expect([await place.storage.list('downloads'), await place.storage.list('pulls')]).toEqual([[], []]);
    expect(place.storage.usedBytes).toBeLessThan(entry.bytes + 10_000);
    expect(place.storage.persisted).toBe(true);

    const overall = told.map(progress => progress.overall ?? 0);
    expect(overall.every((value, i) => i === 0 || value >= (overall[i - 1] ?? 0))).toBe(true);
    expect(overall.at(-1)).toBe(1);
    expect(new Set(told.map(progress => progress.stage))).toEqual(new Set(['download', 'verify', 'quantize']));

    const before = place.hub.log.length;
    const offline = place.library({ online: false });
    expect(await offline.pull(id)).toEqual(entry);
    expect(await offline.find(id)).toEqual(entry);
    const source = await offline.open(entry.key);
    for (const path of ['config.json', 'tokenizer.json', 'README.md'])
      expect((await bytesOf(source, path)).equals(place.files[path]!)).toBe(true);
    expect(await source.has('vocab.txt')).toBe(false);
    expect(place.hub.log.length).toBe(before);
  });

  it('keeps originals where they were downloaded, without a second copy', async () => {
    const total = Object.values(place.files).reduce((sum, bytes) => sum + bytes.length, 0);
    place.storage.quotaBytes = total + 2.2 * 2 ** 20;
    const entry = await place.library().pull(id, { dtype: 'original' });
    expect(entry).toMatchObject({ dtype: 'original', bytes: total });
    expect((await bytesOf(await place.library().open(entry.key), 'model.safetensors')).equals(place.files['model.safetensors']!)).toBe(
      true,
    );
    expect((await place.storage.list(`models/${entry.key}`)).sort()).toEqual([...Object.keys(place.files), 'manifest.json'].sort());
  });

  it('keeps each format and commit as an entry of its own; update asks the hub', async () => {
    const [q4, q8] = [await place.library().pull(id), await place.library().pull(id, { dtype: 'q8' })];
    expect(q8.key).not.toBe(q4.key);
    place.hub.publish(id, { ...place.files, 'README.md': 'changed' });
    expect((await place.library().pull(id)).key).toBe(q4.key);
    const updated = await place.library().pull(id, { update: true });
    expect(updated.key).not.toBe(q4.key);
    expect((await place.library().list()).map(entry => entry.key).sort()).toEqual([q4.key, q8.key, updated.key].sort());
    expect((await place.library().find(id, { dtype: 'q4' }))?.key).toBe(updated.key);
    const commit = q4.origin.kind === 'hub' ? (q4.origin.commit ?? '') : '';
    expect((await place.library().pull(`${id}@${commit.slice(0, 12)}`)).key).toBe(q4.key);
    await place.library().remove(q4.key);
    expect((await place.library().list()).map(entry => entry.key).sort()).toEqual([q8.key, updated.key].sort());
    expect(await place.storage.list(`models/${q4.key}`)).toEqual([]);
  });

  it('goes on after an abort anywhere, fetching and converting nothing twice, and gives the same bytes', async () => {
    const whole = new MemoryStorage();
    await place.library({ storage: whole }).pull(id);
    const expected = Object.fromEntries((await whole.list('models')).map(path => [path, whole.content(`models/${path}`)]));
    place.hub.log.length = 0;
    const weightBytes = place.files['model.safetensors']?.length ?? 0;
    let runs = 0;
    for (let stop = 3; ; stop += 7) {
      const pause = new AbortController();
      let writes = 0;
      place.storage.fault = ({ kind, path }) => {
        if (kind === 'write' && /safetensors/.test(path) && ++writes === stop) pause.abort();
      };
      runs++;
      const result = await place
        .library()
        .pull(id, { signal: pause.signal })
        .catch((error: unknown) => error);
      if (!(result instanceof Error)) break;
      expect(result).toMatchObject({ name: 'AbortError' });
      place.storage.crash();
      const [partial] = await place.library().list();
      expect(partial).toMatchObject({ state: 'partial', name: id, dtype: 'q4' });
      expect(partial?.download?.doneBytes).toBeLessThanOrEqual(partial?.download?.totalBytes ?? 0);
      expect(await place.library().find(id)).toEqual(partial);
      await expect(place.library().open(partial?.key ?? '')).rejects.toBeInstanceOf(ModelSourceError);
    }
    place.storage.fault = null;
    expect(runs).toBeGreaterThan(2);
    for (const path of await place.storage.list('models'))
      if (!path.endsWith('manifest.json'))
        expect(Buffer.from(place.storage.content(`models/${path}`)!).equals(Buffer.from(expected[path]!)), path).toBe(true);
    // Each run may lose what was in flight when it was stopped.
    const fetched = place.hub.fetched('model.safetensors').reduce((sum, [, sent]) => sum + sent, 0);
    expect(fetched).toBeLessThan(weightBytes + runs * 5 * chunkBytes);
  });

  it('one that lost its lock touches nothing of what another made meanwhile, and answers with that', async () => {
    for (const dtype of ['q4', 'original'] as const) {
      place.storage = new MemoryStorage();
      let kept: Promise<LibraryModel> | undefined;
      let writes = 0;
      place.storage.fault = async ({ kind, path }) => {
        if (kind !== 'write' || !/safetensors/.test(path) || ++writes !== 4) return;
        // Stopped here, as a laptop that is closed: another process takes the lock over and finishes.
        place.storage.fault = null;
        place.storage.stealLocks();
        place.storage.closeAll();
        kept = place.library().pull(id, { dtype });
        await kept;
      };
      const entry = await place.library().pull(id, { dtype });
      expect(entry).toEqual(await kept);
      const expected = dtype === 'q4' ? await quantizedSource(sourceOf(place.files), { dtype }) : sourceOf(place.files);
      const read = await bytesOf(await place.library({ online: false }).open(entry.key), 'model.safetensors');
      expect(read.equals(await bytesOf(expected, 'model.safetensors'))).toBe(true);
      expect((await place.library().list()).map(({ key, state }) => [key, state])).toEqual([[entry.key, 'ready']]);
    }
  });

  it('converts only what is missing after a reload in the middle of it', async () => {
    const pause = new AbortController();
    let kept = 0;
    place.storage.fault = ({ kind, path }) => {
      if (kind === 'write' && path.startsWith('models/') && ++kept === 6) pause.abort();
    };
    await expect(place.library().pull(id, { signal: pause.signal })).rejects.toMatchObject({ name: 'AbortError' });
    place.storage.fault = null;
    place.storage.crash();
    const [before, log] = [place.hub.log.length, place.storage.log.length];
    const entry = await place.library().pull(id);
    expect(place.hub.fetched('model.safetensors', before)).toEqual([]);
    const again = place.storage.log.slice(log).filter(({ kind, path }) => kind === 'write' && path.endsWith('model.safetensors'));
    const size = (
      await place
        .library()
        .open(entry.key)
        .then(source => source.open('model.safetensors'))
    ).sizeBytes;
    const all = Math.ceil(size / chunkBytes);
    expect(again.length).toBeLessThanOrEqual(all - 4);
    expect(again.length).toBeGreaterThan(0);
  });

  it('asks for room before anything large is fetched, and says how much it needs', async () => {
    place.storage.quotaBytes = 1_000_000;
    const error: unknown = await place
      .library()
      .pull(id)
      .catch((thrown: unknown) => thrown);
    expect(error).toBeInstanceOf(StorageFullError);
    const total = Object.values(place.files).reduce((sum, bytes) => sum + bytes.length, 0);
    const { neededBytes, freeBytes } = (error as StorageFullError).details;
    expect(freeBytes).toBe(1_000_000);
    place.storage.quotaBytes = Number.POSITIVE_INFINITY;
    const entry = await place.library().pull(id);
    expect(Math.abs((neededBytes as number) - total - entry.bytes)).toBeLessThan(20_000);
    expect(fetchedBytes()).toBeLessThan(total + 200_000);
    expect((await place.library().list()).length).toBe(1);
  });

  it('stops where the place is full in the middle, keeps what it has, and goes on when there is room', async () => {
    place.storage.fault = ({ kind, path, start }) => {
      if (kind === 'write' && path.startsWith('models/') && start === 2 * chunkBytes) place.storage.quotaBytes = place.storage.usedBytes;
    };
    await expect(place.library().pull(id)).rejects.toBeInstanceOf(StorageFullError);
    expect((await place.library().list())[0]).toMatchObject({ state: 'partial', name: id });
    place.storage.fault = null;
    // Still full: said before any work.
    await expect(place.library().pull(id)).rejects.toMatchObject({ details: { freeBytes: 0, neededBytes: expect.any(Number) } });
    place.storage.quotaBytes = Number.POSITIVE_INFINITY;
    const before = place.hub.log.length;
    expect((await place.library().pull(id)).state).toBe('ready');
    expect(place.hub.fetched('model.safetensors', before)).toEqual([]);
  });

  it('takes a model in shards, and keeps it as one file or as it is', async () => {
    const shards = await modelFilesOf('sharded-f32');
    const total = Object.keys(shards).filter(path => path.endsWith('.safetensors')).length;
    place.hub.publish('almanach/shards', shards);
    const [q8, original] = [
      await place.library().pull('almanach/shards', { dtype: 'q8' }),
      await place.library().pull('almanach/shards', { dtype: 'original' }),
    ];
    const weights = async (key: string) => (await place.storage.list(`models/${key}`)).filter(path => path.includes('safetensors'));
    expect(await weights(q8.key)).toEqual(['model.safetensors']);
    expect(await weights(original.key)).toHaveLength(total + 1);
    const expected = await bytesOf(await quantizedSource(sourceOf(shards), { dtype: 'q8' }), 'model.safetensors');
    expect((await bytesOf(await place.library().open(q8.key), 'model.safetensors')).equals(expected)).toBe(true);
    // From what is kept as it was: the same model.
    const again = await quantizedSource(await place.library().open(original.key), { dtype: 'q8' });
    expect((await bytesOf(again, 'model.safetensors')).equals(expected)).toBe(true);
  });

  it('fetches and keeps every part of a sentence-transformers folder, wherever its transformer lies', async () => {
    for (const [name, weights] of [
      ['dense-tanh', 'model.safetensors'],
      ['folder', '0_Transformer/model.safetensors'],
    ] as const) {
      const source = sentenceSource(name);
      const paths = await modelFiles(source);
      const files = await Promise.all(paths.map(async path => [path, await bytesOf(source, path)] as const));
      place.hub.publish('team/sentences', Object.fromEntries(files));
      const library = place.library();
      const { key } = await library.pull('team/sentences', { dtype: 'q8', update: true });
      const kept = await library.open(key);
      expect(await modelFiles(kept)).toEqual(expect.arrayContaining(paths));
      for (const path of paths.filter(each => each !== weights)) expect(await bytesOf(kept, path)).toEqual(await bytesOf(source, path));
      expect(await bytesOf(kept, weights)).not.toEqual(await bytesOf(source, weights));
    }
  });

  it('refuses a model that it cannot run before fetching its weights, and leaves nothing', async () => {
    const config = JSON.parse(Buffer.from(place.files['config.json']!).toString()) as Record<string, unknown>;
    place.hub.publish(id, { ...place.files, 'config.json': JSON.stringify({ ...config, model_type: 'bert' }) });
    await expect(place.library().pull(id)).rejects.toBeInstanceOf(ConfigError);
    expect(place.hub.fetched('model.safetensors')).toEqual([]);
    place.hub.publish(id, { ...place.files, 'tokenizer.json': '{"version":"1.0"}' });
    await expect(place.library().pull(id)).rejects.toThrow(/tokenizer/i);
    expect([place.storage.usedBytes, await place.library().list()]).toEqual([0, []]);
  });

  it('of two at once, one fetches and the other waits, says so, and finds it ready', async () => {
    const notices: string[] = [];
    const pulls = [1, 2].map(() =>
      place.library().pull(id, {
        onProgress: ({ notice }) => {
          if (notice) notices.push(notice);
        },
      }),
    );
    const [a, b] = await Promise.all(pulls);
    expect(a).toEqual(b);
    expect(notices).toEqual([expect.stringMatching(/^waiting: .*another tab/)]);
    const fetched = place.hub.fetched('tokenizer.json').reduce((sum, [, sent]) => sum + sent, 0);
    expect(fetched).toBe(place.files['tokenizer.json']?.length);
  });

  it('begins anew, and clears the old part, when the hub changed while it was paused', async () => {
    const pause = new AbortController();
    place.storage.fault = ({ kind, path }) => {
      if (kind === 'write' && path.startsWith('models/')) pause.abort();
    };
    await expect(place.library().pull(id, { signal: pause.signal })).rejects.toMatchObject({ name: 'AbortError' });
    place.storage.fault = null;
    const [old] = await place.library().list();
    place.hub.publish(id, { ...place.files, 'README.md': 'another' });
    const notices: (string | undefined)[] = [];
    const entry = await place.library().pull(id, { onProgress: ({ notice }) => notices.push(notice) });
    expect(entry.key).not.toBe(old?.key);
    expect(notices.filter(Boolean)).toEqual([expect.stringMatching(/has changed since its download was paused/)]);
    expect(await place.storage.list(`downloads/${old?.key}`)).toEqual([]);
    expect((await place.library().list()).map(({ key }) => key)).toEqual([entry.key]);
  });

  it('takes a page address and the folder of any static host; what is no name is said', async () => {
    const entry = await place.library().pull(`${place.hub.url}/${id}/tree/main`);
    expect(entry.name).toBe(id);
    const other = await HubServer.start({ api: false, redirects: false, announces: false });
    other.publish(id, place.files);
    const address = `${other.url}/${id}/resolve/main/`;
    const kept = await place.library().pull(`${address}config.json?token=secret`, { dtype: 'q8' });
    expect(kept).toMatchObject({ name: address, origin: { kind: 'url', address }, announced: false, licence: 'apache-2.0' });
    expect((await place.library().find(address, { dtype: 'q8' }))?.key).toBe(kept.key);
    for (const path of await place.storage.list('models'))
      if (path.endsWith('manifest.json')) expect(Buffer.from(place.storage.content(`models/${path}`)!).toString()).not.toContain('secret');
    await other.close();
    await expect(place.library().pull('not a name')).rejects.toThrow(/neither in the library/);
    await expect(place.library({ online: false }).pull('almanach/other')).rejects.toThrow(/not in the library.*HF_HUB_OFFLINE/);
  });

  it('gives the token to the hub only, and never stores it', async () => {
    place.hub.publish('almanach/secret', place.files, { access: 'private' });
    await expect(place.library().pull('almanach/secret')).rejects.toMatchObject({ details: { needsToken: true } });
    const entry = await place.library().pull('almanach/secret', { token: place.hub.token });
    expect(entry.state).toBe('ready');
    expect(place.hub.log.filter(request => request.host === 'cdn' && request.hadToken)).toEqual([]);
    for (const path of [...(await place.storage.list('models')).map(name => `models/${name}`)])
      expect(Buffer.from(place.storage.content(path)!).includes(place.hub.token)).toBe(false);
  });
});

it('does not see what others keep in the same place, and does not remove it', async () => {
  place.storage.put('models/somebody/config.json', Uint8Array.of(1));
  place.storage.put('models/notes.txt', Uint8Array.of(1));
  place.storage.put('pulls/readme.txt', Uint8Array.of(1));
  const entry = await place.library().pull(id);
  expect((await place.library().list()).map(({ key }) => key)).toEqual([entry.key]);
  await expect(place.library().remove('somebody')).rejects.toBeInstanceOf(ModelSourceError);
  await expect(place.library().remove('../models')).rejects.toBeInstanceOf(ModelSourceError);
  await place.library().remove(entry.key);
  expect(place.storage.usedBytes).toBe(3);
});
