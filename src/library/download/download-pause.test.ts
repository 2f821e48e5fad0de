/** Paused, killed and resumed at any moment: the result is whole, and what was kept is not fetched again. */
import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { describeHub } from '../../source/hub-describe.ts';
import type { RemoteModelInfo } from '../../source/remote.ts';
import { HubServer } from '../../testing/hub-server.ts';
import { MemoryStorage, type StorageOperation } from '../../testing/memory-storage.ts';
import { seeded } from '../../testing/seeded.ts';
import { download } from './download.ts';
import { downloadState } from './journal.ts';

const id = 'almanach/Tiny-bio';
const model = { 'config.json': '{}', 'tokenizer.json': seeded(9000, 3), 'model.safetensors': seeded(60_001, 7) };
const total = Object.values(model).reduce((sum, content) => sum + content.length, 0);

let hub: HubServer;
let remote: RemoteModelInfo;
beforeEach(async () => {
  hub = await HubServer.start();
  hub.publish(id, model);
  remote = await describeHub(id, { hub: hub.url });
});
afterEach(() => hub.close());

const get = (storage: MemoryStorage, signal?: AbortSignal) =>
  download(remote, storage, 'd', { chunkBytes: 4096, backoffMs: 1, connections: 3, signal });
const expectWhole = (storage: MemoryStorage) => {
  for (const [path, content] of Object.entries(model))
    expect(Buffer.from(storage.content(`d/${path}`) ?? []).equals(Buffer.from(content))).toBe(true);
};

describe('pausing', () => {
  it('at any operation of the storage or any request, several times over', async () => {
    const pauses = fc.array(fc.record({ at: fc.nat(60), where: fc.constantFrom('storage', 'network') }), { minLength: 1, maxLength: 4 });
    await fc.assert(
      fc.asyncProperty(pauses, async list => {
        const storage = new MemoryStorage();
        let kept = 0;
        for (const { at, where } of list) {
          const controller = new AbortController();
          const reason = new DOMException('paused by the reader', 'AbortError');
          let left = at;
          const tick = () => {
            if (left-- === 0) controller.abort(reason);
          };
          if (where === 'storage') storage.fault = tick;
          const end =
            where === 'network' ? hub.fault({ on: () => true, times: 1, skip: at, run: () => controller.abort(reason) }) : () => {};
          const outcome = await get(storage, controller.signal).then(
            result => result.fetchedBytes,
            (error: unknown) => error,
          );
          storage.fault = null;
          end();
          const state = await downloadState(storage, 'd');
          if (typeof outcome === 'number') expect(outcome).toBe(total - kept);
          // The reason itself comes back.
          else expect(outcome).toBe(reason);
          // What was kept stays kept.
          expect(state?.doneBytes ?? 0).toBeGreaterThanOrEqual(kept);
          kept = state?.doneBytes ?? 0;
        }
        expect((await get(storage)).fetchedBytes).toBe(total - kept);
        expectWhole(storage);
      }),
      { seed: 20261122, numRuns: 25 },
    );
  });

  it('stops at once, also in the middle of a wait, and starts nothing when it was aborted before', async () => {
    const storage = new MemoryStorage();
    hub.fault({ status: 503 });
    const started = performance.now();
    const waiting = download(remote, storage, 'd', { chunkBytes: 4096, backoffMs: 20_000, signal: AbortSignal.timeout(100) });
    await expect(waiting).rejects.toMatchObject({ name: 'TimeoutError' });
    expect(performance.now() - started).toBeLessThan(3000);
    const asked = hub.log.length;
    await expect(get(storage, AbortSignal.abort())).rejects.toMatchObject({ name: 'AbortError' });
    expect(hub.log).toHaveLength(asked);
  });
});

describe('a crash', () => {
  it('of the process at any write loses nothing that the journal had; a loss of power may, and never leaves a wrong byte', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.nat(50),
        fc.constantFrom<StorageOperation['kind']>('write', 'replace', 'flush'),
        fc.boolean(),
        async (at, kind, power) => {
          const storage = new MemoryStorage();
          let left = at;
          let dead = false;
          storage.fault = operation => {
            if (operation.kind === kind && left-- === 0) dead = true;
            // Nothing works any more, for anyone.
            if (dead) throw new Error('nothing works any more');
          };
          await get(storage).catch(() => {});
          storage.fault = null;
          // What the system had not put on its disk yet is gone with the power alone.
          if (power) storage.crash();
          const state = await downloadState(storage, 'd');
          const { fetchedBytes } = await get(storage);
          if (power) expect(fetchedBytes).toBeLessThanOrEqual(total);
          else expect(fetchedBytes).toBe(total - (state?.doneBytes ?? 0));
          expectWhole(storage);
        },
      ),
      { seed: 3, numRuns: 25 },
    );
  });

  it('writes the journal while it runs, not only when it ends', async () => {
    const storage = new MemoryStorage();
    hub.fault({ bytesPerSecond: 20_000 });
    const controller = new AbortController();
    const running = get(storage, controller.signal).catch(() => {});
    await new Promise(resolve => setTimeout(resolve, 1500));
    storage.crash();
    expect((await downloadState(storage, 'd'))?.doneBytes).toBeGreaterThan(10_000);
    controller.abort();
    await running;
  });
});
