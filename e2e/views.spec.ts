/** The other views: embeddings, the device, languages, themes, narrow screens, and accessibility of all of them. */
import type { Page } from '@playwright/test';
import { routes } from '../src/app/shell/route.ts';
import { violations } from './axe.ts';
import { expect, hideWords, predictionList, settled, test, watched, write } from './site.ts';

const goTo = (page: Page, route: string) =>
  page.evaluate(hash => {
    location.hash = hash;
  }, `#/${route}`);

const number = (text: string | null): number => Number((text ?? '').replace(/\s/g, '').replace(',', '.').replace('−', '-'));

test('texts are compared in a matrix, and a query ranks them', async ({ app }) => {
  await goTo(app, 'embed');
  await app.getByRole('button', { name: 'Charger l’exemple' }).click();
  const table = app.getByRole('table', { name: /Similarité cosinus/ });
  await expect(table.getByRole('row')).toHaveCount(6);
  const rows = await table
    .locator('tbody tr')
    .evaluateAll(all => all.map(row => [...row.querySelectorAll('td')].map(cell => cell.textContent)));
  const matrix = rows.map(row => row.map(number));
  matrix.forEach((row, i) => {
    expect(row).toHaveLength(5);
    row.forEach((value, j) => {
      expect(value).toBe(matrix[j]?.[i]);
      if (i === j) expect(value).toBe(1);
      else expect(Math.abs(value)).toBeLessThan(1);
    });
  });
  await expect(app.getByRole('heading', { name: 'Textes les plus proches de la requête' })).toBeVisible();
  const scores = (await app.locator('ol > li', { hasText: 'Cosinus' }).allTextContents()).map(text =>
    number(text.split('Cosinus')[1] ?? null),
  );
  expect(scores).toHaveLength(5);
  expect(scores).toEqual([...scores].sort((a, b) => b - a));
  // In the example the model ranks both texts of cardiology before the others.
  const first = (await app.locator('ol > li', { hasText: 'Cosinus' }).allTextContents()).slice(0, 2);
  expect(first.filter(text => /sus-décalage du segment ST|artère coronaire/.test(text))).toHaveLength(2);
});

test('the device view tells adapter, precision, memory, times and variants', async ({ app }) => {
  await expect(predictionList(app).getByRole('option')).toHaveCount(5);
  await goTo(app, 'device');
  for (const name of ['Adaptateur', 'Modèle', 'Mémoire du GPU', 'Durées', 'Variantes des noyaux']) {
    await expect(app.getByRole('heading', { name, exact: true })).toBeVisible();
  }
  await expect(app.getByText(/le navigateur en émule un sur le processeur/)).toBeVisible();
  await expect(
    app
      .getByRole('definition')
      .filter({ hasText: /\d+\stokens/ })
      .first(),
  ).toBeVisible();
  // No variant was refused on this adapter.
  await expect(app.getByText(/refusée :/)).toHaveCount(0);
});

test('the language changes everything at once, and is kept', async ({ fresh: { page }, site }) => {
  await page.goto(site.url);
  await expect(page.getByRole('heading', { level: 1 })).toHaveText('Prédire le mot masqué');
  await page.getByRole('radio', { name: 'English' }).check({ force: true });
  await expect(page.getByRole('heading', { level: 1 })).toHaveText('Fill in the mask');
  await expect(page.locator('html')).toHaveAttribute('lang', 'en');
  await page.reload();
  await expect(page.getByRole('heading', { level: 1 })).toHaveText('Fill in the mask');
  expect(await page.locator('html').getAttribute('lang')).toBe('en');
});

test('light, dark and the system’s theme', async ({ fresh: { page }, site }) => {
  await page.goto(site.url);
  const lightness = () =>
    page.evaluate(() => {
      const canvas = document.createElement('canvas').getContext('2d');
      if (!canvas) throw new Error('no canvas');
      canvas.fillStyle = getComputedStyle(document.body).backgroundColor;
      canvas.fillRect(0, 0, 1, 1);
      const [r = 0, g = 0, b = 0] = canvas.getImageData(0, 0, 1, 1).data;
      return (r + g + b) / 765;
    });
  await expect.poll(lightness).toBeGreaterThan(0.8);
  await page.emulateMedia({ colorScheme: 'dark' });
  await expect.poll(lightness).toBeLessThan(0.3);
  await page.getByRole('radio', { name: 'Clair' }).check({ force: true });
  await expect.poll(lightness).toBeGreaterThan(0.8);
  await page.emulateMedia({ colorScheme: 'light' });
  await page.getByRole('radio', { name: 'Sombre' }).check({ force: true });
  await expect.poll(lightness).toBeLessThan(0.3);
  await page.reload();
  await expect.poll(lightness).toBeLessThan(0.3);
});

for (const width of [320, 360, 768]) {
  test(`no view scrolls sideways on a screen of ${width} px`, async ({ app }) => {
    await app.getByRole('button', { name: 'Neurologie' }).click();
    await expect(predictionList(app, 2).getByRole('option')).toHaveCount(5);
    await app.setViewportSize({ width, height: 740 });
    for (const route of routes) {
      await goTo(app, route);
      await app.getByRole('heading', { level: 1 }).waitFor();
      const { scroll, client } = await app.evaluate(() => ({
        scroll: document.documentElement.scrollWidth,
        client: document.documentElement.clientWidth,
      }));
      expect(scroll, route).toBeLessThanOrEqual(client);
    }
  });
}

test('on a phone the answers start within a screen and a half, and no column is cut', async ({ app }) => {
  await app.setViewportSize({ width: 360, height: 740 });
  /** Where an element begins, in screens; and what reaches over the right edge, also inside a part that scrolls. */
  const top = (selector: string) =>
    app.evaluate(wanted => ((document.querySelector(wanted)?.getBoundingClientRect().top ?? Infinity) + scrollY) / innerHeight, selector);
  const cut = () =>
    app.evaluate(() =>
      [...document.querySelectorAll('main td, main th, main [role=option] *')]
        .filter(each => each.getBoundingClientRect().right > innerWidth)
        .map(each => each.textContent),
    );
  await app.getByRole('textbox', { name: 'Vos propres mots' }).fill('anatomopathologie, insuffisance');
  await expect(app.getByRole('row', { name: /insuffisance/ })).toContainText(/%/);
  expect(await top('[role=listbox]')).toBeLessThan(1.5);
  expect(await cut()).toEqual([]);
  // The columns of a table are as wide as their longest word, so that no word is broken in two.
  const lines = await app.getByRole('option').evaluateAll(rows =>
    rows.map(row => {
      const word = document.createRange();
      word.selectNodeContents(row.querySelector('[lang=fr]')?.firstChild ?? row);
      return word.getClientRects().length;
    }),
  );
  expect(lines).toEqual([1, 1, 1, 1, 1]);
  await goTo(app, 'embed');
  await app.getByRole('button', { name: 'Charger l’exemple' }).click();
  await expect(app.getByRole('table')).toBeVisible();
  expect(await top('section[aria-label="Similarité"]')).toBeLessThan(1.5);
  expect(await cut()).toEqual([]);
});

test('forced colours show what is chosen and how long a bar is; names do not run together', async ({ app }) => {
  await app.emulateMedia({ forcedColors: 'active' });
  const option = predictionList(app).getByRole('option');
  await expect(option.first()).toHaveAccessibleName(/^\p{L}+ ?, [\d,]+\s%$/u);
  await expect(option.first()).toHaveCSS('outline-style', 'solid');
  await expect(option.nth(1)).toHaveCSS('outline-style', 'none');
  const background = (name: string) =>
    app.getByRole('radio', { name, exact: true }).evaluate(radio => getComputedStyle(radio.closest('label') ?? radio).backgroundColor);
  expect(await background('Français')).not.toBe(await background('English'));
  const bars = await option.evaluateAll(rows =>
    rows.map(row => {
      const bar = row.querySelector('[aria-hidden] > span');
      return bar && getComputedStyle(bar).backgroundColor !== getComputedStyle(document.body).backgroundColor;
    }),
  );
  expect(bars).toEqual([true, true, true, true, true]);
  await app.emulateMedia({ forcedColors: 'none' });
});

for (const [language, name] of [
  ['fr', 'Français'],
  ['en', 'English'],
] as const) {
  for (const theme of ['light', 'dark'] as const) {
    test(`axe-core finds nothing in any view: ${language}, ${theme}`, async ({ app }) => {
      await write(app, 'La patiente tousse depuis trois jours.');
      await hideWords(app);
      await app.getByRole('button', { name: 'Masquer « tousse »' }).click();
      await expect(predictionList(app).getByRole('option')).toHaveCount(5);
      await settled(app);
      await app.getByRole('radio', { name, exact: true }).check({ force: true });
      await app.emulateMedia({ colorScheme: theme });
      for (const route of routes) {
        await goTo(app, route);
        await app.getByRole('heading', { level: 1 }).waitFor();
        expect(await violations(app), route).toEqual([]);
      }
      await app.emulateMedia({ colorScheme: 'light' });
    });
  }
}

test('axe-core finds nothing in the code of a screen, in a lesson and its summary, and in large type', async ({ app }) => {
  await app.getByRole('button', { name: 'Voir le code' }).click();
  for (const tab of ['JavaScript', 'Ligne de commande', 'Python']) {
    await app.getByRole('tab', { name: tab }).click();
    expect(await violations(app), tab).toEqual([]);
  }
  await app.keyboard.press('Escape');
  const chooser = app.waitForEvent('filechooser');
  await app.getByRole('button', { name: 'Ouvrir une leçon' }).click();
  await (await chooser).setFiles({ name: 'a.txt', mimeType: 'text/plain', buffer: Buffer.from('Une {nécrose} aiguë.') });
  await app.getByRole('switch', { name: 'Grands caractères' }).check({ force: true });
  await expect(app.getByRole('textbox', { name: /^Votre mot/ })).toBeVisible();
  await settled(app);
  expect(await violations(app), 'lesson').toEqual([]);
  await app.getByRole('button', { name: 'Voir le bilan' }).click();
  expect(await violations(app), 'summary').toEqual([]);
  await app.getByRole('button', { name: 'Fermer la leçon' }).click();
  await app.getByRole('switch', { name: 'Grands caractères' }).uncheck({ force: true });
});

test('a browser without WebGPU is helped, in an accessible way, and nothing breaks', async ({ playwright, site }) => {
  const browser = await playwright.chromium.launch({
    ...test.info().project.use.launchOptions,
    args: ['--no-sandbox', '--disable-background-networking', '--disable-component-update'],
  });
  try {
    const page = await browser.newPage({ locale: 'fr-FR', serviceWorkers: 'block' });
    const watch = await watched(page, site);
    await page.goto(site.url);
    await expect(page.getByRole('heading', { level: 1 })).toHaveText('Ce navigateur ne donne pas accès à un processeur graphique');
    await expect(page.getByRole('heading', { level: 2 }).first()).toContainText('votre navigateur');
    expect(await violations(page)).toEqual([]);
    await page.getByRole('button', { name: 'Réessayer' }).click();
    await expect(page.getByRole('button', { name: 'Réessayer' })).toBeVisible();
    expect(watch.take()).toEqual([]);
  } finally {
    await browser.close();
  }
});
