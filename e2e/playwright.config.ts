/** End-to-end tests of the built page in the system's Chromium, whose WebGPU runs on SwiftShader here. */
import { defineConfig } from '@playwright/test';
import { findBrowser } from './browsers.ts';

export const chromiumArgs = [
  '--no-sandbox',
  '--enable-unsafe-webgpu',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-domain-reliability',
  '--no-first-run',
];

export default defineConfig({
  testDir: '.',
  testMatch: '*.spec.ts',
  outputDir: '../test-results',
  // One software GPU for all: tests side by side would only wait for each other.
  workers: 1,
  timeout: 120_000,
  expect: { timeout: 60_000 },
  forbidOnly: true,
  reporter: [['list'], ['./playwright-count.ts']],
  use: {
    browserName: 'chromium',
    locale: 'fr-FR',
    colorScheme: 'light',
    serviceWorkers: 'block',
    screenshot: 'only-on-failure',
    launchOptions: { executablePath: findBrowser('chromium') ?? 'chromium-is-not-installed', args: chromiumArgs },
  },
});
