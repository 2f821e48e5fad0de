import { link, mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { refuseOverwriting } from './same-file.ts';

let folder: string;
const at = (path: string) => join(folder, path);
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'affinage-same-'));
  await mkdir(at('model/onnx'), { recursive: true });
  await mkdir(at('blobs'));
  for (const file of ['model/config.json', 'model/onnx/x', 'texts.txt', 'blobs/abc']) await writeFile(at(file), file);
  await symlink(at('texts.txt'), at('symbolic.txt'));
  await link(at('texts.txt'), at('hard.txt'));
  await symlink(at('model'), at('model-link'));
  // As the cache of the hub's own tools: the files of a model are links.
  await mkdir(at('snapshot'));
  await symlink(at('blobs/abc'), at('snapshot/config.json'));
});
afterEach(() => rm(folder, { recursive: true }));

const check = (output: string, kind: 'file' | 'folder', input: string) => () =>
  refuseOverwriting({ path: at(output), kind, name: '--out' }, [{ path: at(input), name: 'the source' }]);

test.each([
  ['texts.txt', 'file', 'texts.txt', /is the source itself/],
  ['./model/../texts.txt', 'file', 'symbolic.txt', /is the source itself/],
  ['symbolic.txt', 'file', 'texts.txt', /is the source itself/],
  ['hard.txt', 'file', 'texts.txt', /is the source itself/],
  ['model/config.json', 'file', 'model', /is a file of the source/],
  ['blobs/abc', 'file', 'snapshot', /is a file of the source/],
  ['model', 'folder', 'model', /is the source itself/],
  ['model-link', 'folder', 'model', /is the source itself/],
  ['model/new', 'folder', 'model', /lies inside the source/],
  ['model-link/a/b/c', 'folder', 'model', /lies inside the source/],
  ['model', 'folder', 'model/onnx', /holds the source/],
  ['.', 'folder', 'texts.txt', /holds the source/],
  ['blobs', 'folder', 'snapshot', /holds the source/],
] as const)('%s (%s) is refused where %s is read', (output, kind, input, message) => {
  expect(check(output, kind, input)).toThrow(message);
});

test.each([
  ['vectors.npy', 'file', 'texts.txt'],
  ['model/vectors.npy', 'file', 'model'],
  ['new', 'folder', 'model'],
  ['model-2/x', 'folder', 'model'],
  ['blobs/x', 'folder', 'snapshot'],
  ['x', 'folder', 'nowhere'],
] as const)('%s (%s) may be written where %s is read', (output, kind, input) => {
  expect(check(output, kind, input)).not.toThrow();
});
