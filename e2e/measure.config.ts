/** `npm run measure:page`: not a test. Times that need a quiet machine, for docs/LOG.md. */
import config from './playwright.config.ts';

export default { ...config, testMatch: '*.measure.ts', timeout: 1_800_000, reporter: 'line' };
