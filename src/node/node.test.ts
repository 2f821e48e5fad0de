import { mkdir, mkdtemp, readdir, rm, symlink, truncate, writeFile } from 'node:fs/promises';
import { homedir, tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { ModelSourceError } from '../errors.ts';
import { files, testServer } from '../testing/http-server.ts';
import { openNodeSource } from './environment.ts';
import { FolderSource, folderPath } from './folder.ts';
import { noAdapterText } from './gpu.ts';
import { packageRoot } from './package-root.ts';
import { cacheFolder, folderTuning } from './tuning-store.ts';

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'affinage-'));
});
afterEach(() => rm(folder, { recursive: true }));

describe('a local folder', () => {
  it('reads files whole and by range', async () => {
    await mkdir(join(folder, 'sub'));
    await writeFile(join(folder, 'config.json'), '0123456789');
    await writeFile(join(folder, 'sub', 'x'), '');
    const source = new FolderSource(folder);
    const file = await source.open('config.json');
    expect(file.sizeBytes).toBe(10);
    expect(Buffer.from(await file.read(3, 7)).toString()).toBe('3456');
    expect((await source.open('sub/x')).sizeBytes).toBe(0);
    expect([
      await source.has('config.json'),
      await source.has('no.json'),
      await source.has('sub'),
      await source.has('config.json/x'),
    ]).toEqual([true, false, false, false]);
  });

  it('says what is missing: the folder, the file, or that it is a file', async () => {
    await writeFile(join(folder, 'model.bin'), 'x');
    await expect(new FolderSource(join(folder, 'nowhere')).open('config.json')).rejects.toThrow(/nowhere does not exist\. Give the folder/);
    await expect(new FolderSource(folder).open('config.json')).rejects.toThrow(/config\.json is missing in/);
    await expect(new FolderSource(join(folder, 'model.bin')).open('config.json')).rejects.toThrow(/model\.bin is a file/);
    await expect(new FolderSource(join(folder, 'nowhere')).has('config.json')).rejects.toThrow(/does not exist/);
    await mkdir(join(folder, 'config.json'));
    await expect(new FolderSource(folder).open('config.json')).rejects.toThrow(/config\.json is not a file/);
    await expect(new FolderSource(folder).open('../x')).rejects.toThrow(/Do not trust/);
  });

  it('notices a file that shrinks, a range outside, an abort', async () => {
    await writeFile(join(folder, 'w.bin'), Buffer.alloc(1000));
    const file = await new FolderSource(folder).open('w.bin');
    await expect(file.read(0, 1001)).rejects.toBeInstanceOf(ModelSourceError);
    await truncate(join(folder, 'w.bin'), 10);
    await expect(file.read(0, 1000)).rejects.toThrow(/became shorter/);
    await expect(file.read(0, 5, AbortSignal.abort())).rejects.toMatchObject({ name: 'AbortError' });
    await rm(join(folder, 'w.bin'));
    await expect(file.read(0, 5)).rejects.toThrow(ModelSourceError);
  });

  it('understands ~ and relative paths', () => {
    expect(folderPath('~/m')).toBe(join(homedir(), 'm'));
    expect(folderPath('~')).toBe(homedir());
    expect(folderPath('m/../x')).toBe(join(process.cwd(), 'x'));
    expect(folderPath('~user')).toBe(join(process.cwd(), '~user'));
  });
});

describe('names of models', () => {
  it('tells folders, addresses, hub ids and mini apart', async () => {
    expect(openNodeSource('mini').name).toBe('mini');
    expect(openNodeSource('./owner/name')).toBeInstanceOf(FolderSource);
    expect(openNodeSource(folder)).toBeInstanceOf(FolderSource);
    // An existing relative folder wins over a hub id that is spelt alike.
    expect(openNodeSource('src/node')).toBeInstanceOf(FolderSource);
    expect(openNodeSource('owner/name')).not.toBeInstanceOf(FolderSource);
    for (const name of ['', 'bert', 'a/b/c', 'two words', 'a\0b', 'x'.repeat(5000)])
      expect(() => openNodeSource(name)).toThrow(/neither "mini", an address/);
  });

  it('goes to the mirror that HF_ENDPOINT names', async () => {
    const server = await testServer(files({ 'owner/name/resolve/main/config.json': '{}' }));
    const before = process.env.HF_ENDPOINT;
    process.env.HF_ENDPOINT = server.url;
    try {
      expect((await openNodeSource('owner/name').open('config.json')).sizeBytes).toBe(2);
    } finally {
      if (before === undefined) delete process.env.HF_ENDPOINT;
      else process.env.HF_ENDPOINT = before;
      await server.close();
    }
  });
});

describe('remembered kernel choices', () => {
  it('lie in the cache folder of each platform, or where AFFINAGE_CACHE says', () => {
    expect(cacheFolder({ AFFINAGE_CACHE: '/x' }, 'linux', '/h')).toBe('/x');
    expect(cacheFolder({ XDG_CACHE_HOME: '/c' }, 'linux', '/h')).toBe('/c/affinage');
    expect(cacheFolder({}, 'linux', '/h')).toBe('/h/.cache/affinage');
    expect(cacheFolder({}, 'darwin', '/h')).toBe('/h/Library/Caches/affinage');
    expect(cacheFolder({ LOCALAPPDATA: '/l' }, 'win32', '/h')).toBe(join('/l', 'affinage', 'Cache'));
  });

  it('come back for their key only, survive damage, leave no drafts', async () => {
    const store = folderTuning(join(folder, 'deep', 'er'));
    expect(await store.get('a')).toBeNull();
    await store.set('a', '{"v":1}');
    await store.set('b', '2');
    await store.set('a', '{"v":3}');
    expect([await store.get('a'), await store.get('b'), await store.get('c')]).toEqual(['{"v":3}', '2', null]);
    const names = await readdir(join(folder, 'deep', 'er'));
    expect(names).toHaveLength(2);
    for (const name of names) await writeFile(join(folder, 'deep', 'er', name), '{"key":');
    expect(await store.get('a')).toBeNull();
  });

  it('are forgotten with one notice when the folder cannot be used', async () => {
    const notices: string[] = [];
    await writeFile(join(folder, 'file'), '');
    const store = folderTuning(join(folder, 'file', 'x'), text => notices.push(text));
    await store.set('a', '1');
    await store.set('b', '1');
    expect(await store.get('a')).toBeNull();
    expect(notices).toHaveLength(1);
    expect(notices[0]).toContain('AFFINAGE_CACHE');
  });
});

it('finds its own package', () => {
  expect(packageRoot().version).toMatch(/^\d+\.\d+\.\d+/);
});

it('tells each platform how to get an adapter, in one line', () => {
  expect(noAdapterText('linux', undefined)).toMatch(/mesa-vulkan-drivers.*bookworm-backports/);
  expect(noAdapterText('linux', '/x.json')).toContain('VK_ICD_FILENAMES is set to "/x.json"');
  expect(noAdapterText('darwin', undefined)).toContain('Metal');
  expect(noAdapterText('win32', undefined)).toContain('Direct3D 12');
  for (const platform of ['linux', 'darwin', 'win32']) expect(noAdapterText(platform, undefined)).not.toContain('\n');
});

it('names a file that the system refuses to open', async () => {
  await symlink('config.json', join(folder, 'config.json')); // a link to itself
  await expect(new FolderSource(folder).open('config.json')).rejects.toThrow(/cannot be read: .*Check its permissions/);
});
