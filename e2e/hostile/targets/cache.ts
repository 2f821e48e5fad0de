/** Attacks on a library's folder: planted links, a writer that is paused while another finishes, a forged export. */
import { link, lstat, mkdir, mkdtemp, readdir, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { AffinageError } from '../../../src/errors.ts';
import type { Manifest } from '../../../src/library/entry/manifest.ts';
import { sha256Hex } from '../../../src/library/keeping/hash.ts';
import { seal, unseal } from '../../../src/library/keeping/sealed.ts';
import type { Storage } from '../../../src/library/keeping/storage.ts';
import { Library } from '../../../src/library/library.ts';
import { FolderStorage } from '../../../src/node/storage.ts';
import { MemoryStorage } from '../../../src/testing/memory-storage.ts';
import { sourceOf } from '../source.ts';
import { type Bytes, demand, type Files, type Target } from '../target.ts';
import { modelFiles } from './library.ts';

const chunkBytes = 16_384;
const hub = 'https://hub.example';
const libraryOver = (storage: Storage) => new Library({ storage, hub, online: false, version: '9.9.9', chunkBytes });

/** A plan is a list of bytes, each of which chooses one action; any bytes are a valid plan. */
const planLength = 12;
const planTarget = (name: string, share: number, prepare: (root: string) => Promise<(plan: Uint8Array) => Promise<unknown>>): Target => ({
  name,
  share,
  async prepare(root) {
    const attempt = await prepare(root);
    return {
      files: { plan: new Uint8Array(planLength) },
      mutable: [
        {
          path: 'plan',
          share: 1,
          json: false,
          same: false,
          special: (_, random) => ({
            what: 'a plan',
            bytes: Uint8Array.from({ length: planLength }, () => random.below(256)),
            same: false,
          }),
        },
      ],
      families: [AffinageError],
      attempt: files => attempt(Uint8Array.from({ length: planLength }, (_, i) => files.plan?.[i] ?? 0)),
    };
  },
});

async function exportOf(library: Library, key: string): Promise<Record<string, Bytes>> {
  const written: Record<string, Bytes> = {};
  await library.export(key, {
    create: async (path, sizeBytes) => {
      const bytes = new Uint8Array(sizeBytes);
      written[path] = bytes;
      return { write: async (position, data) => bytes.set(data, position), close: async () => {} };
    },
  });
  return written;
}

async function refusedOr<T>(work: () => Promise<T>): Promise<T | null> {
  try {
    return await work();
  } catch (error) {
    if (error instanceof AffinageError) return null;
    throw error;
  }
}

async function isBelowLink(cache: string, place: string): Promise<boolean> {
  for (let at = dirname(place); at !== cache; at = dirname(at)) if ((await lstat(at).catch(() => null))?.isSymbolicLink()) return true;
  return false;
}

/** Whatever links lie in the cache, nothing outside of it changes. */
export const linksTarget = planTarget('links in the cache', 2, async root => {
  const files = await modelFiles(root);
  return async plan => {
    const folder = await mkdtemp(join(tmpdir(), 'affinage-hostile-links-'));
    try {
      const [cache, foreign] = [join(folder, 'cache'), join(folder, 'foreign')];
      await mkdir(join(foreign, 'sub'), { recursive: true });
      const mine: Record<string, string> = { 'config.json': 'mine', 'model.safetensors': 'mine too', 'sub/manifest.json': '{}' };
      for (const [path, text] of Object.entries(mine)) await writeFile(join(foreign, path), text);
      const { key } = await libraryOver(new FolderStorage(cache)).importFrom(sourceOf(files), { name: 'mine' });
      const places = [
        'models',
        `models/${key}`,
        `models/${key}/model.safetensors`,
        `models/${key}/manifest.json`,
        'downloads',
        'pulls',
        'locks',
      ].concat([`downloads/${key}`, `pulls/${key}.json`, 'models/other-q4-0123456789', `models/${key}/new`]);
      for (let i = 0; i < 1 + (plan[0]! % 3); i++) {
        const place = join(cache, places[plan[1 + i]! % places.length]!);
        // Do not write through a link that was planted before.
        if (await isBelowLink(cache, place)) continue;
        await rm(place, { recursive: true, force: true }).catch(() => {}); // below a file
        await mkdir(dirname(place), { recursive: true }).catch(() => {});
        const kind = plan[4 + i]! % 4;
        const file = join(foreign, 'model.safetensors');
        const made =
          kind === 0
            ? symlink(foreign, place)
            : kind === 1
              ? symlink(file, place)
              : kind === 2
                ? link(file, place)
                : symlink(join(foreign, 'new'), place);
        await made.catch(() => {}); // two at one place
      }
      const library = libraryOver(new FolderStorage(cache));
      const all = [
        () => library.list(),
        () => library.importFrom(sourceOf(files), { name: 'mine' }),
        () => library.importFrom(sourceOf(files), { name: 'other', dtype: 'q8' }),
        () => library.check(key),
        () => library.remove(key),
        () => library.remove('other-q4-0123456789'),
        () => exportOf(library, key),
        () => library.space(),
      ];
      for (let i = 0; i < 5; i++) await refusedOr<unknown>(all[plan[7 + i]! % all.length]!);
      const now = (await readdir(foreign, { recursive: true, withFileTypes: true })).filter(entry => entry.isFile()).length;
      demand(now === Object.keys(mine).length, `there are ${now} files in the folder that the links lead to`);
      for (const [path, text] of Object.entries(mine))
        demand((await readFile(join(foreign, path), 'utf8')) === text, `${path}, which a link led to, was changed`);
      return true;
    } finally {
      await rm(folder, { recursive: true, force: true });
    }
  };
});

/** A writer is paused at any step while another takes its lock over and finishes. The other's model must stay whole. */
export const stoppedTarget = planTarget('a writer that was stopped', 2, async root => {
  const files = await modelFiles(root);
  const first = libraryOver(new MemoryStorage());
  const exported = await exportOf(first, (await first.importFrom(sourceOf(files), { name: 'mine' })).key);
  return async plan => {
    const storage = new MemoryStorage();
    let steps = 1 + ((plan[0]! | (plan[1]! << 8)) % 60);
    storage.fault = async ({ kind }) => {
      // Checking the lock and the change after it count as one step here.
      if (['write', 'truncate', 'remove', 'replace'].includes(kind) || --steps > 0) return;
      storage.fault = null;
      storage.stealLocks();
      storage.closeAll();
      await libraryOver(storage).importFrom(sourceOf(exported), { name: 'mine' });
    };
    await refusedOr(() => libraryOver(storage).importFrom(sourceOf(exported), { name: 'mine' }));
    storage.fault = null;
    const library = libraryOver(storage);
    const entries = await library.list();
    demand(entries.length === 1 && entries[0]?.state === 'ready', 'the model that the other made is not there');
    const kept = await exportOf(library, entries[0]!.key);
    demand(Buffer.from(kept['model.safetensors']!).equals(exported['model.safetensors']!), 'its weights are others');
    return true;
  };
});

/** An export with changed files under a manifest that was made to fit, and that claims a hub's model. */
export const forgedTarget = planTarget('a forged export', 2, async root => {
  const files = await modelFiles(root);
  const first = libraryOver(new MemoryStorage());
  const exported = await exportOf(first, (await first.importFrom(sourceOf(files), { name: 'mine' })).key);
  const id = 'owner/name';
  return async plan => {
    const given: Record<string, Bytes> = Object.fromEntries(Object.entries(exported).map(([path, bytes]) => [path, bytes.slice()]));
    const { value } = await unseal(given['manifest.json']!);
    const manifest = value as unknown as { -readonly [K in keyof Manifest]: Manifest[K] };
    manifest.name = plan[0]! % 2 ? id : 'mine';
    manifest.origin = {
      kind: 'hub',
      hub: plan[1]! % 3 ? hub : 'https://huggingface.co',
      id,
      revision: 'main',
      commit: plan[2]! % 2 ? 'a'.repeat(40) : null,
    };
    manifest.announced = plan[3]! % 2 === 0;
    manifest.dtype = plan[4]! % 2 ? 'original' : manifest.dtype;
    manifest.converter = plan[5]! % 2 ? null : { name: 'affinage', version: 1 };
    const paths = ['model.safetensors', 'README.md'];
    const path = paths[plan[6]! % paths.length]!;
    const bytes = given[path]!;
    bytes[bytes.length - 1 - (plan[7]! % 16)]! ^= 1 << (plan[8]! % 8);
    manifest.files = await Promise.all(
      manifest.files.map(async file => {
        if (file.path !== path) return file;
        const chunks = [];
        for (let at = 0; at < bytes.length; at += file.chunkBytes) chunks.push(await sha256Hex(bytes.slice(at, at + file.chunkBytes)));
        return { ...file, chunks, sha256: await sha256Hex(bytes) };
      }),
    );
    given['manifest.json'] = await seal(manifest);
    const library = libraryOver(new MemoryStorage());
    const entry = await library.importFrom(sourceOf(given as Files), plan[9]! % 2 ? { name: 'own' } : {});
    demand(entry.origin.kind === 'files' && entry.name !== id, 'a forged export took the name of a hub model');
    demand((await library.find(id)) === null && (await library.findAll(id)).length === 0, 'the name of a hub model means a forged export');
    return entry.name;
  };
});
