import { createHash } from 'node:crypto';
import { sha1 } from '@noble/hashes/legacy.js';
import { sha256 } from '@noble/hashes/sha2.js';
import { afterEach, expect, it, vi } from 'vitest';
import { gitOid } from '../../testing/hub-server-contents.ts';
import { seeded } from '../../testing/seeded.ts';
import { GitOid, Sha256, sha256Hex, useHasher } from './hash.ts';

const noble = (kind: 'sha1' | 'sha256') => (kind === 'sha1' ? sha1 : sha256).create();
afterEach(() => {
  useHasher(noble);
  vi.unstubAllGlobals();
});

it.each([
  ['@noble/hashes', noble],
  ['node:crypto', createHash],
])('%s gives the sha256 and git id of bytes that come in parts', (_, factory) => {
  useHasher(factory);
  for (const length of [0, 1, 55, 56, 63, 64, 65, 5000]) {
    const bytes = seeded(length, 9);
    const [whole, git] = [new Sha256(), new GitOid(length)];
    for (let at = 0; at < length; at += 100) for (const hash of [whole, git]) hash.update(bytes.subarray(at, at + 100));
    expect(whole.hex()).toBe(createHash('sha256').update(bytes).digest('hex'));
    expect(git.hex()).toBe(gitOid(bytes));
  }
});

it('knows git’s own id of a file', () => {
  // `printf 'hello\n' | git hash-object --stdin`
  const git = new GitOid(6);
  git.update(new TextEncoder().encode('hello\n'));
  expect(git.hex()).toBe('ce013625030ba8dba906f756967f9e9ca394464a');
});

it('hashes bytes at hand with and without crypto.subtle, which insecure pages lack', async () => {
  const bytes = seeded(1000, 4);
  const expected = createHash('sha256').update(bytes).digest('hex');
  expect(await sha256Hex(bytes)).toBe(expected);
  vi.stubGlobal('crypto', {});
  expect(await sha256Hex(bytes)).toBe(expected);
});
