import { describe, expect, test } from 'vitest';
import { ModelFileError, ModelSourceError } from '../errors.ts';
import { seededRandom } from '../kernels/checking/random.ts';
import { Notes } from '../notes.ts';
import { fixtureNames, fixtureSource, memorySource } from '../testing/fixtures.ts';
import { f32, rawFile, safetensorsFile } from '../testing/safetensors-file.ts';
import { openSafetensors } from './safetensors.ts';

const text = (value: string) => new TextEncoder().encode(value);
const model = (files: Record<string, Uint8Array>) => memorySource('test', async path => files[path]);
const open = (file: Uint8Array) => openSafetensors(model({ 'model.safetensors': file }));
const entry = (shape: unknown, offsets: unknown, dtype: unknown = 'F32') => ({ dtype, shape, data_offsets: offsets });
const header = (entries: Record<string, unknown>, bytes = 0) => rawFile(JSON.stringify(entries), [new Uint8Array(bytes)]);

const valid = safetensorsFile({ a: f32([2, 3], [1, 2, 3, 4, 5, 6]), b: f32([], [7]), empty: f32([0, 4], []) }, { format: 'pt' });

describe('a valid file', () => {
  test('tensors, metadata, whole and partial reads', async () => {
    const checkpoint = await open(valid);
    expect([...checkpoint.tensors.keys()].sort()).toEqual(['a', 'b', 'empty']);
    expect(checkpoint.metadata).toEqual({ format: 'pt' });
    expect(checkpoint.tensors.get('a')).toMatchObject({ dtype: 'F32', shape: [2, 3], file: 'model.safetensors' });
    const a = await checkpoint.read('a');
    expect(Array.from(new Float32Array(a.buffer))).toEqual([1, 2, 3, 4, 5, 6]);
    expect(Array.from(new Float32Array((await checkpoint.readRange('a', 4, 12)).buffer))).toEqual([2, 3]);
    expect((await checkpoint.read('empty')).length).toBe(0);
    await expect(checkpoint.readRange('a', 4, 25)).rejects.toThrow(RangeError);
    await expect(checkpoint.readRange('a', -1, 4)).rejects.toThrow(RangeError);
    await expect(checkpoint.readRange('a', 8, 4)).rejects.toThrow(RangeError);
    await expect(checkpoint.read('c')).rejects.toThrow(ModelFileError);
  });

  test('padding spaces behind the header, names that JavaScript objects know', async () => {
    const entries = { __proto__x: entry([1], [0, 4]), toString: entry([1], [4, 8]) };
    const padded = rawFile(`${JSON.stringify(entries)}   `, [new Uint8Array(8)]);
    expect([...(await open(padded)).tensors.keys()]).toEqual(['__proto__x', 'toString']);
    const proto = rawFile('{"__proto__":{"dtype":"F32","shape":[1],"data_offsets":[0,4]}}', [new Uint8Array(4)]);
    expect([...(await open(proto)).tensors.keys()]).toEqual(['__proto__']);
  });

  test('stops when aborted', async () => {
    const checkpoint = await open(valid);
    await expect(checkpoint.read('a', { signal: AbortSignal.abort() })).rejects.toThrow('aborted');
  });
});

describe('hostile and broken files', () => {
  const cases: [string, Uint8Array, RegExp][] = [
    ['empty', new Uint8Array(0), /only 0 bytes.*broke off/],
    ['nine bytes', new Uint8Array(9), /only 9 bytes/],
    ['a web page', text('<!DOCTYPE html><html><body>404</body></html>'), /web page.*address/],
    ['a web page after white space', text('\n\n  <html lang="fr"><body>404</body></html>'), /web page/],
    ['a Git LFS pointer', text('version https://git-lfs.github.com/spec/v1\noid sha256:00\nsize 12\n'), /git lfs pull/],
    ['a pickle in a zip', text(`PK\x03\x04${'x'.repeat(90)}`), /another format/],
    ['a header of 2^63 bytes', rawFile('{}', [], 2n ** 63n), /header would have/],
    ['a header nested 100 000 deep', rawFile(`${'{"a":'.repeat(100_000)}1${'}'.repeat(100_000)}`), /nested deeper than 8 levels/],
    ['a header of 1 GB', rawFile('{}', [], 10n ** 9n), /header would have 1000000000 bytes/],
    ['a header of no bytes', rawFile('{}', [], 0n), /header would have 0 bytes/],
    ['a header longer than the file', rawFile('{"a":1}', [], 500n), /header should have 500 bytes.*broke off/],
    ['a cut file', valid.slice(0, -1), /needs|lies at|bytes of data/],
    ['a file with a tail', rawFile(JSON.stringify({ a: entry([1], [0, 4]) }), [new Uint8Array(5)]), /need 4 bytes of data, the file has 5/],
    ['no JSON', rawFile('{nothing'), /not valid/],
    ['not an object', rawFile('[1, 2, 3]'), /does not start with "\{"/],
    ['invalid UTF-8', rawFileBytes(Uint8Array.from([0x7b, 0x22, 0xff, 0xfe, 0x22, 0x3a, 0x31, 0x7d])), /not valid/],
    ['a byte order mark', rawFile('\ufeff{}'), /does not start/],
    [
      'the same name twice',
      rawFile('{"a":{"dtype":"F32","shape":[1],"data_offsets":[0,4]},"\\u0061":{"dtype":"F32","shape":[1],"data_offsets":[0,4]}}', [
        new Uint8Array(4),
      ]),
      /"a" stands twice/,
    ],
    [
      'the same offsets twice',
      rawFile('{"a":{"dtype":"F32","shape":[1],"data_offsets":[0,4],"data_offsets":[0,4]}}', [new Uint8Array(4)]),
      /"data_offsets" stands twice/,
    ],
    ['a tensor that is a number', header({ a: 5 }), /not described by an object/],
    ['a tensor that is null', header({ a: null }), /not described by an object/],
    ['an unknown dtype', header({ a: entry([1], [0, 4], 'F24') }, 4), /unknown dtype "F24"/],
    [
      'a dtype that is an object with toString',
      header({ a: entry([1], [0, 4], { toString: 1, valueOf: 2 }) }, 4),
      /unknown dtype a value of type object/,
    ],
    ['a dtype from the prototype', header({ a: entry([1], [0, 4], 'constructor') }, 4), /unknown dtype "constructor"/],
    ['a negative dimension', header({ a: entry([-1], [0, 4]) }, 4), /shape/],
    ['half a dimension', header({ a: entry([0.5], [0, 4]) }, 4), /shape/],
    ['a shape in words', header({ a: entry('[1]', [0, 4]) }, 4), /shape/],
    ['33 dimensions', header({ a: entry(new Array(33).fill(1), [0, 4]) }, 4), /shape/],
    ['a shape that overflows', header({ a: entry([2 ** 31, 2 ** 31, 2 ** 31], [0, 4]) }, 4), /impossible shape/],
    ['a shape that overflows to zero in 64 bits', header({ a: entry([2 ** 32, 2 ** 32], [0, 0]) }), /impossible shape/],
    ['offsets out of the file', header({ a: entry([1], [4, 8]) }, 4), /lies at bytes 4 to 8 of 4/],
    ['offsets far out', header({ a: entry([1], [0, 2 ** 52]) }, 4), /lies at bytes/],
    ['offsets backwards', header({ a: entry([0], [4, 0]) }, 4), /lies at bytes 4 to 0/],
    ['negative offsets', header({ a: entry([1], [-4, 0]) }, 4), /data_offsets/],
    ['three offsets', header({ a: entry([1], [0, 4, 4]) }, 4), /data_offsets/],
    ['a size that is not the shape’s', header({ a: entry([2], [0, 4]) }, 4), /needs 8 bytes for F32 \[2\] but has 4/],
    ['two tensors in one place', header({ a: entry([1], [0, 4]), b: entry([1], [0, 4]) }, 4), /overlaps/],
    ['overlapping tensors', header({ a: entry([2], [0, 8]), b: entry([2], [4, 12]) }, 12), /overlaps/],
    ['a hole', header({ a: entry([1], [0, 4]), b: entry([1], [8, 12]) }, 12), /leaves 4 bytes/],
    ['a hole at the beginning', header({ a: entry([1], [4, 8]) }, 8), /leaves 4 bytes/],
    ['metadata that is no string', rawFile('{"__metadata__":{"format":1}}'), /no string/],
    ['metadata that is a list', rawFile('{"__metadata__":[]}'), /not described by an object/],
  ];
  test.each(cases)('%s', async (_, file, message) => {
    const error: unknown = await open(file).catch((thrown: unknown) => thrown);
    expect(error).toBeInstanceOf(ModelFileError);
    expect((error as Error).message).toMatch(message);
  });

  test('brackets a million deep neither overflow the stack nor hang', async () => {
    const deep = `{"a":${'['.repeat(1e6)}${']'.repeat(1e6)}}`;
    await expect(open(rawFile(deep))).rejects.toThrow(ModelFileError);
  });

  test('a name of a megabyte makes a short error', async () => {
    const error: unknown = await open(header({ ['x\n'.repeat(500_000)]: 5 })).catch((thrown: unknown) => thrown);
    expect((error as Error).message.length).toBeLessThan(600);
    expect((error as Error).message).not.toContain('\n');
  });

  test('random damage: a ModelFileError or a file that still is valid, nothing else', async () => {
    const random = seededRandom('safetensors damage');
    const below = (n: number) => Math.floor(random() * n);
    let refused = 0;
    for (let round = 0; round < 4000; round++) {
      const bytes = Array.from(valid);
      for (let change = 0; change <= below(3); change++) {
        const at = below(bytes.length);
        const kind = below(4);
        if (kind === 0) bytes[at] = below(256);
        else if (kind === 1) bytes.splice(at, 1 + below(4));
        else if (kind === 2) bytes.splice(at, 0, ...Array.from({ length: 1 + below(4) }, () => below(128)));
        else bytes.copyWithin(at, below(bytes.length), Math.min(bytes.length, at + below(12)));
      }
      try {
        const checkpoint = await open(Uint8Array.from(bytes));
        for (const name of checkpoint.tensors.keys()) await checkpoint.read(name);
      } catch (error) {
        if (!(error instanceof ModelFileError)) throw error;
        refused++;
      }
    }
    expect(refused).toBeGreaterThan(2000);
    expect(refused).toBeLessThan(4000);
  });
});

describe('shards', () => {
  const one = safetensorsFile({ a: f32([2], [1, 2]) }, { format: 'pt' });
  const two = safetensorsFile({ b: f32([1], [3]) });
  const index = (map: unknown) => text(JSON.stringify({ metadata: { total_size: 12 }, weight_map: map }));
  const three = safetensorsFile({ b: f32([1], [3]), c: f32([1], [4]) });
  const shards = (map: unknown, files: Record<string, Uint8Array> = {}, notes?: Notes) => {
    const there = { 'model.safetensors.index.json': index(map), 'one.safetensors': one, 'two.safetensors': two, ...files };
    return openSafetensors(model(there), undefined, notes);
  };

  test('are one checkpoint', async () => {
    const checkpoint = await shards({ a: 'one.safetensors', b: 'two.safetensors' });
    expect([...checkpoint.tensors.keys()]).toEqual(['a', 'b']);
    expect(Array.from(new Float32Array((await checkpoint.read('b')).buffer))).toEqual([3]);
    expect(checkpoint.metadata).toEqual({ format: 'pt' });
  });

  test('a single file goes before an index', async () => {
    const checkpoint = await openSafetensors(model({ 'model.safetensors': two, 'model.safetensors.index.json': index({}) }));
    expect([...checkpoint.tensors.keys()]).toEqual(['b']);
  });

  test.each([
    '../two.safetensors',
    '/etc/two.safetensors',
    'C:\\two.safetensors',
    'a/../../two.safetensors',
    'x\\two.safetensors',
    '..',
    'a..safetensors',
    '%2e%2e%2ftwo.safetensors',
    'https://example.org/two.safetensors',
    'two.bin',
    5,
  ])('a shard named %s is refused before it is opened', async file => {
    await expect(shards({ a: 'one.safetensors', b: file })).rejects.toThrow(/only a .safetensors file beside the index/);
  });

  const wrong: [string, unknown, RegExp][] = [
    [
      'a tensor the shard does not hold',
      { a: 'one.safetensors', b: 'two.safetensors', c: 'two.safetensors' },
      /places "c" in two.safetensors, which does not hold it/,
    ],
    ['no shard', {}, /names 0 files/],
    ['a list', ['one.safetensors'], /no "weight_map" object/],
    ['nothing', undefined, /no "weight_map" object/],
  ];
  test.each(wrong)('%s', async (_, map, message) => {
    await expect(shards(map)).rejects.toThrow(message);
    await expect(shards(map)).rejects.toThrow(ModelFileError);
  });

  test('a tensor that the index does not list, or places in another shard, is read where it lies', async () => {
    const notes = new Notes();
    const checkpoint = await shards({ a: 'one.safetensors', c: 'two.safetensors' }, { 'two.safetensors': three }, notes);
    expect(Array.from(new Float32Array((await checkpoint.read('b')).buffer))).toEqual([3]);
    expect(notes.list).toEqual([expect.stringMatching(/does not list "b", which its files hold/)]);
    const swapped = await shards({ a: 'two.safetensors', b: 'one.safetensors' });
    expect(Array.from(new Float32Array((await swapped.read('a')).buffer))).toEqual([1, 2]);
  });

  test('a tensor in two shards: the one that the index names, whatever their order; without its word an error', async () => {
    const both = safetensorsFile({ b: f32([1], [3]), a: f32([1], [9]) });
    const other = safetensorsFile({ a: f32([2], [1, 2]), z: f32([1], [0]) });
    const files = { 'one.safetensors': other, 'two.safetensors': both };
    for (const [home, value] of [
      ['one.safetensors', [1, 2]],
      ['two.safetensors', [9]],
    ] as const) {
      const notes = new Notes();
      const checkpoint = await shards({ a: home, b: 'two.safetensors', z: 'one.safetensors' }, files, notes);
      expect(Array.from(new Float32Array((await checkpoint.read('a')).buffer))).toEqual(value);
      expect(notes.list).toEqual([expect.stringMatching(/Several files hold "a"/)]);
    }
    const unsaid = shards({ b: 'two.safetensors', z: 'one.safetensors' }, files);
    await expect(unsaid).rejects.toThrow(/two.safetensors and one.safetensors both hold "a", and .* does not say which is meant/);
  });

  test('an index that is a web page', async () => {
    await expect(openSafetensors(model({ 'model.safetensors.index.json': text('<html></html>') }))).rejects.toThrow(/web page/);
  });

  test('an absent shard is a source error', async () => {
    await expect(shards({ a: 'one.safetensors', b: 'three.safetensors' })).rejects.toThrow(ModelSourceError);
  });
});

test('no weights at all: the error names the files looked for', async () => {
  await expect(openSafetensors(model({}))).rejects.toThrow(/no model.safetensors and no model.safetensors.index.json/);
  await expect(openSafetensors(model({}))).rejects.toThrow(ModelSourceError);
});

test('files that PyTorch’s own writer made', async () => {
  for (const name of fixtureNames) expect((await openSafetensors(fixtureSource(name))).tensors.size, name).toBeGreaterThan(10);
});

function rawFileBytes(headerBytes: Uint8Array): Uint8Array {
  const file = new Uint8Array(8 + headerBytes.length);
  new DataView(file.buffer).setUint32(0, headerBytes.length, true);
  file.set(headerBytes, 8);
  return file;
}
