/** A text in a link: made by a press, opened in another window, and gone from the address at once. */
import { expect, hideWords, predictionList, test, write, writtenText } from './site.ts';

test('a shared link opens with the text, predicts, and leaves no text in the address; the host never sees it', async ({
  app,
  fresh: { page },
  site,
}) => {
  const text = 'La patiente Zéphyrine présente une [MASK] aiguë.';
  await write(app, text);
  await app.getByRole('button', { name: 'Partager…' }).click();
  const dialog = app.getByRole('dialog', { name: 'Un lien vers ce texte' });
  await expect(dialog.getByText(/Ce lien contient votre texte/)).toBeVisible();
  const link = dialog.getByRole('textbox', { name: 'Lien' });
  await expect(link).toHaveValue(/#\/fill\?v=1&t=/);
  const address = await link.inputValue();
  await app.keyboard.press('Escape');
  expect(app.url()).toBe(`${site.url}#/fill`);

  const seen = site.log.length;
  await page.goto(address);
  await expect.poll(() => writtenText(page)).toBe(text);
  await expect(page).toHaveURL(`${site.url}#/fill`);
  await expect(predictionList(page).getByRole('option')).toHaveCount(5);
  expect(JSON.stringify(site.log.slice(seen))).not.toMatch(/Zéphyrine|t=|fill\?/);
  await page.reload();
  expect(await writtenText(page)).not.toBe(text);

  // Cut by a mail program.
  await page.evaluate(
    hash => {
      location.hash = hash;
    },
    new URL(address).hash.slice(0, -6),
  );
  await expect(page.getByRole('alert')).toContainText('coupé ou modifié');
  await expect(page).toHaveURL(`${site.url}#/fill`);
});

test('a lesson in a link opens at its first sentence, guessing on', async ({ app, fresh: { page }, site }) => {
  await write(app, 'Douleur thoracique.\nToux sèche.');
  await hideWords(app);
  await app.getByRole('button', { name: 'Masquer « thoracique »' }).click();
  await app.getByRole('button', { name: 'Partager la leçon…' }).click();
  const link = app.getByRole('dialog').getByRole('textbox', { name: 'Lien' });
  await expect(link).toHaveValue(/#\/fill\?v=1&l=/);
  const address = await link.inputValue();
  await app.keyboard.press('Escape');
  await page.goto(address);
  await expect(page.getByRole('main').getByText('Leçon reçue par un lien')).toBeVisible();
  await expect(page.getByRole('main').getByText('Phrase 1 sur 1')).toBeVisible();
  await expect(page.getByRole('textbox', { name: 'Votre mot pour le masque 1' })).toBeVisible();
  await expect(page).toHaveURL(`${site.url}#/fill`);
});
