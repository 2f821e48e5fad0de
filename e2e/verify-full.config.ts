/** `npm run verify:full`: takes minutes to an hour depending on the adapter, so it is no part of `npm test`. */
import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    root: new URL('..', import.meta.url).pathname,
    include: ['e2e/verify-full.ts'],
    pool: 'forks',
    fileParallelism: false,
    testTimeout: 6 * 3_600_000,
    disableConsoleIntercept: true,
  },
});
