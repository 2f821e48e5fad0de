/** `npm run screenshots`: pictures of every view, wide and narrow, light and dark, in French and in English, into docs/screenshots. Not part of `npm test`. */
import { defineConfig } from '@playwright/test';
import config from './playwright.config.ts';

export default defineConfig({ ...config, testMatch: '*.shots.ts', reporter: 'list' });
