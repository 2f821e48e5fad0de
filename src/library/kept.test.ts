import { describe, expect, it } from 'vitest';
import { InputError, ModelFileError, StorageFullError } from '../errors.ts';
import { quantizedSource } from '../quantize/quantized-source.ts';
import { bytesOf, chunkBytes, id, libraryPlace } from '../testing/library-place.ts';
import { MemoryStorage } from '../testing/memory-storage.ts';
import { modelFilesOf, sourceOf } from '../testing/model-files.ts';
import type { Progress } from '../types.ts';
import { checkedExport } from './entry/exported-source.ts';
import type { KeptFile } from './entry/manifest.ts';
import { sha256Hex } from './keeping/hash.ts';
import { seal } from './keeping/sealed.ts';

const place = libraryPlace('published-bf16');

describe('broken bytes', () => {
  it('are found when they are read and mended by fetching what they need alone', async () => {
    for (const dtype of ['original', 'q4'] as const) {
      const entry = await place.library().pull(id, { dtype });
      const path = `models/${entry.key}/model.safetensors`;
      const sound = place.storage.content(path)!;
      const at = 3 * chunkBytes + 17;
      place.storage.flip(path, at, 0x10);
      const before = place.hub.log.length;
      const notices: string[] = [];
      const source = await place.library().open(entry.key, { onNotice: text => notices.push(text) });
      const read = await bytesOf(source, 'model.safetensors');
      expect(read.equals(Buffer.from(sound))).toBe(true);
      expect(Buffer.from(place.storage.content(path)!).equals(Buffer.from(sound))).toBe(true);
      expect(notices).toEqual([
        expect.stringMatching(/model\.safetensors of .* is damaged at bytes 196608 to 262143; downloaded again and repaired/),
      ]);
      const parts = place.hub.fetched('model.safetensors', before);
      const asked = parts.reduce((sum, [, sent]) => sum + sent, 0);
      expect(asked).toBeGreaterThan(0);
      // Of the original its chunk; of a converted file the rows that this chunk is made from, and the header.
      expect(asked).toBeLessThan(dtype === 'original' ? chunkBytes + 3 * 16_384 : 700_000);
      expect((await place.library().find(entry.key))?.state).toBe('ready');
    }
  });

  it('every byte of a small file flipped in turn is found, and mended', async () => {
    const entry = await place.library().pull(id);
    const path = `models/${entry.key}/config.json`;
    const sound = Buffer.from(place.storage.content(path)!);
    for (let at = 0; at < sound.length; at++) {
      place.storage.flip(path, at, 1 << (at % 8));
      const offline = await place.library({ online: false }).open(entry.key);
      await expect(bytesOf(offline, 'config.json')).rejects.toBeInstanceOf(ModelFileError);
      if (at % 97 === 0) expect((await bytesOf(await place.library().open(entry.key), 'config.json')).equals(sound)).toBe(true);
      else place.storage.flip(path, at, 1 << (at % 8));
    }
  });

  it('every byte of the manifest flipped in turn is found', async () => {
    const entry = await place.library().pull(id);
    const path = `models/${entry.key}/manifest.json`;
    const source = JSON.stringify(await place.library().find(entry.key));
    const size = place.storage.content(path)!.length;
    for (let at = 0; at < size; at += 29) {
      place.storage.flip(path, at, 2);
      // White space may change without harm: then the entry is what it was.
      const now = (await place.library().list())[0];
      expect(now === undefined || now.state === 'damaged' || JSON.stringify(now) === source, `byte ${at}`).toBe(true);
      if (now?.state === 'damaged') await expect(place.library().open(entry.key)).rejects.toBeInstanceOf(ModelFileError);
      place.storage.flip(path, at, 2);
    }
    place.storage.flip(path, 40);
    expect(await place.library().pull(id)).toMatchObject({ key: entry.key, state: 'ready' });
  });

  it('cut off or removed files are mended too', async () => {
    const entry = await place.library().pull(id, { dtype: 'original' });
    const path = `models/${entry.key}/model.safetensors`;
    const sound = Buffer.from(place.storage.content(path)!);
    place.storage.put(path, sound.subarray(0, 5 * chunkBytes + 9));
    await place.storage.remove(`models/${entry.key}/tokenizer.json`);
    const source = await place.library().open(entry.key);
    expect((await bytesOf(source, 'model.safetensors')).equals(sound)).toBe(true);
    expect((await bytesOf(source, 'tokenizer.json')).equals(place.files['tokenizer.json']!)).toBe(true);
    expect(Buffer.from(place.storage.content(path)!).equals(sound)).toBe(true);
    expect((await place.library({ online: false }).check(entry.key)).state).toBe('ready');
  });

  it('are said with file, place and remedy when they cannot be mended; the entry is damaged until they are', async () => {
    const entry = await place.library().pull(id);
    const path = `models/${entry.key}/model.safetensors`;
    place.storage.flip(path, chunkBytes + 1);
    const offline = place.library({ online: false });
    const error: unknown = await bytesOf(await offline.open(entry.key), 'model.safetensors').catch((thrown: unknown) => thrown);
    expect(error).toBeInstanceOf(ModelFileError);
    expect(error).toMatchObject({
      message: expect.stringMatching(/model\.safetensors of almanach\/tiny-bio is damaged at bytes 65536 to 131071\. .*Go online/),
      details: { path: 'model.safetensors', chunk: 1 },
    });
    expect((await offline.list())[0]?.state).toBe('damaged');
    await expect(offline.check(entry.key)).rejects.toBeInstanceOf(ModelFileError);
    const before = place.hub.log.length;
    expect(await place.library().pull(id)).toMatchObject({ key: entry.key, state: 'ready' });
    expect(place.hub.fetched('tokenizer.json', before)).toEqual([]);
    expect((await offline.list())[0]?.state).toBe('ready');
  });

  it('are used mended even where nothing can be written', async () => {
    const entry = await place.library().pull(id);
    place.storage.flip(`models/${entry.key}/tokenizer.json`, 100);
    place.storage.fault = ({ kind }) => {
      if (kind === 'write') throw new StorageFullError('full');
    };
    const notices: string[] = [];
    const source = await place.library().open(entry.key, { onNotice: text => notices.push(text) });
    expect((await bytesOf(source, 'tokenizer.json')).equals(place.files['tokenizer.json']!)).toBe(true);
    expect(notices).toEqual([expect.stringMatching(/could not be written: full/)]);
  });

  it('check looks at every byte, tells how far it is, and mends all', async () => {
    const entry = await place.library().pull(id, { dtype: 'original' });
    const path = `models/${entry.key}/model.safetensors`;
    const sound = Buffer.from(place.storage.content(path)!);
    for (const at of [0, 400_000, sound.length - 1]) place.storage.flip(path, at);
    const told: Progress[] = [];
    expect((await place.library().check(entry.key, { onProgress: progress => told.push(progress) })).state).toBe('ready');
    expect(Buffer.from(place.storage.content(path)!).equals(sound)).toBe(true);
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
    const entry = await place.library().importFrom(sourceOf(place.files), { name: 'mon modèle' });
    expect(entry).toMatchObject({
      name: 'mon modèle',
      origin: { kind: 'files' },
      dtype: 'q4',
      announced: false,
      state: 'ready',
      licence: 'apache-2.0',
    });
    const expected = await bytesOf(await quantizedSource(sourceOf(place.files), { dtype: 'q4' }), 'model.safetensors');
    expect((await bytesOf(await place.library().open(entry.key), 'model.safetensors')).equals(expected)).toBe(true);
    expect((await place.library().find('mon modèle'))?.key).toBe(entry.key);
    // Again: the new one takes the place of the old.
    const again = await place.library().importFrom(sourceOf(place.files), { name: 'mon modèle' });
    expect((await place.library().list()).map(({ key }) => key)).toEqual([again.key]);
    place.storage.flip(`models/${again.key}/model.safetensors`, 10);
    await expect(bytesOf(await place.library().open(again.key), 'model.safetensors')).rejects.toThrow(
      /imported from files: import it again/,
    );
    expect(place.hub.log).toEqual([]);
  });

  it('refuses truncated and wrong files before anything is copied', async () => {
    const cut = { ...place.files, 'model.safetensors': place.files['model.safetensors']!.subarray(0, 600_000) };
    await expect(place.library().importFrom(sourceOf(cut))).rejects.toBeInstanceOf(ModelFileError);
    const { 'tokenizer.json': _, ...without } = place.files;
    await expect(place.library().importFrom(sourceOf(without))).rejects.toThrow(/tokenizer\.json/);
    expect([place.storage.usedBytes, await place.library().list()]).toEqual([0, []]);
  });

  const exported = async (dtype: 'q4' | 'original' = 'q4') => {
    const entry = await place.library().pull(id, { dtype });
    const { written, sink } = folderSink();
    await place.library().export(entry.key, sink);
    expect(Object.keys(written).at(-1)).toBe('manifest.json');
    return { entry, written };
  };

  it('an export imported elsewhere has a name of its own, and is mended from the hub that it names', async () => {
    const { entry, written } = await exported();
    const other = new MemoryStorage();
    const library = place.library({ storage: other });
    const imported = await place.library({ storage: other, online: false }).importFrom(sourceOf(written, '/media/usb/cle-1'));
    expect(imported).toMatchObject({
      name: 'cle-1',
      origin: { kind: 'files', name: 'cle-1', copyOf: entry.origin },
      dtype: 'q4',
      licence: 'apache-2.0',
      announced: false,
    });
    expect((await library.find('cle-1'))?.key).toBe(imported.key);
    // The name of the hub's model never means it.
    expect(await library.find(id)).toBeNull();
    expect(await library.findAll(id)).toEqual([]);
    await expect(place.library({ storage: other, online: false }).pull(id)).rejects.toThrow(/The import "cle-1" says that it is a copy/);
    other.flip(`models/${imported.key}/model.safetensors`, 70_000);
    expect((await library.check(imported.key)).state).toBe('ready');

    const broken = { ...written, 'model.safetensors': Uint8Array.from(written['model.safetensors']!) };
    broken['model.safetensors'][200_000]! ^= 4;
    const third = new MemoryStorage();
    await expect(place.library({ storage: third }).importFrom(sourceOf(broken))).rejects.toThrow(
      /differs from what its manifest.json says, bytes 196608 to/,
    );
    expect(third.usedBytes).toBe(0);
  });

  it("takes the hub's name only when the hub announces the same hashes", async () => {
    const { entry, written } = await exported('original');
    const proven = await place.library({ storage: new MemoryStorage() }).importFrom(sourceOf(written, 'copie'));
    expect(proven).toMatchObject({ key: entry.key, name: id, origin: entry.origin });
    const offline = await place.library({ storage: new MemoryStorage(), online: false }).importFrom(sourceOf(written, 'copie'));
    expect(offline).toMatchObject({ name: 'copie', origin: { kind: 'files' } });

    // Forged: other weights and another card under the manifest of the true ones, its checksum made anew.
    for (const path of ['model.safetensors', 'README.md']) {
      const bytes = Uint8Array.from(written[path]!);
      bytes[bytes.length - 1]! ^= 1;
      const manifest = JSON.parse(new TextDecoder().decode(written['manifest.json'])) as { checksum?: string; files: KeptFile[] };
      delete manifest.checksum;
      const file = manifest.files.find(each => each.path === path)!;
      const chunks = [];
      for (let at = 0; at < bytes.length; at += file.chunkBytes) chunks.push(await sha256Hex(bytes.slice(at, at + file.chunkBytes)));
      Object.assign(file, { chunks, sha256: await sha256Hex(bytes) });
      const forged = { ...written, [path]: bytes, 'manifest.json': await seal(manifest) };
      const library = place.library({ storage: new MemoryStorage() });
      expect(await library.importFrom(sourceOf(forged, 'faux'))).toMatchObject({
        name: 'faux',
        origin: { kind: 'files', copyOf: entry.origin },
      });
      expect(await library.find(id)).toBeNull();
    }
  });

  it("refuses to call an import by the name of a hub's model or an address", async () => {
    for (const name of ['almanach/x', 'almanach/x@v1', 'https://hub.org/x'])
      await expect(place.library().importFrom(sourceOf(place.files), { name })).rejects.toBeInstanceOf(InputError);
    const { written } = await exported();
    await expect(place.library().importFrom(sourceOf(written), { name: id })).rejects.toThrow(/a name of its own/);
  });

  it('an export is checked against its manifest where it lies, and read as a plain model without one', async () => {
    const { written } = await exported();
    const source = await checkedExport(sourceOf(written, 'dossier'));
    expect((await bytesOf(source, 'model.safetensors')).equals(written['model.safetensors']!)).toBe(true);
    const changed: Record<string, Uint8Array> = { ...written, 'model.safetensors': Uint8Array.from(written['model.safetensors']!) };
    changed['model.safetensors']![70_000]! ^= 1;
    await expect(bytesOf(await checkedExport(sourceOf(changed, 'dossier')), 'model.safetensors')).rejects.toThrow(
      /model\.safetensors of dossier differs from what its manifest\.json says, bytes 65536 to 131071/,
    );
    const cut = { ...written, 'config.json': written['config.json']!.subarray(0, 10) };
    await expect(bytesOf(await checkedExport(sourceOf(cut)), 'config.json')).rejects.toBeInstanceOf(ModelFileError);
    const { 'manifest.json': _, ...plain } = changed;
    expect((await bytesOf(await checkedExport(sourceOf(plain)), 'model.safetensors')).equals(changed['model.safetensors']!)).toBe(true);
  });

  it('keeps codes as they are, and leaves nothing of an import that was cut off', async () => {
    const q4 = await modelFilesOf('quantized-q4');
    const entry = await place.library().importFrom(sourceOf(q4), { name: 'codes' });
    expect(entry.dtype).toBe('q4');
    expect((await bytesOf(await place.library().open(entry.key), 'model.safetensors')).equals(q4['model.safetensors']!)).toBe(true);
    await place.library().remove(entry.key);
    const stop = new AbortController();
    place.storage.fault = ({ kind, path }) => {
      if (kind === 'write' && path.endsWith('model.safetensors')) stop.abort();
    };
    await expect(place.library().importFrom(sourceOf(place.files), { signal: stop.signal })).rejects.toMatchObject({ name: 'AbortError' });
    place.storage.fault = null;
    expect([place.storage.usedBytes, await place.library().list()]).toEqual([0, []]);
  });
});
