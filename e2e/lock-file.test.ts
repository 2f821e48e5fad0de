/** Checks that the lock file fixes every package by its hash, for every platform, so that a registry cannot deliver another one. */
import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';

const lock = JSON.parse(readFileSync(new URL('../package-lock.json', import.meta.url), 'utf8')) as {
  packages: Record<string, { integrity?: string; link?: boolean; resolved?: string }>;
};

test('package-lock.json names a sha512 for every package', () => {
  const packages = Object.entries(lock.packages).filter(([path, { link }]) => path !== '' && !link);
  expect(packages.length).toBeGreaterThan(500);
  expect(packages.filter(([, { integrity }]) => !integrity?.startsWith('sha512-')).map(([path]) => path)).toEqual([]);
});

test('no package comes from elsewhere than the registry', () => {
  const elsewhere = Object.values(lock.packages).filter(({ resolved }) => resolved && !resolved.startsWith('https://registry.npmjs.org/'));
  expect(elsewhere).toEqual([]);
});
