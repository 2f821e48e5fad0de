/** The pictures of docs/SCREENSHOTS.md: each view as a reader has it in front of him, with an answer of the embedded model. */
import { fileURLToPath } from 'node:url';
import type { Page } from '@playwright/test';
import { type Route, routes } from '../src/app/shell/route.ts';
import { expect, miniReady, test } from './site.ts';

const folder = fileURLToPath(new URL('../docs/screenshots/', import.meta.url));
const sizes = { wide: { width: 1280, height: 900 }, narrow: { width: 390, height: 844 } } as const;
const languages = { fr: 'Français', en: 'English' } as const;

/** Brings each view to an answer; works in both languages. */
const prepare: Record<Route, (page: Page) => Promise<void>> = {
  fill: async page => {
    await page.getByRole('button', { name: /^(Neurologie|Neurology)$/ }).click();
    await expect(page.getByRole('listbox').nth(1)).toBeVisible();
  },
  read: async page => {
    await page.getByRole('button', { name: /détonne|does not fit/ }).click();
    const go = page.getByRole('button', { name: /Lancer le calcul|Compute now/ });
    const done = page.getByText(/tokens lus en|tokens read in/);
    await expect(go.or(done)).toBeVisible();
    if (await go.isVisible()) await go.click();
    await expect(done).toBeVisible();
    await page.getByRole('button', { name: /surprenant suivant|Next surprising/ }).click();
  },
  search: async page => {
    const example = page.getByRole('button', { name: /exemple|example/i });
    const query = page
      .getByRole('searchbox')
      .or(page.getByRole('textbox', { name: /^(Recherche|Query|Search)/ }))
      .first();
    await expect(example.or(query).first()).toBeVisible();
    if (await example.first().isVisible()) await example.first().click();
    await expect(page.locator('main mark').first()).toBeVisible();
  },
  embed: async page => {
    await page.getByRole('button', { name: /Charger l’exemple|Load the example/ }).click();
    await expect(page.getByRole('table').first()).toBeVisible();
  },
  models: async page => void (await page.getByRole('heading', { level: 1 }).waitFor()),
  device: async page => void (await page.getByRole('heading', { level: 2 }).first().waitFor()),
};

for (const [language, name] of Object.entries(languages)) {
  test(`pictures in ${language}`, async ({ browser, site }) => {
    test.setTimeout(600_000);
    const page = await (await browser.newContext({ locale: 'fr-FR', serviceWorkers: 'block' })).newPage();
    await page.goto(site.url);
    await miniReady(page);
    await page.getByRole('radio', { name, exact: true }).check({ force: true });
    for (const route of routes) {
      await page.setViewportSize(sizes.wide);
      await page.evaluate(hash => {
        location.hash = hash;
      }, `#/${route}`);
      await prepare[route](page);
      for (const theme of ['light', 'dark'] as const) {
        await page.emulateMedia({ colorScheme: theme, reducedMotion: 'reduce' });
        for (const [size, viewport] of Object.entries(sizes)) {
          await page.setViewportSize(viewport);
          await page.evaluate(() => scrollTo(0, 0));
          await page.screenshot({ path: `${folder}${route}-${size}-${theme}-${language}.jpg`, type: 'jpeg', quality: 55 });
        }
      }
    }
    await page.context().close();
  });
}
