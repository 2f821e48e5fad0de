import { describe, expect, it } from 'vitest';
import { bytesOf, id, libraryPlace } from '../../testing/library-place.ts';
import { seeded } from '../../testing/seeded.ts';
import { BrokenSeal, seal, unseal } from './sealed.ts';

const place = libraryPlace('published-bf16');

describe('a sealed file', () => {
  it('is read as it was written', async () => {
    const value = { a: 1, b: ['x', { c: null }] };
    expect(await unseal(await seal(value))).toEqual({ value, isSound: true });
  });

  it('no flipped bit leaves it sound with another content', async () => {
    const sound = await seal({ name: 'almanach/x', licence: null, size: 12, chunks: ['ab', null] });
    const text = JSON.stringify((await unseal(sound)).value);
    for (let bit = 0; bit < sound.length * 8; bit++) {
      const bytes = sound.slice();
      bytes[bit >> 3]! ^= 1 << (bit & 7);
      try {
        const { value, isSound } = await unseal(bytes);
        expect(!isSound || JSON.stringify(value) === text, `bit ${bit}`).toBe(true);
      } catch (error) {
        expect(error).toBeInstanceOf(BrokenSeal);
      }
    }
  });

  it('nested without end is refused', async () => {
    await expect(unseal(new Uint8Array(400_000).fill(0x5b))).rejects.toThrow(/not valid JSON/);
  });
});

/** A pull that was paused while it wrote what it keeps: with its record and, of an original, the journal of its download. */
async function paused(): Promise<void> {
  const pause = new AbortController();
  let writes = 0;
  place.storage.fault = ({ kind, path }) => {
    if (kind === 'write' && /^(models|downloads)\/.*safetensors/.test(path) && ++writes === 5) pause.abort();
  };
  await expect(place.library().pull(id, { signal: pause.signal })).rejects.toMatchObject({ name: 'AbortError' });
  place.storage.fault = null;
}

const everything = async (): Promise<string[]> => {
  const folders = ['models', 'downloads', 'pulls'];
  return (await Promise.all(folders.map(async folder => (await place.storage.list(folder)).map(path => `${folder}/${path}`)))).flat();
};

describe('a flipped bit in a record of an interrupted pull', () => {
  it('disturbs nothing else, and the pull ends with the model that it would have made', async () => {
    const other = await place.library().pull(id, { dtype: 'q8' });
    const reference = await place.library().pull(id);
    const { savedAt: _, ...expected } = reference;
    const weights = await bytesOf(await place.library().open(reference.key), 'model.safetensors');
    await place.library().remove(reference.key);
    await paused();
    const record = (await place.storage.list('pulls')).find(path => path.endsWith('.json'))!;
    const saved = new Map<string, Uint8Array<ArrayBuffer>>();
    for (const path of await everything()) saved.set(path, place.storage.content(path)!.slice());
    // Four bytes a round: where, and which bit.
    const random = new DataView(seeded(16 * 8, 7).buffer);
    let told = 0;
    for (let round = 0; round < 16; round++) {
      for (const path of await everything()) await place.storage.remove(path);
      for (const [path, bytes] of saved) await place.storage.replace(path, bytes.slice());
      const path = round % 4 === 3 ? `downloads/${reference.key}/download.json` : `pulls/${record}`;
      const at = random.getUint32(round * 8) % saved.get(path)!.length;
      place.storage.flip(path, at, 1 << (random.getUint32(round * 8 + 4) % 8));
      const library = place.library();
      expect((await library.list()).some(entry => entry.key === other.key && entry.state === 'ready')).toBe(true);
      expect(await library.open(other.key)).toBeDefined();
      const notices = new Set<string>();
      const { savedAt: __, ...entry } = await library.pull(id, { onProgress: ({ notice }) => notice && notices.add(notice) });
      expect(entry, `${path} byte ${at}`).toEqual(expected);
      expect((await bytesOf(await library.open(entry.key), 'model.safetensors')).equals(weights)).toBe(true);
      told += [...notices].filter(notice => /damaged/.test(notice)).length;
      expect(await place.storage.list('pulls')).toEqual([]);
    }
    expect(told).toBeGreaterThan(12);
  });
});
