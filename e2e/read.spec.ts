/** The reading view: surprise word by word, with the embedded model on the GPU of the browser. */
import type { Page } from '@playwright/test';
import { expect, test } from './site.ts';

const sheet = (page: Page) => page.getByRole('group', { name: /^Mots du texte/ });

async function open(page: Page): Promise<void> {
  await page.evaluate(() => {
    location.hash = '#/read';
  });
  await page.getByRole('heading', { level: 1, name: 'Lire un texte long' }).waitFor();
  await page.getByRole('radio', { name: 'Rapide' }).check({ force: true });
}

async function write(page: Page, text: string): Promise<void> {
  await page.getByRole('radio', { name: 'Écrire' }).check({ force: true });
  await page.getByRole('textbox', { name: 'Texte' }).fill(text);
  await page.getByRole('radio', { name: 'Lire' }).check({ force: true });
}

/** Waits for words read in this way, the whole text or a part of it, and starts the reading where it would take long here. */
async function reading(page: Page, way: 'rapide' | 'exacte', what: 'whole' | 'part' = 'whole'): Promise<void> {
  const go = page.getByRole('button', { name: 'Lancer le calcul' });
  // An answer to the text before is shown as such, and does not count.
  const done = page
    .locator('[class*=found]:not([data-stale]) > p')
    .filter({ hasText: new RegExp(`Lecture ${way}\\. [\\d\\s]+tokens lus ${what === 'whole' ? 'en' : 'sur'}`) });
  await expect(go.or(done).first()).toBeVisible({ timeout: 60_000 });
  if (await go.isVisible()) await go.click();
  await expect(done).toBeVisible({ timeout: 100_000 });
}

test('the example is read at once; the table and the jumps lead to its words', async ({ app }) => {
  await open(app);
  await app.getByRole('button', { name: 'Un courrier où une dose détonne' }).click();
  await reading(app, 'rapide');
  await app.getByRole('button', { name: 'Mot surprenant suivant (n)' }).click();
  await expect(sheet(app).locator('[data-found]').first()).toBeVisible();
  await sheet(app).focus();
  await expect(app.getByRole('tooltip')).toContainText('bits');
  await app.getByRole('radio', { name: 'Tableau de tous les mots' }).check({ force: true });
  await app.getByRole('radio', { name: 'Les plus surprenants d’abord' }).check({ force: true });
  const bits = (await app.getByRole('row').locator('td:nth-child(3)').allTextContents()).map(each => Number(each.replace(',', '.')));
  expect(bits.length).toBeGreaterThan(5);
  expect(bits).toEqual([...bits].sort((a, b) => b - a));
  await app.getByRole('radio', { name: 'Liste' }).check({ force: true });
});

test('the dose that does not fit is the most surprising word, read fast and with each word hidden in turn', async ({ app }) => {
  await open(app);
  await app.getByRole('button', { name: 'Un courrier où une dose détonne' }).click();
  await reading(app, 'rapide');
  const most = app.getByRole('region', { name: 'Ce qui surprend le modèle' }).getByRole('listitem').filter({ hasText: 'bits' });
  await expect(most.first()).toContainText('kg');
  await write(app, 'Traitement : paracétamol 1 kg trois fois par jour.');
  await app.getByRole('radio', { name: 'Exacte' }).check({ force: true });
  await reading(app, 'exacte');
  await expect(most.filter({ hasText: 'kg' })).toContainText(/1\d,\d\sbits/);
  await app.getByRole('radio', { name: 'Rapide' }).check({ force: true });
});

test('two pages are read without blocking the page, and fit a phone', async ({ app }) => {
  await open(app);
  const longest = () => app.evaluate(() => (globalThis as typeof globalThis & { longestRead?: number }).longestRead ?? 0);
  await app.evaluate(() => {
    const state = globalThis as typeof globalThis & { longestRead?: number };
    new PerformanceObserver(list => {
      for (const { duration } of list.getEntries()) state.longestRead = Math.max(state.longestRead ?? 0, duration);
    }).observe({ type: 'longtask' });
  });
  await write(app, 'La patiente tousse depuis trois jours.\n'.repeat(60));
  await reading(app, 'rapide');
  // Wall time beside a software GPU on every core, as in fill-mask.spec.ts.
  expect(await longest()).toBeLessThanOrEqual(600);
  await app.setViewportSize({ width: 360, height: 740 });
  const { scroll, client } = await app.evaluate(() => ({
    scroll: document.documentElement.scrollWidth,
    client: document.documentElement.clientWidth,
  }));
  expect(scroll).toBeLessThanOrEqual(client);
});

test('stopped in the middle, what came stays', async ({ app }) => {
  await open(app);
  await write(app, 'La patiente tousse depuis trois jours et a de la fièvre. '.repeat(4));
  await reading(app, 'rapide');
  await app.getByRole('radio', { name: 'Exacte' }).check({ force: true });
  await reading(app, 'exacte', 'part');
  await app.getByRole('button', { name: 'Arrêter' }).click();
  await expect(app.getByRole('heading', { name: 'Arrêté' })).toBeVisible();
  await expect(sheet(app).locator('[data-word]').first()).toBeVisible();
  await app.getByRole('radio', { name: 'Rapide' }).check({ force: true });
});
