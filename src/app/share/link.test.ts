import fc from 'fast-check';
import { expect, test } from 'vitest';
import { isTextLink, linkOf, readLink } from './link.ts';

const page = 'https://page.example/affinage/?a=b#/embed';
const hashOf = (link: string | null): string => new URL(link ?? '').hash;

test('any text comes out of its link as it went in, whatever its signs', async () => {
  await fc.assert(
    fc.asyncProperty(fc.string({ unit: 'grapheme', maxLength: 400 }), async text => {
      const link = await linkOf(text, page);
      expect(link).toMatch(/^https:\/\/page\.example\/affinage\/\?a=b#\/fill\?v=1&t=[\w-]+$/);
      expect(await readLink(hashOf(link))).toEqual({ text, what: 'text' });
      expect(await readLink(hashOf(await linkOf(text, page, 'lesson')))).toEqual({ text, what: 'lesson' });
    }),
    { numRuns: 50 },
  );
});

test('a link that was cut or changed anywhere is told to be damaged', async () => {
  const hash = hashOf(await linkOf('Le patient présente une [MASK] aiguë du myocarde. 🫀 مريض', page));
  const start = hash.indexOf('t=') + 2;
  for (let end = start; end < hash.length; end++) expect(await readLink(hash.slice(0, end)), `${end}`).toEqual({ problem: 'damaged' });
  for (let at = start; at < hash.length - 1; at++) {
    const other = hash[at] === 'A' ? 'B' : 'A';
    expect(await readLink(hash.slice(0, at) + other + hash.slice(at + 1)), `${at}`).toEqual({ problem: 'damaged' });
  }
});

test('a link of another version is told as such, and what is no link as damaged', async () => {
  const hash = hashOf(await linkOf('Texte', page));
  expect(await readLink(hash.replace('v=1', 'v=2'))).toEqual({ problem: 'version' });
  for (const each of ['#/fill?', '#/fill?t=abc', '#/fill?v=x&t=abc', '#/fill?v=1', '#/fill?v=1&t=%25%25', '#/fill?v=1&t=é'])
    expect(await readLink(each), each).toEqual({ problem: 'damaged' });
  expect(['#/fill?v=1', '#fill?', '#/fill', '#/embed?v=1', ''].map(isTextLink)).toEqual([true, true, false, false, false]);
});

test('a hostile link cannot unpack without end; a text too long for a link gets none', async () => {
  const bomb = hashOf(await linkOf(' '.repeat(20_000_000), page));
  expect(bomb.length).toBeLessThan(100_000);
  expect(await readLink(bomb)).toEqual({ problem: 'damaged' });
  let seed = 1;
  let noise = '';
  while (noise.length < 700_000) {
    seed = (seed * 48271) % 2147483647;
    noise += String.fromCharCode(33 + (seed % 90));
  }
  expect(await linkOf(noise, page)).toBeNull();
});
