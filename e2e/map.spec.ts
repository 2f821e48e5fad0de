/** The map of the passages and near-duplicates, with the embedded model. */
import { readFile } from 'node:fs/promises';
import type { Page } from '@playwright/test';
import { violations } from './axe.ts';
import { expect, test } from './site.ts';

/** The tests of this file share the example: its vectors take ten seconds here. The last one deletes it. */
async function openExample(page: Page): Promise<void> {
  await page.evaluate(() => {
    location.hash = '#/search';
  });
  const example = page.getByRole('button', { name: 'Charger les comptes rendus d’exemple' });
  const query = page.getByRole('radiogroup').filter({ has: page.getByRole('radio', { name: 'Carte' }) });
  await expect(example.or(query)).toBeVisible();
  if (await example.isVisible()) await example.click();
  await part(page, 'Passages');
  await expect(page.getByText(/^Passages avec un vecteur\s: 46\. Vecteurs/)).toBeVisible();
}

async function deleteIndex(page: Page): Promise<void> {
  await page.getByRole('button', { name: 'Supprimer l’index' }).click();
  await page.getByRole('button', { name: 'Tout supprimer' }).click();
  await expect(page.getByRole('heading', { name: 'Cherchez dans vos comptes rendus' })).toBeVisible();
}

const part = (page: Page, name: string) => page.getByRole('radio', { name, exact: true }).check({ force: true });
const picture = (page: Page) => page.locator('canvas').evaluate(canvas => (canvas as HTMLCanvasElement).toDataURL());

test('the example as a map: points, neighbours from the keyboard, UMAP, a rectangle', async ({ app }) => {
  await openExample(app);
  await part(app, 'Carte');
  await expect(app.getByText(/^Plan des deux composantes principales/)).toBeVisible();
  const points = app.getByRole('listbox', { name: 'Points (46)' });
  await expect(points).toBeVisible();
  const before = await picture(app);
  await points.focus();
  await expect.poll(() => picture(app)).not.toBe(before);
  await app.keyboard.press('ArrowDown');
  await app.keyboard.press('Enter');
  const chosen = app.getByRole('region', { name: 'Passage choisi' });
  await expect(chosen.getByRole('listitem')).toHaveCount(8);
  await expect(chosen.getByRole('listitem').first()).toContainText(/cosinus 0,\d{3}/);
  expect(await violations(app)).toEqual([]);

  await app.getByRole('button', { name: 'Réarranger avec UMAP' }).click();
  await expect(app.getByText(/^Carte par UMAP/)).toBeVisible();
  // What was chosen is still chosen.
  await expect(points.getByRole('option', { selected: true })).toHaveCount(1);

  const canvas = app.locator('canvas');
  await canvas.scrollIntoViewIfNeeded();
  const box = await canvas.boundingBox();
  if (!box) throw new Error('The map is not there.');
  await app.mouse.move(box.x + 2, box.y + 2);
  await app.mouse.down();
  await app.mouse.move(box.x + box.width - 2, box.y + box.height - 2, { steps: 4 });
  await app.mouse.up();
  await expect(app.getByRole('heading', { name: /Passages dans le rectangle\s: 46/ })).toBeVisible();
  await app.setViewportSize({ width: 320, height: 740 });
  expect(await app.locator('main').evaluate(main => main.scrollWidth)).toBeLessThanOrEqual(320);
});

test('the vectors are saved as Parquet and as .npy', async ({ app }) => {
  await openExample(app);
  await app.getByText('Exporter les vecteurs').click();
  for (const [name, file, magic] of [
    ['Parquet', 'affinage-vectors.parquet', 'PAR1'],
    ['NumPy (.npy)', 'affinage-vectors.npy', '\x93NUMPY'],
  ] as const) {
    const download = app.waitForEvent('download');
    await app.getByRole('button', { name }).click();
    const saved = await download;
    expect(saved.suggestedFilename()).toBe(file);
    const bytes = await readFile(await saved.path());
    expect(bytes.toString('latin1').startsWith(magic)).toBe(true);
    // 46 passages, 256 numbers of two bytes at least.
    expect(bytes.length).toBeGreaterThan(46 * 256 * 2);
  }
  expect(await violations(app)).toEqual([]);
});

test('near-duplicates: none in the example; one that is pasted is found, and what differs is marked', async ({ app }) => {
  await openExample(app);
  await part(app, 'Presque doubles');
  await expect(app.getByRole('heading', { name: 'Aucun presque double' })).toBeVisible();
  expect(await violations(app)).toEqual([]);
  await app.locator('input[type=file]').setInputFiles({
    name: 'copie.txt',
    mimeType: '',
    buffer: Buffer.from(
      'L’angioscanner thoracique confirme une embolie pulmonaire bilatérale. L’échographie cardiaque montre une fraction d’éjection du ventricule gauche à 45 %.',
    ),
  });
  await expect(app.getByText('Textes identiques')).toBeVisible();
  await app.getByRole('slider', { name: 'Cosinus minimal' }).fill('0.9');
  const pair = app.getByRole('listitem').filter({ has: app.locator('del', { hasText: /^35$/ }) });
  await expect(pair.locator('ins')).toHaveText('45');
  expect(await violations(app)).toEqual([]);
  await app.setViewportSize({ width: 320, height: 740 });
  expect(await app.locator('main').evaluate(main => main.scrollWidth)).toBeLessThanOrEqual(320);
  await pair.getByRole('button', { name: 'Ouvrir copie.txt' }).click();
  await expect(app.getByRole('dialog').locator('mark')).toContainText('45');
  await app.keyboard.press('Escape');
  await deleteIndex(app);
});
