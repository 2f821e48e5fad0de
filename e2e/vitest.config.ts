/** Tests of the whole project that need no Chromium: the rules of imports, hostile files, and Firefox. Run by e2e/run.mjs. */
import { fileURLToPath } from 'node:url';
import { defineConfig } from 'vitest/config';

const root = fileURLToPath(new URL('..', import.meta.url));

export default defineConfig({
  root,
  define: { __AFFINAGE_VERSION__: JSON.stringify('test') },
  test: {
    testTimeout: 300_000,
    hookTimeout: 240_000,
    projects: [
      { extends: true, test: { name: 'layers', include: ['e2e/layers.test.ts', 'e2e/lock-file.test.ts'] } },
      { extends: true, test: { name: 'hostile', include: ['e2e/hostile/*.test.ts'] } },
      { extends: true, test: { name: 'firefox', include: ['e2e/firefox.test.ts'], maxConcurrency: 12 } },
    ],
  },
});
