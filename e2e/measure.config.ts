/** `npm run measure:page`: not a test. Times that need a quiet machine, for docs/log. */
import { defineConfig } from '@playwright/test';
import config from './playwright.config.ts';

export default defineConfig(config, { testMatch: '*.measure.ts', timeout: 1_800_000, reporter: 'line' });
