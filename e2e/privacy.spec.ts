/** The panel of privacy: what the page asked for, what is kept, and deleting all of it in one action. */
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import type { Page } from '@playwright/test';
import type { AxeResults } from 'axe-core';
import { expect, miniReady, test, write, writtenText } from './site.ts';

const openPanel = async (page: Page) => {
  await page.getByRole('button', { name: 'Confidentialité' }).click();
  return page.getByRole('dialog', { name: 'Confidentialité' });
};

/** An index as the search keeps it; `held`: the page has it open, as a view in use has. */
const makeIndex = (page: Page, held: boolean) =>
  page.evaluate(
    hold =>
      new Promise<void>((resolve, reject) => {
        const opening = indexedDB.open('affinage-index', 1);
        opening.onupgradeneeded = () => opening.result.createObjectStore('documents');
        opening.onerror = () => reject(opening.error);
        opening.onsuccess = () => {
          const transaction = opening.result.transaction('documents', 'readwrite');
          transaction.objectStore('documents').put('Zéphyrine', 1);
          transaction.oncomplete = () => {
            if (hold) Object.assign(globalThis, { held: opening.result });
            else opening.result.close();
            resolve();
          };
        };
      }),
    held,
  );

test('the engine’s requests are listed beside the page’s, and none went elsewhere', async ({ app }) => {
  const panel = await openPanel(app);
  await expect(panel.getByText('0 vers d’autres hôtes')).toBeVisible();
  await panel.getByText(/^Adresses/).click();
  const row = (name: string | RegExp) => panel.getByRole('row').filter({ hasText: name });
  await expect(row('./models/mini/model.safetensors').first()).toContainText('moteur');
  await expect(row(/^\.\/assets\/index-.*\.js/)).toContainText('page');
  await app.keyboard.press('Escape');
});

test('the panel fits a narrow screen and passes axe', async ({ app }) => {
  await app.setViewportSize({ width: 320, height: 740 });
  const panel = await openPanel(app);
  await panel.getByText(/^Adresses/).click();
  await expect(panel.getByText('…')).toHaveCount(0);
  expect(await panel.evaluate(each => each.scrollWidth - each.clientWidth)).toBe(0);
  await app.evaluate(readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8'));
  const found = await app.evaluate(() => (globalThis as typeof globalThis & { axe: { run(): Promise<AxeResults> } }).axe.run());
  expect(found.violations.map(({ id, nodes }) => `${id}: ${nodes.map(({ html }) => html).join(' ')}`)).toEqual([]);
  await app.keyboard.press('Escape');
});

test('settings, text, index and the page’s own caches are deleted in one action, also while a view has the index open', async ({
  fresh: { page },
  site,
}) => {
  await page.goto(site.url);
  await miniReady(page);
  await page.getByRole('switch', { name: /Conserver mon texte/ }).check({ force: true });
  await write(page, 'La patiente Zéphyrine tousse.');
  await expect.poll(() => page.evaluate(() => localStorage.getItem('affinage.text'))).toContain('Zéphyrine');
  await makeIndex(page, true);
  await page.evaluate(() => localStorage.setItem('another-page', 'stays'));

  const panel = await openPanel(page);
  const part = (name: string) => panel.locator('dl > div', { hasText: name });
  await expect(part('Index de vos documents')).not.toContainText('rien');
  await expect(part('Texte conservé')).toContainText(/\d/);
  await panel.getByRole('button', { name: 'Supprimer tout ce qui est à moi' }).click();
  const question = page.getByRole('alertdialog');
  await question.getByRole('switch', { name: /Aussi la page hors ligne/ }).check({ force: true });
  await question.getByRole('button', { name: 'Supprimer' }).click();
  await expect(panel.getByText(/C’est supprimé/)).toBeVisible();
  const left = () =>
    page.evaluate(async () => {
      const held = (globalThis as typeof globalThis & { held?: IDBDatabase }).held;
      const rows = await new Promise(resolve => {
        if (!held) return resolve(0);
        const counting = held.transaction('documents').objectStore('documents').count();
        counting.onsuccess = () => resolve(counting.result);
      });
      return { keys: Object.keys(localStorage), caches: await caches.keys(), rows };
    });
  expect(await left()).toEqual({ keys: ['another-page'], caches: [], rows: 0 });

  await panel.getByRole('button', { name: 'Recharger la page' }).click();
  await page.waitForLoadState();
  expect(await page.evaluate(async () => (await indexedDB.databases()).map(({ name }) => name))).toEqual([]);
  expect(await writtenText(page)).not.toContain('Zéphyrine');
});
