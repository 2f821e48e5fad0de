/** Hosts, networks and disks that misbehave. */
import { createHash } from 'node:crypto';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { ModelFileError, ModelSourceError, StorageError, StorageFullError } from '../../errors.ts';
import { describeHub } from '../../source/hub-describe.ts';
import type { RemoteModelInfo } from '../../source/remote.ts';
import { files, testServer } from '../../testing/http-server.ts';
import { type HubFault, HubServer } from '../../testing/hub-server.ts';
import { MemoryStorage } from '../../testing/memory-storage.ts';
import { seeded } from '../../testing/seeded.ts';
import { type DownloadOptions, download } from './download.ts';
import { downloadState } from './journal.ts';

const id = 'almanach/Tiny-bio';
const chunkBytes = 16_384;
const weights = seeded(100_001, 7);
const model = { 'config.json': '{"model_type":"modernbert"}', 'tokenizer.json': seeded(20_000, 3), 'model.safetensors': weights };
const total = Object.values(model).reduce((sum, content) => sum + content.length, 0);
const sha256 = (bytes: Uint8Array | string) => createHash('sha256').update(bytes).digest('hex');

let hub: HubServer;
let storage: MemoryStorage;
let notices: string[];
beforeEach(async () => {
  hub = await HubServer.start();
  hub.publish(id, model);
  storage = new MemoryStorage();
  notices = [];
});
afterEach(() => hub.close());

const get = (remote: RemoteModelInfo, options: DownloadOptions = {}) =>
  download(remote, storage, 'd', {
    chunkBytes,
    backoffMs: 1,
    connections: 3,
    onProgress: ({ notice }) => notice && notices.push(notice),
    ...options,
  });
const described = (options: { token?: string } = {}) => describeHub(id, { hub: hub.url, ...options });
const same = (path: string, content: string | Uint8Array) => Buffer.from(storage.content(`d/${path}`) ?? []).equals(Buffer.from(content));
const expectWhole = (expected: Record<string, string | Uint8Array> = model) => {
  for (const [path, content] of Object.entries(expected)) expect(same(path, content), path).toBe(true);
};
const failure = (work: Promise<unknown>): Promise<Error & { details?: Record<string, unknown> }> =>
  work.then(
    () => Promise.reject(new Error('it should have failed')),
    (error: unknown) => error as Error,
  );

describe('a host that misbehaves for a while', () => {
  it.each<[string, HubFault | (() => HubFault)]>([
    ['500', { times: 3, status: 500 }],
    ['a 429 that says how long in seconds', { times: 1, status: 429, headers: { 'Retry-After': '1' } }],
    [
      'a 429 that says until when',
      () => ({ times: 1, status: 429, headers: { 'Retry-After': new Date(Date.now() + 1500).toUTCString() } }),
    ],
    ['a 416 for a part that is there', { times: 2, status: 416 }],
    ['a length too long', { times: 2, contentLengthBy: 1000 }],
    ['a length too short', { times: 2, contentLengthBy: -1000 }],
    ['another part', { times: 2, headers: { 'Content-Range': 'bytes 5-16388/100001' } }],
    ['another size', { times: 2, headers: { 'Content-Range': 'bytes 0-16383/99999' } }],
    ['the whole file instead of a part', { times: 1, ignoreRange: true }],
    ['silence in the middle', { times: 1, stallAfter: 3000 }],
  ])('%s', async (_, fault) => {
    const remote = await described();
    hub.fault({ on: request => request.route === 'object', skip: 1, ...(typeof fault === 'function' ? fault() : fault) });
    await get(remote, { stallMs: 1000 });
    expectWhole();
    expect(hub.fetched('model.safetensors').reduce((sum, [, sent]) => sum + sent, 0)).toBeLessThan(3 * weights.length);
  });

  it('waits as long as it is told to, and says so', async () => {
    const remote = await described();
    hub.fault({ on: request => request.route === 'resolve', times: 1, status: 429, headers: { RateLimit: '"resolvers";r=0;t=1' } });
    const started = performance.now();
    await get(remote, { connections: 1 });
    expect(performance.now() - started).toBeGreaterThan(1900);
    expect(notices.join()).toContain('waiting 2 s: status 429');
    expectWhole();
  });

  it('asks the hub again when a signed address has expired', async () => {
    const remote = await described();
    let expired = 0;
    // The address is used up between the redirect and the request that follows it.
    hub.fault({ on: request => request.route === 'object', skip: 1, times: 2, run: () => hub.expireAddresses() });
    await get(remote, { connections: 1, onWait: (_, reason) => void (reason.includes('403') && expired++) });
    expect(expired).toBe(2);
    expectWhole();
  });

  it('gives up with a clear word, and can go on later', async () => {
    const remote = await described();
    const end = hub.fault({ on: request => request.route === 'object', skip: 2, status: 503 });
    const error = await failure(get(remote, { attempts: 2 }));
    expect(error).toBeInstanceOf(ModelSourceError);
    expect(error.message).toMatch(/failed on model\.safetensors .*\(503\) after 2 tries/);
    end();
    const state = await downloadState(storage, 'd');
    expect((await get(remote)).fetchedBytes).toBe(total - (state?.doneBytes ?? 0));
    expectWhole();
  });

  it('names a file that is gone, and a sign-in page', async () => {
    const remote = await described();
    const end = hub.fault({ on: request => request.route === 'object', status: 404 });
    expect((await failure(get(remote))).message).toMatch(/model\.safetensors is not there \(404\)/);
    end();
    hub.fault({ on: request => request.route === 'object', status: 200, headers: { 'Content-Type': 'text/html' } });
    expect((await failure(get(remote))).message).toMatch(/web page of 127.* came instead of model\.safetensors.*sign in/);
  });
});

describe('wrong bytes', () => {
  it.each([0, 20_000, 100_000])('a byte (%i) corrupted on the wire once is found and mended, with little fetched again', async at => {
    const remote = await described();
    const kept = (request: { route: string; range: [number, number | null] | null }) =>
      request.route === 'object' && (request.range?.[0] ?? 0) <= at && at < (request.range?.[1] ?? 0);
    hub.fault({ on: kept, times: 1, corrupt: at });
    const { fetchedBytes } = await get(remote);
    expectWhole();
    expect(notices.join()).toContain('does not have the announced hash');
    // Chunk by chunk up to the broken one, and that one once more.
    expect(fetchedBytes).toBeLessThanOrEqual(total + at + 2 * chunkBytes);
  });

  it('a small file too, by its git id', async () => {
    const remote = await described();
    hub.fault({ on: request => request.file === 'config.json' && request.route === 'cache', times: 1, corrupt: 3 });
    await get(remote);
    expectWhole();
  });

  it('a host whose bytes never have the hash that it announces: the file and both hashes are named, and nothing of it stays', async () => {
    const remote = await described();
    const end = hub.fault({ on: request => request.route === 'object', corrupt: 50_000 });
    const error = await failure(get(remote));
    expect(error).toBeInstanceOf(ModelFileError);
    const wrong = Uint8Array.from(weights);
    wrong[50_000] = (wrong[50_000] ?? 0) ^ 4;
    expect(error.details).toMatchObject({ path: 'model.safetensors', expected: sha256(weights), actual: sha256(wrong) });
    expect(error.message).toContain(sha256(wrong));
    end();
    expect((await get(remote)).fetchedBytes).toBe(weights.length);
    expectWhole();
  });

  it('every byte of a stored file, flipped in turn, is found when the download is opened again, and only its part comes anew', async () => {
    const tiny = { ...model, 'model.safetensors': seeded(257, 5), 'tokenizer.json': '{}' };
    hub.publish(id, tiny);
    const remote = await described();
    await get(remote, { chunkBytes: 64 });
    for (let at = 0; at < 257; at++) {
      storage.flip('d/model.safetensors', at, 1 << (at % 8));
      const since = hub.log.length;
      expect((await get(remote, { chunkBytes: 64 })).fetchedBytes).toBe(at < 256 ? 64 : 1);
      expect(hub.fetched('model.safetensors', since).map(([start]) => start)).toEqual([at - (at % 64)]);
    }
    // Found before anything was fetched, not by the hash of the whole file at the end.
    expect(notices).toEqual([]);
    expectWhole(tiny);
  });

  it('a disk that changes bytes between writing and reading back', async () => {
    const remote = await described();
    let done = false;
    storage.fault = ({ kind, path, start = 0, end = 0 }) => {
      if (done || kind !== 'read' || path !== 'd/model.safetensors' || start > 40_000 || end <= 40_000) return;
      done = true;
      storage.flip(path, 40_000);
    };
    expect((await get(remote)).fetchedBytes).toBe(total + chunkBytes);
    expectWhole();
  });
});

describe('a file that changes on the host', () => {
  it('at a commit nothing changes: a new commit in the middle of the download is not mixed in', async () => {
    const remote = await described();
    hub.fault({
      on: request => request.route === 'object',
      skip: 2,
      times: 1,
      run: () => hub.publish(id, { ...model, 'model.safetensors': seeded(100_001, 99) }),
    });
    await get(remote);
    expectWhole();
  });

  it('described again when resumed, unchanged files keep what they have, and others start anew with a word', async () => {
    const remote = await described();
    hub.fault({ on: request => request.route === 'object', skip: 4, times: 1, cutAfter: 100 });
    await failure(get(remote, { attempts: 1, connections: 1 }));
    const next = { ...model, 'tokenizer.json': seeded(20_000, 4) };
    hub.publish(id, next);
    const since = hub.log.length;
    await get(await described());
    expectWhole(next);
    expect(notices.join()).toMatch(/tokenizer\.json may have changed on the host/);
    expect(notices.join()).not.toMatch(/model\.safetensors changed/);
    expect(Math.min(...hub.fetched('model.safetensors', since).map(([start]) => start))).toBe(4 * chunkBytes + 100);
  });

  it('without a hash the ETag decides: an error, and then one version or the other, never both', async () => {
    const old = Object.fromEntries(Object.entries(model).map(([path, content]) => [`m/${path}`, content]));
    const changed = { ...old, 'm/model.safetensors': seeded(100_001, 99) };
    let version = 1;
    const server = await testServer((request, response) => {
      const weightsVersion = request.url?.endsWith('model.safetensors') ? version : 1;
      files(weightsVersion === 1 ? old : changed, { ETag: `"v${weightsVersion}"` })(request, response);
    });
    const describeIt = () => describeHub(`${server.url}m/`);
    const remote = await describeIt();
    const serve = server.handle;
    let parts = 0;
    server.handle = (request, response) => {
      if (request.url?.endsWith('model.safetensors') && ++parts === 4) version = 2;
      serve(request, response);
    };
    const error = await failure(get(remote));
    expect(error).toBeInstanceOf(ModelSourceError);
    expect(error.details).toMatchObject({ changed: true, path: 'model.safetensors' });
    const result = await get(await describeIt());
    expect(result.announced).toBe(false);
    expect(result.fetchedBytes).toBe(100_001);
    expect(same('model.safetensors', changed['m/model.safetensors'])).toBe(true);
    // And over two sessions.
    storage.flip('d/model.safetensors', 0);
    version = 1;
    await get(await describeIt());
    expect(same('model.safetensors', weights)).toBe(true);
    expect(notices.join()).toMatch(/model\.safetensors may have changed on the host/);
    await server.close();
  });

  it('a file that got shorter on a host without hashes', async () => {
    const server = await testServer(files(Object.fromEntries(Object.entries(model))));
    const remote = await describeHub(server.url);
    server.handle = files({ ...model, 'model.safetensors': weights.subarray(0, 50_000) });
    expect((await failure(get(remote))).details).toMatchObject({ changed: true });
    await server.close();
  });
});

describe('a host without ranges', () => {
  it('sends one stream, which goes on after a pause by skipping what is there, and says so', async () => {
    const remote = await described();
    hub.fault({ ignoreRange: true });
    const pauseAt = new AbortController();
    const paused = await failure(
      get(remote, {
        signal: pauseAt.signal,
        onProgress: ({ done, notice }) => {
          if (notice) notices.push(notice);
          if (done > 70_000) pauseAt.abort();
        },
        fetch: slowly,
      }),
    );
    expect(paused.name).toBe('AbortError');
    expect(notices.join()).toMatch(/model\.safetensors is only sent in full/);
    const state = await downloadState(storage, 'd');
    expect(state?.doneBytes).toBeGreaterThan(60_000);
    const writes = storage.log.length;
    await get(remote);
    expectWhole();
    const rewritten = storage.log.slice(writes).filter(({ kind, path }) => kind === 'write' && path === 'd/model.safetensors');
    expect(rewritten.reduce((sum, { start = 0, end = 0 }) => sum + end - start, 0)).toBeLessThan(
      total - (state?.doneBytes ?? 0) + chunkBytes,
    );
  });

  it('also when it is cut on the way, and when a byte is wrong', async () => {
    const remote = await described();
    hub.fault({ on: request => request.route === 'object', ignoreRange: true });
    hub.fault({ on: request => request.route === 'object', skip: 3, times: 2, ignoreRange: true, cutAfter: 60_000, corrupt: 30_000 });
    await get(remote);
    expectWhole();
  });
});

describe('a browser that may not send ranges to the storage', () => {
  it('fetches without them', async () => {
    const remote = await described();
    const noRanges: typeof fetch = (url, init) =>
      String(url).includes('safetensors') && new Headers(init?.headers).has('Range')
        ? Promise.reject(new TypeError('NetworkError when attempting to fetch resource.'))
        : fetch(url, init);
    hub.fault({ on: request => request.route === 'object', times: 1, cutAfter: 50_000 });
    await get(remote, { fetch: noRanges });
    expectWhole();
    expect(notices.join()).toMatch(/model\.safetensors is only sent in full/);
  });
});

/** Small pieces, so that progress is told in between. */
const slowly: typeof fetch = async (...args) => {
  const response = await fetch(...args);
  const cut = new TransformStream<Uint8Array, Uint8Array>({
    async transform(piece, controller) {
      for (let at = 0; at < piece.length; at += 4096) {
        controller.enqueue(piece.subarray(at, at + 4096));
        await new Promise(resolve => setTimeout(resolve, 12));
      }
    },
  });
  return new Response(response.body?.pipeThrough(cut), response);
};

describe('the place where it is kept', () => {
  it('says before it starts that the model does not fit', async () => {
    storage.quotaBytes = 50_000;
    const remote = await described();
    const asked = hub.log.length;
    const error = await failure(get(remote));
    expect(error).toBeInstanceOf(StorageFullError);
    expect(error.details).toMatchObject({ neededBytes: total, freeBytes: 50_000 });
    expect(hub.log).toHaveLength(asked);
  });

  it('full in the middle: the numbers come through, and the download can go on', async () => {
    const remote = await described();
    hub.fault({ on: request => request.route === 'object', skip: 3, times: 1, run: () => (storage.quotaBytes = storage.usedBytes + 10) });
    const error = await failure(get(remote, { connections: 1 }));
    expect(error).toBeInstanceOf(StorageFullError);
    expect(error.details).toMatchObject({ neededBytes: expect.any(Number), freeBytes: expect.any(Number) });
    storage.quotaBytes = Number.POSITIVE_INFINITY;
    const { fetchedBytes } = await get(remote);
    expectWhole();
    // Three parts of the weights were there; one was given up so that the journal found room.
    expect(fetchedBytes).toBeLessThanOrEqual(total - 20_000 - 2 * chunkBytes);
  });

  it('failing reads and writes come through as they are, and every file is closed', async () => {
    const remote = await described();
    for (const kind of ['open', 'write', 'flush', 'read', 'replace', 'list'] as const) {
      let left = 1;
      storage.fault = operation => {
        if (operation.kind === kind && left-- === 0) throw new StorageError(`the disk refuses to ${kind}`);
      };
      const error = await failure(get(remote)).catch(() => null);
      if (error) expect(error.message).toContain(`refuses to ${kind}`);
      storage.fault = null;
    }
    await get(remote);
    expectWhole();
  });
});
