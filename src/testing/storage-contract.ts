/** What every Storage must do: one set of tests, run over each. */
import { expect, it } from 'vitest';
import { StorageError } from '../errors.ts';
import type { Storage } from '../library/keeping/storage.ts';
import { sleep } from '../source/abort.ts';

const bytes = (...values: number[]) => Uint8Array.from(values);

async function write(storage: Storage, path: string, content: Uint8Array<ArrayBuffer>, at = 0): Promise<void> {
  const file = await storage.open(path, 'write');
  await file.write(at, content);
  await file.flush();
  await file.close();
}

async function read(storage: Storage, path: string): Promise<number[]> {
  const file = await storage.open(path, 'read');
  try {
    return [...(await file.read(0, await file.size()))];
  } finally {
    await file.close();
  }
}

/** `fresh`: an empty one for each test; `again`: the same place opened by another tab or process, where there is such a thing. */
export function storageContract(fresh: () => Promise<Storage>, again?: (storage: Storage) => Storage): void {
  it('writes at positions, fills gaps with zeros, overwrites, truncates, reads ranges', async () => {
    const storage = await fresh();
    await write(storage, 'a/b/c.bin', bytes(1, 2, 3));
    await write(storage, 'a/b/c.bin', bytes(9), 5);
    expect(await read(storage, 'a/b/c.bin')).toEqual([1, 2, 3, 0, 0, 9]);
    const file = await storage.open('a/b/c.bin', 'write');
    await file.write(1, bytes(7, 8));
    expect([...(await file.read(0, 4))]).toEqual([1, 7, 8, 0]);
    expect([...(await file.read(2, 2))]).toEqual([]);
    await file.truncate(2);
    expect(await file.size()).toBe(2);
    await file.flush();
    await file.close();
    await file.close();
    expect(await read(storage, 'a/b/c.bin')).toEqual([1, 7]);
    expect(await storage.size('a/b/c.bin')).toBe(2);
  });

  it('keeps what was there when a file is opened for writing, and makes an empty file', async () => {
    const storage = await fresh();
    await write(storage, 'x', bytes(1, 2));
    await (await storage.open('x', 'write')).close();
    expect(await read(storage, 'x')).toEqual([1, 2]);
    await (await storage.open('empty', 'write')).close();
    expect(await storage.size('empty')).toBe(0);
  });

  it('says what is not there: null, nothing, StorageError', async () => {
    const storage = await fresh();
    expect(await storage.size('no/such')).toBeNull();
    expect(await storage.list('no')).toEqual([]);
    await storage.remove('no/such');
    await expect(storage.open('no/such', 'read')).rejects.toBeInstanceOf(StorageError);
    await write(storage, 'x', bytes(1, 2));
    expect(await storage.list('x')).toEqual([]);
    expect(await storage.size('x/y')).toBeNull();
    const file = await storage.open('x', 'read');
    await expect(file.read(0, 3)).rejects.toBeInstanceOf(StorageError);
    await expect(file.read(5, 6)).rejects.toBeInstanceOf(StorageError);
    await file.close();
  });

  it('lists files below a folder, sorted, with / between; removes a file and a whole folder', async () => {
    const storage = await fresh();
    for (const path of ['m/k2/z', 'm/k1/b', 'm/k1/a', 'm/k1/d/e', 'other/f', 'mm']) await write(storage, path, bytes(1));
    expect(await storage.list('m')).toEqual(['k1/a', 'k1/b', 'k1/d/e', 'k2/z']);
    expect(await storage.list('m/k1')).toEqual(['a', 'b', 'd/e']);
    await storage.remove('m/k1/a');
    expect(await storage.list('m/k1')).toEqual(['b', 'd/e']);
    await storage.remove('m');
    expect([await storage.list('m'), await storage.size('mm'), await storage.list('other')]).toEqual([[], 1, ['f']]);
  });

  it('replaces a small file whole, and leaves nothing beside it', async () => {
    const storage = await fresh();
    await storage.replace('f/manifest.json', bytes(1, 2, 3, 4));
    await storage.replace('f/manifest.json', bytes(5));
    expect(await read(storage, 'f/manifest.json')).toEqual([5]);
    expect(await storage.list('f')).toEqual(['manifest.json']);
    // Whoever reads meanwhile sees one state or the other.
    await Promise.all([
      ...Array.from({ length: 8 }, (_, i) => storage.replace('f/manifest.json', new Uint8Array(1000).fill(i)).catch(() => {})),
    ]);
    const now = await read(storage, 'f/manifest.json');
    expect(now.every(value => value === now[0])).toBe(true);
    expect(await storage.list('f')).toEqual(['manifest.json']);
  });

  it('lets several read the same file at once', async () => {
    const storage = await fresh();
    await write(storage, 'x', bytes(1, 2, 3));
    const [a, b] = await Promise.all([storage.open('x', 'read'), storage.open('x', 'read')]);
    expect([[...(await a.read(0, 2))], [...(await b.read(1, 3))]]).toEqual([
      [1, 2],
      [2, 3],
    ]);
    await Promise.all([a.close(), b.close()]);
  });

  it('refuses every path that could leave its place', async () => {
    const storage = await fresh();
    for (const path of ['', '..', '../x', 'a/../../x', '/etc/passwd', 'a//b', 'a\\b', 'C:x', 'a/\0', './x']) {
      await expect(storage.open(path, 'write'), path).rejects.toThrow(/not a plain path/);
      await expect((async () => storage.remove(path))(), path).rejects.toThrow(/not a plain path/);
      await expect((async () => storage.replace(path, bytes(1)))(), path).rejects.toThrow(/not a plain path/);
    }
  });

  it('says what it has', async () => {
    const storage = await fresh();
    await write(storage, 'x', new Uint8Array(1000));
    const { usedBytes, freeBytes } = await storage.space();
    expect(usedBytes === null || usedBytes >= 1000).toBe(true);
    expect(freeBytes === null || freeBytes >= 0).toBe(true);
    expect(await storage.persist()).toBe((await storage.space()).persisted);
  });

  it('runs the holders of a lock one after another, also in another tab or process; other names do not wait', async () => {
    const storage = await fresh();
    const other = again?.(storage) ?? storage;
    const order: string[] = [];
    const hold = (where: Storage, name: string, what: string, ms: number) =>
      where.lock(name, async () => {
        order.push(`${what} in`);
        await sleep(ms);
        order.push(`${what} out`);
        return what;
      });
    const first = hold(storage, 'model x', 'a', 60);
    await sleep(20);
    const rest = [hold(other, 'model x', 'b', 5), hold(other, 'model y', 'c', 5)];
    expect(await other.lock('model x', async () => 1, { ifAvailable: true })).toBeNull();
    expect(await other.lock('model z', async () => 1, { ifAvailable: true })).toBe(1);
    expect(await Promise.all([first, ...rest])).toEqual(['a', 'b', 'c']);
    expect(order.filter(step => !step.startsWith('c'))).toEqual(['a in', 'a out', 'b in', 'b out']);
    expect(order.indexOf('c in')).toBeLessThan(order.indexOf('a out'));
  });

  it('lets go of a lock when the work fails, and stops waiting when asked to', async () => {
    const storage = await fresh();
    await expect(storage.lock('x', () => Promise.reject(new RangeError('no')))).rejects.toThrow('no');
    const stop = new AbortController();
    let letGo = () => {};
    const held = storage.lock('x', () => new Promise<void>(resolve => (letGo = resolve)));
    await sleep(10);
    const waiting = storage.lock('x', async () => 1, { signal: stop.signal });
    setTimeout(() => stop.abort(), 20);
    await expect(waiting).rejects.toMatchObject({ name: 'AbortError' });
    letGo();
    await held;
    expect(await storage.lock('x', async () => 2)).toBe(2);
  });
}
