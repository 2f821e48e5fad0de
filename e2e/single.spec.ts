/** The page in one file, opened from the disk as by a double click: no server, no network. */
import { copyFile, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { test as base, expect, type Page } from '@playwright/test';
import { expectedCases } from './expected.ts';
import { miniReady } from './ready.ts';
import { appFolder, write } from './site.ts';

const test = base.extend<{ opened: { page: Page; noise: string[]; requests: string[] } }>({
  // A folder of its own with nothing else in it, at another path than the one it was built to.
  opened: async ({ context, page }, use) => {
    const folder = await mkdtemp(join(tmpdir(), 'affinage-single-'));
    const file = join(folder, 'affinage é.html');
    await copyFile(`${appFolder}/../single/affinage.html`, file);
    const [noise, requests]: [string[], string[]] = [[], []];
    page.on('console', message => message.type() === 'error' && noise.push(message.text()));
    page.on('pageerror', error => noise.push(error.message));
    context.on('request', request => requests.push(request.url()));
    await context.setOffline(true);
    await page.goto(pathToFileURL(file).href);
    await use({ page, noise, requests });
    await rm(folder, { recursive: true });
  },
});

test('one file opened from the disk answers with the embedded model, without a server or a network', async ({ opened }) => {
  const { page, noise, requests } = opened;
  await miniReady(page);
  const [first] = expectedCases();
  await write(page, first?.text ?? '');
  const options = page.getByRole('listbox', { name: 'Prédictions pour le masque 1' }).getByRole('option');
  await expect(options).toHaveCount(5);
  const words = await options.evaluateAll(all => all.map(each => each.querySelector('span')?.textContent?.trim()));
  expect(words).toEqual(first?.masks[0]?.tokens.slice(0, 5).map(token => token.trim()));
  // The file itself, then nothing but what it holds.
  expect(requests.filter(url => !/^(data|blob):/.test(url))).toEqual([page.url()]);
  expect(noise).toEqual([]);
  // Chromium keeps no files for a page from the disk, and the page says so; the panel shows the same, and what it made no requests for.
  await expect(page.getByRole('heading', { name: 'Ce navigateur ne conserve rien ici pour : les modèles' })).toBeVisible();
  await page.getByRole('button', { name: 'Confidentialité' }).click();
  const panel = page.getByRole('dialog', { name: 'Confidentialité' });
  await expect(panel.locator('dl > div', { hasText: 'Modèles' })).toContainText('refusé par ce navigateur');
  await expect(panel.getByText('0 vers d’autres hôtes')).toBeVisible();
  await expect(panel.getByText(/ouverte depuis le disque/)).toBeVisible();
  expect(noise).toEqual([]);
});
