/** The engineer's drawer and class mode: the screen as code, and a lesson from a file. */
import { execFileSync } from 'node:child_process';
import { expect, miniReady, test, write } from './site.ts';

test('the screen is shown as code, with the text quoted for a shell', async ({ app }) => {
  const text = `L'« [MASK] » "aiguë" du $myocarde \\ 🫀.`;
  await write(app, text);
  await app.getByRole('button', { name: 'Voir le code' }).click();
  const dialog = app.getByRole('dialog', { name: 'Cet écran en code' });
  await expect(dialog.getByRole('region', { name: 'JavaScript' })).toContainText("import { loadModel } from 'affinage';");
  await dialog.getByRole('tab', { name: 'Ligne de commande' }).click();
  const command = (await dialog.getByRole('region', { name: 'Ligne de commande' }).textContent()) ?? '';
  const words = execFileSync('sh', ['-c', command.replace('npx', "printf '%s\\0'")], { encoding: 'utf8' }).split('\0');
  expect(words.slice(0, 2)).toEqual(['affinage', 'fill-mask']);
  expect(words.at(-2)).toBe(text);
  await dialog.getByRole('tab', { name: 'Python' }).click();
  await expect(dialog.getByRole('region', { name: 'Python' })).toContainText('AutoModelForMaskedLM');
  // Long lines scroll within the code, on a phone too.
  await app.setViewportSize({ width: 320, height: 640 });
  expect(await dialog.evaluate(box => box.scrollWidth - box.clientWidth)).toBe(0);
  await app.keyboard.press('Escape');
  await expect(dialog).toBeHidden();
});

test('a lesson is guessed sentence by sentence, in large type at 320 px too', async ({ app }) => {
  const lesson = '# Cœur\nLe patient présente une {nécrose} aiguë du myocarde.\nLa radiographie du thorax montre une [MASK].\n';
  const chooser = app.waitForEvent('filechooser');
  await app.getByRole('button', { name: 'Ouvrir une leçon' }).click();
  await (await chooser).setFiles({ name: 'cœur.txt', mimeType: 'text/plain', buffer: Buffer.from(lesson) });
  const panel = app.getByRole('region', { name: /^Leçon/ });
  await expect(panel).toContainText('Phrase 1 sur 2');
  await app.getByRole('textbox', { name: 'Votre mot pour le masque 1' }).fill('nécrose');
  await app.getByRole('button', { name: 'Voir les réponses' }).click();
  await expect(panel).toContainText(/Score\s:\s3 sur 3/);
  await panel.getByRole('button', { name: 'Phrase suivante' }).click();
  await expect(app.getByRole('textbox', { name: /^Votre mot/ })).toHaveCount(1);
  await panel.getByRole('button', { name: 'Voir le bilan' }).click();
  await expect(panel.getByRole('row', { name: /nécrose/ })).toContainText('3 / 3');
  await app.getByRole('switch', { name: 'Grands caractères' }).check({ force: true });
  await app.setViewportSize({ width: 320, height: 640 });
  expect(await app.evaluate(() => document.documentElement.scrollWidth)).toBe(320);
  await app.setViewportSize({ width: 1280, height: 900 });
  await app.getByRole('switch', { name: 'Grands caractères' }).uncheck({ force: true });
  await panel.getByRole('button', { name: 'Fermer la leçon' }).click();
  await expect(panel).toBeHidden();
});

test('the check of training runs in the page, and its code is no part of the first download', async ({ fresh: { page }, site }) => {
  test.setTimeout(400_000);
  const scripts: string[] = [];
  page.context().on('request', request => scripts.push(request.url()));
  await page.goto(`${site.url}#/device`);
  await miniReady(page);
  expect(scripts.filter(url => url.includes('verify-training'))).toEqual([]);
  await page.getByRole('button', { name: 'Vérifier l’entraînement' }).click();
  // Stopped once, then run to its end.
  await page.getByRole('button', { name: 'Annuler' }).click();
  await page.getByRole('button', { name: 'Vérifier l’entraînement' }).click();
  await expect(page.getByRole('list', { name: 'Vérifications de l’entraînement' })).toBeVisible({ timeout: 380_000 });
  await expect(page.getByText(/^\d+ réussis, 0 échec$/)).toBeVisible();
  expect(scripts.filter(url => url.includes('verify-training'))).not.toEqual([]);
});
