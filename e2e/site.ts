/**
 * Fixtures of the page's tests: a static host with the built page and some model folders, good and bad; a page on which the embedded
 * model is ready; and, in every test, a check that the page did nothing forbidden.
 */
import { fileURLToPath } from 'node:url';
import { test as base, expect, type Page } from '@playwright/test';
import type { TestServer } from '../src/testing/http-server.ts';
import type { Prediction } from '../src/types.ts';
import { giveChoices, type KeptChoices, keptChoices } from './kept-choices.ts';
import { publishedFolder } from './published-folder.ts';
import { miniReady } from './ready.ts';
import { staticServer } from './static-server.ts';

export { expect, miniReady };

const root = fileURLToPath(new URL('..', import.meta.url));
export const appFolder = `${root}dist/app`;

export interface Site extends TestServer {
  /** A folder of a small random model, also served as models/random/. */
  modelFolder: string;
}

/** What a page did that it must not do: console errors, exceptions, violations of the security policy, requests to other hosts. */
export class Watch {
  readonly noise: string[] = [];
  #expected: RegExp[] = [];

  constructor(page: Page, origin: string) {
    page.on('console', message => {
      if (message.type() === 'error') this.noise.push(`console: ${message.text()}`);
    });
    page.on('pageerror', error => this.noise.push(`exception: ${error.message}`));
    page.context().on('request', request => {
      const url = new URL(request.url());
      if (/^(https?|wss?):$/.test(url.protocol) && url.origin !== new URL(origin).origin) this.noise.push(`request to ${url.href}`);
    });
  }

  /** Allows messages of this pattern in this test. */
  expectNoise(pattern: RegExp): void {
    this.#expected.push(pattern);
  }

  /** The messages since the last call that were not allowed by `expectNoise`. */
  take(): string[] {
    const unexpected = this.noise.filter(line => !this.#expected.some(pattern => pattern.test(line)));
    this.noise.length = 0;
    this.#expected = [];
    return unexpected;
  }
}

/** Reports violations of the policy as console errors in one form, as browsers differ. */
const reportViolations = () => {
  document.addEventListener('securitypolicyviolation', event => {
    console.error(`policy violation: ${event.violatedDirective} ${event.blockedURI} ${event.sourceFile}:${event.lineNumber}`);
  });
};

export async function watched(page: Page, site: Site): Promise<Watch> {
  await page.addInitScript(reportViolations);
  return new Watch(page, site.url);
}

interface Shared {
  site: Site;
  ready: { page: Page; watch: Watch; kept: KeptChoices };
}

interface Each {
  /** A fresh page, watched; its machine has seen this adapter before. */
  fresh: { page: Page; watch: Watch };
  /** The page on which mini is loaded, shared by all tests, back on the first view with the first example. */
  app: Page;
  watch: Watch;
}

export const test = base.extend<Each, Shared>({
  site: [
    // biome-ignore lint/correctness/noEmptyPattern: Playwright reads the names of the fixtures from here.
    async ({}, use) => {
      const folder = await publishedFolder();
      const modelFolder = folder.path;
      const server = await staticServer([
        { path: '/', serve: appFolder },
        { path: '/models/random/', serve: modelFolder },
        {
          path: '/models/html/',
          serve: (_, response) => void response.writeHead(200, { 'Content-Type': 'text/html' }).end('<!doctype html><p>Hello</p>'),
        },
      ]);
      await use({ ...server, modelFolder });
      await server.close();
      await folder.remove();
    },
    { scope: 'worker' },
  ],

  ready: [
    async ({ browser, site }, use) => {
      const context = await browser.newContext({ locale: 'fr-FR', colorScheme: 'light', serviceWorkers: 'block' });
      const page = await context.newPage();
      const watch = await watched(page, site);
      await page.goto(site.url);
      await miniReady(page);
      await use({ page, watch, kept: await keptChoices(page) });
      await context.close();
    },
    { scope: 'worker', timeout: 180_000 },
  ],

  fresh: async ({ page, site, ready }, use) => {
    await giveChoices(page.context(), site.url, ready.kept);
    const watch = await watched(page, site);
    await use({ page, watch });
    expect(watch.take()).toEqual([]);
  },

  watch: async ({ ready }, use) => {
    await use(ready.watch);
    expect(ready.watch.take()).toEqual([]);
  },

  app: async ({ ready: { page }, watch }, use) => {
    void watch; // its fixture checks it after the test
    await page.setViewportSize({ width: 1280, height: 900 });
    await page.evaluate(() => {
      location.hash = '#/fill';
    });
    await page.getByRole('radio', { name: 'Français' }).check({ force: true });
    await page.getByRole('button', { name: 'Cardiologie' }).click();
    await expect(predictionList(page)).toBeVisible();
    await settled(page);
    await use(page);
  },
});

/** Waits until the shown answer is that to the text in the field. */
export async function settled(page: Page): Promise<void> {
  await expect(page.locator('[aria-busy]')).toHaveAttribute('aria-busy', 'false');
}

/** Waits for the answer to the text that stands in the field, and gives it as the page copies it. */
export async function answer(page: Page): Promise<Prediction[][]> {
  await settled(page);
  await page.context().grantPermissions(['clipboard-read', 'clipboard-write']);
  await page.getByRole('button', { name: 'Copier en JSON' }).click();
  const json = JSON.parse(await page.evaluate(() => navigator.clipboard.readText())) as { predictions: Prediction[] | Prediction[][] };
  return json.predictions.every(Array.isArray) ? (json.predictions as Prediction[][]) : [json.predictions as Prediction[]];
}

export const textField = (page: Page) => page.getByRole('textbox', { name: 'Texte' });

/** Writes on the sheet, and leaves it open for writing. */
export async function write(page: Page, text: string): Promise<void> {
  await page.getByRole('radio', { name: 'Écrire' }).check({ force: true });
  await textField(page).fill(text);
}

/** Turns the sheet so that words can be hidden. */
export const hideWords = (page: Page): Promise<void> => page.getByRole('radio', { name: 'Masquer des mots' }).check({ force: true });

/** The text that stands on the sheet; the sheet is open for writing afterwards. */
export async function writtenText(page: Page): Promise<string> {
  await page.getByRole('radio', { name: 'Écrire' }).check({ force: true });
  return textField(page).inputValue();
}
export const predictionList = (page: Page, mask = 1) => page.getByRole('listbox', { name: `Prédictions pour le masque ${mask}` });
