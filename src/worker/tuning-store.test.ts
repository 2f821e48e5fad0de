import { afterEach, expect, it, vi } from 'vitest';
import { browserTuning } from './tuning-store.ts';

afterEach(() => vi.unstubAllGlobals());

it('brings values back by their key', async () => {
  const stored = new Map<string, Response>();
  const cache = {
    match: async (url: string) => stored.get(url)?.clone(),
    put: async (url: string, answer: Response) => void stored.set(new URL(url).href, answer),
  };
  vi.stubGlobal('caches', { open: async () => cache });
  const store = browserTuning();
  await store.set('a|é ×/?#', '1');
  await store.set('b', '2');
  await store.set('b', '3');
  expect([await store.get('a|é ×/?#'), await store.get('b'), await store.get('c')]).toEqual(['1', '3', null]);
});

it('forgets without a word where there is no storage', async () => {
  const store = browserTuning();
  vi.stubGlobal('caches', undefined);
  await store.set('a', '1');
  expect(await store.get('a')).toBeNull();
  vi.stubGlobal('caches', { open: () => Promise.reject(new DOMException('denied', 'SecurityError')) });
  await store.set('a', '1');
  expect(await store.get('a')).toBeNull();
});
