import { spawn, spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { chmod, mkdir, mkdtemp, readdir, readFile, rm, stat, utimes, writeFile } from 'node:fs/promises';
import { hostname, tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { StorageError, StorageFullError } from '../errors.ts';
import { sleep } from '../source/abort.ts';
import { MemoryStorage } from '../testing/memory-storage.ts';
import { storageContract } from '../testing/storage-contract.ts';
import { withLockFile } from './lock-file.ts';
import { FolderStorage } from './storage.ts';

const folders: string[] = [];
async function tempFolder(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'affinage-storage-'));
  folders.push(folder);
  return folder;
}
afterEach(async () => {
  vi.restoreAllMocks();
  for (const folder of folders.splice(0)) await rm(folder, { recursive: true, force: true });
});

describe('a folder', () => {
  storageContract(
    async () => new FolderStorage(join(await tempFolder(), 'not', 'yet')),
    storage => new FolderStorage(storage.name),
  );
});

describe('memory', () => {
  storageContract(async () => new MemoryStorage());
});

describe('a folder as a Storage', () => {
  it('makes nothing before something is written', async () => {
    const folder = await tempFolder();
    const storage = new FolderStorage(join(folder, 'cache'));
    await storage.list('models');
    await storage.size('models/x');
    expect((await storage.space()).freeBytes).toBeGreaterThan(0);
    expect(await readdir(folder)).toEqual([]);
  });

  it.runIf(process.platform === 'linux')('tells a full disk from a refusal, and names the place and the remedy', async () => {
    // A device that is always full.
    const storage = new FolderStorage('/dev');
    const full = await storage.open('full', 'write');
    const error: unknown = await full.write(0, new Uint8Array(10)).catch((thrown: unknown) => thrown);
    await full.close();
    expect(error).toBeInstanceOf(StorageFullError);
    expect(error).toMatchObject({ message: expect.stringMatching(/\/dev\/full cannot be written: the disk is full.*AFFINAGE_CACHE/) });

    const folder = await tempFolder();
    await writeFile(join(folder, 'file'), '');
    const refused: unknown = await new FolderStorage(join(folder, 'file')).open('models/x', 'write').catch((thrown: unknown) => thrown);
    expect(refused).toBeInstanceOf(StorageError);
    expect(refused).not.toBeInstanceOf(StorageFullError);
    expect(refused).toMatchObject({
      message: expect.stringMatching(/cannot be written \(E\w+: .*\)\. Check its permissions, or set AFFINAGE_CACHE/),
    });
  });

  it.runIf(process.getuid?.() !== 0)('reads from a folder that it may not write', async () => {
    const folder = await tempFolder();
    await mkdir(join(folder, 'models'));
    await writeFile(join(folder, 'models', 'x'), 'abc');
    await chmod(folder, 0o555);
    const storage = new FolderStorage(folder);
    expect(await storage.list('models')).toEqual(['x']);
    await expect(storage.lock('x', async () => 1)).rejects.toBeInstanceOf(StorageError);
    await chmod(folder, 0o755);
  });

  it('does not list, follow or count links', async () => {
    const folder = await tempFolder();
    const storage = new FolderStorage(folder);
    await storage.replace('models/a', Uint8Array.of(1));
    spawnSync('ln', ['-s', '/etc', join(folder, 'models', 'link')]);
    expect(await storage.list('models')).toEqual(['a']);
    expect((await storage.space()).usedBytes).toBe(1);
  });

  it('takes over the lock of a process that died, at once', async () => {
    const folder = await tempFolder();
    const storage = new FolderStorage(folder);
    // Another process takes the lock and is killed.
    const child = spawnSync(process.execPath, ['-e', 'console.log(process.pid)'], { encoding: 'utf8' });
    const deadPid = Number(child.stdout);
    await storage.lock('model x', async () => {
      const [file = ''] = await readdir(join(folder, 'locks'));
      await writeFile(join(folder, 'kept'), file);
    });
    const file = join(folder, 'locks', await readFile(join(folder, 'kept'), 'utf8'));
    await writeFile(file, JSON.stringify({ pid: deadPid, host: hostname(), token: 'dead' }));
    const started = performance.now();
    expect(await storage.lock('model x', async () => 1)).toBe(1);
    expect(performance.now() - started).toBeLessThan(2000);
    expect(await readdir(join(folder, 'locks'))).toEqual([]);
  });

  it('does not take over the lock of a living process or of another machine, however old its date', async () => {
    const folder = await tempFolder();
    const storage = new FolderStorage(folder);
    let file = '';
    await storage.lock('model x', async () => {
      file = join(folder, 'locks', (await readdir(join(folder, 'locks')))[0] ?? '');
    });
    const living = spawn(process.execPath, ['-e', 'setTimeout(() => {}, 60000)']);
    for (const holder of [
      { pid: living.pid, host: hostname(), token: 'lives' },
      { pid: 1, host: 'elsewhere', token: 'far' },
    ]) {
      await writeFile(file, JSON.stringify(holder));
      await utimes(file, new Date(0), new Date(0));
      expect(await storage.lock('model x', async () => 1, { ifAvailable: true })).toBeNull();
      await expect(storage.lock('model x', async () => 1, { signal: AbortSignal.timeout(150) })).rejects.toMatchObject({
        name: 'TimeoutError',
      });
    }
    living.kill();
  });

  it('takes over a lock of another machine once nobody has touched it for long enough, counted from when it was first seen', async () => {
    const folder = await tempFolder();
    const file = join(folder, `m-${createHash('sha256').update('m').digest('hex').slice(0, 10)}.lock`);
    await writeFile(file, JSON.stringify({ pid: 1, host: 'elsewhere', token: 'far' }));
    await utimes(file, new Date(0), new Date(0));
    let touches = 0;
    // Its holder lives for a while and touches it; then it is gone.
    const timer = setInterval(() => {
      if (++touches === 4) clearInterval(timer);
      void utimes(file, new Date(), new Date());
    }, 100);
    const started = performance.now();
    const options = { staleMs: 300, failure: async (error: unknown) => error };
    expect(await withLockFile(folder, 'm', async () => readdir(folder), options)).toEqual([basename(file)]);
    expect(performance.now() - started).toBeGreaterThan(690);
    expect(touches).toBe(4);
    expect(await readdir(folder)).toEqual([]);
  });

  it('of many who find the same dead lock, one at a time gets it', async () => {
    const folder = await tempFolder();
    let file = '';
    await new FolderStorage(folder).lock('m', async () => {
      file = join(folder, 'locks', (await readdir(join(folder, 'locks')))[0] ?? '');
    });
    for (let round = 0; round < 3; round++) {
      await writeFile(file, JSON.stringify({ pid: 2 ** 22 + 5, host: hostname(), token: `dead ${round}` }));
      let holders = 0;
      await Promise.all(
        Array.from({ length: 6 }, () =>
          new FolderStorage(folder).lock('m', async () => {
            holders++;
            expect(holders).toBe(1);
            await sleep(2);
            holders--;
          }),
        ),
      );
    }
    expect(await readdir(join(folder, 'locks'))).toEqual([]);
  });

  it('gives files the modes that the user asks of all files', async () => {
    const folder = await tempFolder();
    const storage = new FolderStorage(folder);
    await storage.replace('models/a/manifest.json', Uint8Array.of(1));
    await (await storage.open('models/a/w', 'write')).close();
    const mask = process.umask();
    for (const name of ['manifest.json', 'w']) expect((await stat(join(folder, 'models/a', name))).mode & 0o777).toBe(0o666 & ~mask);
  });
});
