/** `npm run measure:page`: no test, but measurements for docs/log, which need an otherwise idle machine. */
import { defineConfig } from '@playwright/test';
import config from './playwright.config.ts';

export default defineConfig(config, { testMatch: '*.measure.ts', timeout: 1_800_000, reporter: 'line' });
