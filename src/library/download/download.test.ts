import { createHash } from 'node:crypto';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { ModelSourceError } from '../../errors.ts';
import { describeHub } from '../../source/hub-describe.ts';
import type { RemoteModelInfo } from '../../source/remote.ts';
import { HubServer } from '../../testing/hub-server.ts';
import { MemoryStorage } from '../../testing/memory-storage.ts';
import { seeded } from '../../testing/seeded.ts';
import type { Progress } from '../../types.ts';
import { type DownloadOptions, download } from './download.ts';
import { downloadState, journalName, readJournal } from './journal.ts';

const id = 'almanach/Tiny-bio';
const chunkBytes = 16_384;
const weights = seeded(300_001, 7);
const model = {
  'config.json': '{"model_type":"modernbert"}',
  'tokenizer.json': seeded(40_000, 3),
  'README.md': '',
  'model.safetensors': weights,
};
const total = Object.values(model).reduce((sum, content) => sum + content.length, 0);

let hub: HubServer;
let storage: MemoryStorage;
beforeEach(async () => {
  hub = await HubServer.start();
  storage = new MemoryStorage();
});
afterEach(() => hub.close());

const fast: DownloadOptions = { chunkBytes, backoffMs: 1, connections: 3 };
const get = (remote: RemoteModelInfo, options: DownloadOptions = {}) => download(remote, storage, 'd', { ...fast, ...options });
const published = async (options: { token?: string } = {}) => {
  hub.publish(id, model);
  return describeHub(id, { hub: hub.url, ...options });
};
const expectWhole = () => {
  for (const [path, content] of Object.entries(model))
    expect(Buffer.from(storage.content(`d/${path}`) ?? []).equals(Buffer.from(content))).toBe(true);
};
const failure = (work: Promise<unknown>): Promise<Error & { details?: Record<string, unknown> }> =>
  work.then(
    () => Promise.reject(new Error('it should have failed')),
    (error: unknown) => error as Error,
  );

/** Bytes that the journal has, as intervals by file. */
async function keptIntervals(): Promise<Map<string, [number, number][]>> {
  const journal = await readJournal(storage, 'd');
  if (!journal || journal === 'damaged') throw new Error('no journal');
  return new Map(
    journal.files.map(file => {
      const whole = file.chunks.flatMap((hash, i): [number, number][] =>
        hash === null ? [] : [[i * file.chunkBytes, Math.min(file.sizeBytes, (i + 1) * file.chunkBytes)]],
      );
      const part = file.partial.map(({ chunk, bytes }): [number, number] => [chunk * file.chunkBytes, chunk * file.chunkBytes + bytes]);
      return [file.path, [...whole, ...part]];
    }),
  );
}

/** Asserts that since request `since` no byte was sent that was kept before it. */
function expectNothingTwice(kept: Map<string, [number, number][]>, since: number): void {
  for (const [path, intervals] of kept) {
    for (const [start, sent] of hub.fetched(path, since)) {
      for (const [from, to] of intervals)
        expect(Math.min(to, start + sent) - Math.max(from, start), `${path} ${start}+${sent}`).toBeLessThanOrEqual(0);
    }
  }
}

describe('a download', () => {
  it('brings every file, verified, each byte once, without a word to the storage behind the hub', async () => {
    const told: Progress[] = [];
    const result = await get(await published(), { onProgress: progress => told.push(progress) });
    expectWhole();
    expect(result).toMatchObject({ announced: true, fetchedBytes: total });
    const large = result.files.at(-1);
    expect(large).toMatchObject({ path: 'model.safetensors', sizeBytes: weights.length, chunkBytes });
    expect(large?.sha256).toBe(createHash('sha256').update(weights).digest('hex'));
    expect(large?.chunks[1]).toBe(
      createHash('sha256')
        .update(weights.subarray(chunkBytes, 2 * chunkBytes))
        .digest('hex'),
    );
    expect(
      Object.keys(model)
        .flatMap(path => hub.fetched(path))
        .reduce((sum, [, sent]) => sum + sent, 0),
    ).toBe(total);
    // What people see: totals from the start, never falling, first the download, then the check.
    expect(told[0]).toMatchObject({ stage: 'download', done: 0, total });
    expect(told.every(progress => progress.total === total)).toBe(true);
    const stages = told.map(progress => progress.stage);
    expect(stages.lastIndexOf('download')).toBeLessThan(stages.indexOf('verify'));
    expect(told.filter(p => p.stage === 'download').at(-1)?.done).toBe(total);
    expect(told.at(-1)).toMatchObject({ stage: 'verify', done: total });
  });

  it('fetches nothing when all is there, and finds files that were removed', async () => {
    const remote = await published();
    await get(remote);
    storage.put('d/old-shard.safetensors', seeded(10, 1));
    expect((await get(remote)).fetchedBytes).toBe(0);
    expect(storage.content('d/old-shard.safetensors')).toBeNull();
    expect(await downloadState(storage, 'd')).toEqual({ name: id, commit: remote.commit, doneBytes: total, totalBytes: total });
    await storage.remove('d/tokenizer.json');
    expect((await get(remote)).fetchedBytes).toBe(40_000);
    expectWhole();
  });

  it('keeps so many requests in flight, and no more', async () => {
    const remote = await published();
    let [now, most] = [0, 0];
    const counting: typeof fetch = async (...args) => {
      most = Math.max(most, ++now);
      const response = await fetch(...args);
      return new Response(response.body?.pipeThrough(new TransformStream({ flush: () => void now-- })), response);
    };
    await get(remote, { connections: 2, fetch: counting });
    expectWhole();
    expect(most).toBe(2);
  });

  it('goes on after a cut at each of 20 places, and no byte that is kept is fetched again', async () => {
    const remote = await published();
    const random = seeded(20, 11);
    for (let place = 0; place < 20; place++) {
      storage = new MemoryStorage();
      // The four requests for small files, then those for the weights, each cut somewhere else.
      const isSmall = place < 4;
      const cutAfter = isSmall ? (random[place] ?? 0) % 27 : (random[place] ?? 0) * 64;
      hub.fault({ on: ({ route }) => route === (isSmall ? 'cache' : 'object'), skip: isSmall ? place : place - 4, times: 1, cutAfter });
      await failure(get(remote, { attempts: 1 }));
      hub.clearFaults();
      const kept = await keptIntervals();
      const state = await downloadState(storage, 'd');
      const since = hub.log.length;
      const { fetchedBytes } = await get(remote);
      expectWhole();
      expectNothingTwice(kept, since);
      expect(fetchedBytes).toBe(total - (state?.doneBytes ?? 0));
    }
  });

  it('goes on by itself after cuts, from where each broke off', async () => {
    const remote = await published();
    hub.fault({ on: request => request.route === 'object', times: 12, cutAfter: 5000 });
    await get(remote);
    expectWhole();
    const inside = hub.log.filter(request => request.route === 'object' && (request.range?.[0] ?? 0) % chunkBytes !== 0);
    expect(inside.length).toBeGreaterThan(0);
  });

  it('starts anew with a damaged journal, and says so', async () => {
    const remote = await published();
    await get(remote);
    for (const text of ['{"version":1', '{"version":1,"name":"x","commit":null,"files":[{"path":"../x"}]}', '[]']) {
      storage.put(`d/${journalName}`, Buffer.from(text));
      const notices: string[] = [];
      expect((await get(remote, { onProgress: ({ notice }) => notice && notices.push(notice) })).fetchedBytes).toBe(total);
      expect(notices.join()).toContain('damaged');
      expectWhole();
    }
  });

  it('needs a token for a private model, and shows it to the hub alone', async () => {
    hub.publish(id, model, { access: 'private' });
    const { token } = hub;
    const remote = await describeHub(id, { hub: hub.url, token });
    const without = await failure(get(remote));
    expect(without).toBeInstanceOf(ModelSourceError);
    expect(without.details).toMatchObject({ status: 401, needsToken: true });
    await get(remote, { token });
    expectWhole();
    const storageRequests = hub.log.filter(request => request.host === 'cdn');
    expect(storageRequests.length).toBeGreaterThan(10);
    expect(storageRequests.some(request => request.hadToken)).toBe(false);
    expect(hub.log.filter(request => request.route === 'resolve').some(request => request.hadToken)).toBe(true);
    const written = [...storage.log.map(entry => storage.content(entry.path))]
      .map(bytes => Buffer.from(bytes ?? []).toString('latin1'))
      .join();
    expect(written).not.toContain(token);
  });
});
