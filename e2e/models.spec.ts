/** Choosing a model: folders that are not there or not a model, files from the disk, and the page without a network. */
import { copyFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Page } from '@playwright/test';
import { expect, miniReady, predictionList, test, watched, write } from './site.ts';

/** Types an address of another model; loading it is the next step. */
async function enter(page: Page, address: string): Promise<void> {
  await page.evaluate(() => {
    location.hash = '#/models';
  });
  await page.getByRole('radio', { name: /Un autre modèle/ }).check({ force: true });
  await page.getByRole('textbox', { name: 'Identifiant ou adresse' }).fill(address);
}

async function choose(page: Page, address: string): Promise<void> {
  await enter(page, address);
  await page.getByRole('button', { name: 'Charger ce modèle' }).click();
}

test('a folder that is not there: the address is named, and mini runs on', async ({ app, watch, site }) => {
  watch.expectNoise(/404/);
  await choose(app, `${site.url}models/none`);
  const alert = app.getByRole('alert');
  await expect(alert).toContainText('config.json est introuvable');
  await expect(alert).toContainText('models/none');
  await expect(alert).toContainText('Le modèle précédent reste actif.');
  await alert.getByRole('button', { name: 'Fermer' }).click();
  await miniReady(app);
});

test('a host that answers every address with a web page is recognised', async ({ app, site }) => {
  await choose(app, `${site.url}models/html`);
  await expect(app.getByRole('alert')).toContainText(/HTML/i);
  await app.getByRole('button', { name: 'Fermer' }).click();
  await miniReady(app);
});

test('a host that the policy does not allow is refused before anything is sent', async ({ app }) => {
  await enter(app, 'https://models.example/folder');
  await expect(app.getByText(/n’autorise pas https:\/\/models\.example/)).toBeVisible();
  await expect(app.getByRole('button', { name: 'Charger ce modèle' })).toBeDisabled();
});

test('files from the disk make a model; what is missing is named', async ({ fresh: { page }, site }) => {
  await page.goto(`${site.url}#/models`);
  await page.getByRole('radio', { name: /Des fichiers de cette machine/ }).check({ force: true });
  const input = page.locator('input[type=file]');
  const file = (name: string) => join(site.modelFolder, name);
  await input.setInputFiles([file('config.json'), file('model.safetensors')]);
  await expect(page.getByText(/Il manque encore\s:\stokenizer\.json/)).toBeVisible();
  await input.setInputFiles([file('tokenizer.json')]);
  await expect(page.getByText(/Il manque encore/)).toHaveCount(0);
  await page.getByRole('button', { name: 'Charger ce modèle' }).click();
  await expect(page.getByText('Actif', { exact: true })).toBeVisible();
  await expect(page.getByRole('link', { name: /Modèle utilisé : (?!mini)/ })).toBeVisible();
  await page.getByRole('link', { name: 'Mot masqué' }).click();
  await write(page, 'w12 w30 [MASK] w7');
  await expect(predictionList(page).getByRole('option')).toHaveCount(5);
});

test('a damaged file from the disk is an error that says so', async ({ fresh: { page }, site }, info) => {
  const broken = info.outputPath('model.safetensors');
  await copyFile(join(site.modelFolder, 'config.json'), broken);
  await page.goto(`${site.url}#/models`);
  await page.getByRole('radio', { name: /Des fichiers de cette machine/ }).check({ force: true });
  await page
    .locator('input[type=file]')
    .setInputFiles([join(site.modelFolder, 'config.json'), join(site.modelFolder, 'tokenizer.json'), broken]);
  await page.getByRole('button', { name: 'Charger ce modèle' }).click();
  await expect(page.getByRole('alert')).toContainText(/ModelFileError/);
});

test('after one visit the page starts and predicts without a network', async ({ browser, site }) => {
  const context = await browser.newContext({ locale: 'fr-FR', serviceWorkers: 'allow' });
  try {
    const page = await context.newPage();
    const watch = await watched(page, site);
    await page.goto(site.url);
    await expect(page.getByText('Cette page fonctionne désormais hors ligne.')).toBeVisible();
    await context.setOffline(true);
    await page.reload();
    await miniReady(page);
    await expect(predictionList(page).getByRole('option')).toHaveCount(5);
    expect(watch.take()).toEqual([]);
  } finally {
    await context.close();
  }
});
