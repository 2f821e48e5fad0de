import { spawn, spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { chmod, link, mkdir, mkdtemp, readdir, readFile, rm, stat, symlink, utimes, writeFile } from 'node:fs/promises';
import { hostname, tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { StorageError, StorageFullError } from '../errors.ts';
import { sleep } from '../source/abort.ts';
import { MemoryStorage } from '../testing/memory-storage.ts';
import { storageContract } from '../testing/storage-contract.ts';
import { withLockFile } from './lock-file.ts';
import { ownerPattern, ownerTag } from './owner.ts';
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

  it('does not list or count links', async () => {
    const folder = await tempFolder();
    const storage = new FolderStorage(folder);
    await storage.replace('models/a', Uint8Array.of(1));
    await symlink('/etc', join(folder, 'models', 'link'));
    expect(await storage.list('models')).toEqual(['a']);
    expect((await storage.space()).usedBytes).toBe(1);
  });

  it.each(['models', 'models/key', 'models/key/file'])(
    'a link at %s is refused by name, whatever is done with it, and what it leads to stays',
    async at => {
      const [folder, foreign] = [await tempFolder(), await tempFolder()];
      await writeFile(join(foreign, 'file'), 'mine');
      const rest = 'models/key/file'.slice(at.length + 1);
      if (rest === 'key/file') {
        await mkdir(join(foreign, 'key'));
        await writeFile(join(foreign, 'key', 'file'), 'mine');
      }
      await mkdir(join(folder, at, '..'), { recursive: true });
      await symlink(at.endsWith('file') ? join(foreign, 'file') : foreign, join(folder, at));
      const storage = new FolderStorage(folder);
      const path = 'models/key/file';
      const all: (() => Promise<unknown>)[] = [
        () => storage.open(path, 'write'),
        () => storage.open(path, 'read'),
        () => storage.replace(path, Uint8Array.of(1)),
        () => storage.remove(path),
        () => storage.size(path),
        () => storage.open('models/key/file/new', 'write'),
        ...(at.endsWith('file') ? [] : [() => storage.list(at), () => storage.remove(at)]),
      ];
      for (const work of all) {
        const error: unknown = await work().catch((thrown: unknown) => thrown);
        expect(error, String(work)).toBeInstanceOf(StorageError);
        expect((error as Error).message, String(work)).toContain(`${join(folder, at)} is a link`);
      }
      expect(await readFile(join(foreign, rest === 'key/file' ? 'key/file' : 'file'), 'utf8')).toBe('mine');
      // A folder that holds one is removed without what it leads to.
      if (at.endsWith('file')) await storage.remove('models/key');
      expect(await readFile(join(foreign, 'file'), 'utf8')).toBe('mine');
    },
  );

  it('the place itself may be a link; its folder of locks may not', async () => {
    const [folder, real] = [await tempFolder(), await tempFolder()];
    await symlink(real, join(folder, 'cache'));
    const storage = new FolderStorage(join(folder, 'cache'));
    await storage.replace('models/a', Uint8Array.of(1));
    expect(await readdir(join(real, 'models'))).toEqual(['a']);
    await symlink(folder, join(real, 'locks'));
    await expect(storage.lock('x', async () => 1)).rejects.toThrow(/locks is a link/);
  });

  it('does not write into a file that has a second name elsewhere, nor waits for a pipe', async () => {
    const folder = await tempFolder();
    await writeFile(join(folder, 'letter'), 'mine');
    await mkdir(join(folder, 'cache', 'models'), { recursive: true });
    await link(join(folder, 'letter'), join(folder, 'cache', 'models', 'a'));
    const storage = new FolderStorage(join(folder, 'cache'));
    await expect(storage.open('models/a', 'write')).rejects.toThrow(/second name/);
    // Replacing puts another file in the place of the name.
    await storage.replace('models/a', Uint8Array.of(1));
    expect(await readFile(join(folder, 'letter'), 'utf8')).toBe('mine');
    if (process.platform === 'win32') return;
    spawnSync('mkfifo', [join(folder, 'cache', 'models', 'pipe')]);
    for (const mode of ['read', 'write'] as const) await expect(storage.open('models/pipe', mode)).rejects.toThrow(/is no file/);
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

  it('one that names no process is taken over soon, and every wait says for whom', async () => {
    const folder = await tempFolder();
    const file = join(folder, `m-${createHash('sha256').update('m').digest('hex').slice(0, 10)}.lock`);
    const failure = async (error: unknown) => error;
    const told: string[] = [];
    await writeFile(file, 'garbage');
    const started = performance.now();
    expect(await withLockFile(folder, 'm', async () => 1, { failure, onWait: holder => told.push(holder) })).toBe(1);
    expect(performance.now() - started).toBeLessThan(5000);
    await writeFile(file, JSON.stringify({ pid: 7, host: 'else\u001bwhere', token: 'far' }));
    await withLockFile(folder, 'm', async () => 1, { failure, staleMs: 100, onWait: holder => told.push(holder) });
    expect(told).toEqual([`a lock that names no process: ${file}`, `process 7 of the machine "else\\u001bwhere", by ${file}`]);
  });

  it('one whose holder was stopped for long is taken over, and the holder then changes nothing', async () => {
    const folder = await tempFolder();
    const storage = new FolderStorage(folder);
    const far = { pid: 1, host: 'elsewhere', token: 'far' };
    await storage.lock('m', async held => {
      await held.replace('models/a', Uint8Array.of(1));
      const open = await held.open('models/b', 'write');
      // What taking over does: the lock is another's.
      const [file = ''] = await readdir(join(folder, 'locks'));
      await writeFile(join(folder, 'locks', file), JSON.stringify(far));
      await storage.replace('models/a', Uint8Array.of(2));
      for (const work of [
        () => held.remove('models'),
        () => held.replace('models/a', Uint8Array.of(3)),
        () => held.open('models/a', 'write'),
        () => open.write(0, Uint8Array.of(3)),
        () => open.truncate(0),
      ]) {
        const error: unknown = await work().catch((thrown: unknown) => thrown);
        expect(error).toBeInstanceOf(StorageError);
        expect((error as StorageError).details.lostLock).toBe(true);
      }
      await open.close();
      const reading = await held.open('models/a', 'read');
      expect([...(await reading.read(0, 1))]).toEqual([2]);
      await reading.close();
    });
    // Nor does it let go of what is not its own.
    const [file = ''] = await readdir(join(folder, 'locks'));
    expect(JSON.parse(await readFile(join(folder, 'locks', file), 'utf8'))).toEqual(far);
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

  it('clears what killed processes left, at the first use, and nothing of living ones or of other machines', async () => {
    const folder = await tempFolder();
    const lock = (name: string) => join(folder, 'locks', name);
    await mkdir(join(folder, 'locks'));
    await mkdir(join(folder, 'models', 'm'), { recursive: true });
    const [, own = '', , start = ''] = new RegExp(ownerPattern).exec(ownerTag()) ?? [];
    const dead = spawnSync(process.execPath, ['-e', 'console.log(process.pid)'], { encoding: 'utf8' }).stdout.trim();
    const tags = {
      dead: `${own}-${dead}-${start}-0123456789ab`,
      // The number of this process, but another start: it was used again.
      before: `${own}-${process.pid}-0-0123456789ab`,
      living: `${own}-${process.pid}-${start}-0123456789ab`,
      elsewhere: `00000000-${dead}-${start}-0123456789ab`,
    };
    for (const tag of Object.values(tags)) {
      await writeFile(join(folder, 'models', 'm', `manifest.json.draft-${tag}`), '');
      await writeFile(lock(`x-1.lock.${tag}`), '');
    }
    const holder = { pid: Number(dead), host: hostname(), token: 't' };
    await writeFile(lock('dead.lock'), JSON.stringify(holder));
    await writeFile(lock('living.lock'), JSON.stringify({ ...holder, pid: process.pid }));
    await writeFile(lock('again.lock'), JSON.stringify({ ...holder, pid: process.pid, start: '0' }));
    await writeFile(lock('elsewhere.lock'), JSON.stringify({ ...holder, space: '00000000' }));
    expect(await new FolderStorage(folder).list('models')).toEqual([]);
    const kept = [tags.elsewhere, tags.living];
    expect((await readdir(join(folder, 'models', 'm'))).sort()).toEqual(kept.map(tag => `manifest.json.draft-${tag}`).sort());
    expect((await readdir(join(folder, 'locks'))).sort()).toEqual(
      [...kept.map(tag => `x-1.lock.${tag}`), 'elsewhere.lock', 'living.lock'].sort(),
    );
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
