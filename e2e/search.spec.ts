/** Search in one's own reports, with the embedded model: what is found, what is kept, and files that are not what they say. */
import type { Page } from '@playwright/test';
import { docxFile, pdfFile } from '../src/testing/office-files.ts';
import { violations } from './axe.ts';
import { expect, miniReady, test } from './site.ts';

const hits = (page: Page) => page.getByRole('region', { name: 'Recherche' }).getByRole('list').last().getByRole('listitem');
const query = (page: Page) => page.getByRole('searchbox', { name: 'Recherche' });
const indexed = (page: Page, passages: number) => page.getByText(new RegExp(`^Passages avec un vecteur\\s: ${passages}\\. Vecteurs`));

async function open(page: Page): Promise<void> {
  await page.evaluate(() => {
    location.hash = '#/search';
  });
  await page.getByRole('heading', { level: 1, name: 'Chercher dans vos comptes rendus' }).waitFor();
  await expect(page.getByRole('button', { name: 'Ajouter des fichiers' })).toBeEnabled();
}

/** Gives files as if they had been picked. */
async function give(page: Page, ...files: { name: string; mimeType: string; buffer: Buffer }[]): Promise<void> {
  await page.locator('input[type=file]').setInputFiles(files);
}
const file = (name: string, buffer: Buffer | string) => ({ name, mimeType: '', buffer: Buffer.from(buffer) });

async function deleteIndex(page: Page): Promise<void> {
  await page.getByRole('button', { name: 'Supprimer l’index' }).click();
  await page.getByRole('button', { name: 'Tout supprimer' }).click();
  await expect(page.getByRole('heading', { name: 'Cherchez dans vos comptes rendus' })).toBeVisible();
}

test('the example: words, words without accents and a meaning find what they should; a reload keeps it, deleting removes it', async ({
  app,
}) => {
  await open(app);
  await app.getByRole('button', { name: 'Charger les comptes rendus d’exemple' }).click();
  await expect(indexed(app, 46)).toBeVisible();
  // « Embolie pulmonaire » is asked at once.
  await expect(hits(app).first()).toContainText('Pneumologie, embolie pulmonaire');
  await expect(hits(app).first()).toContainText(/mots\s: n° 1 \(BM25 [\d,]+\)/);
  await expect(hits(app).first().locator('mark').first()).toHaveText(/embolie/i);

  await app.getByRole('button', { name: 'insuffisance renale' }).click();
  await expect(hits(app).first()).toContainText('Néphrologie, insuffisance rénale');
  await expect(hits(app).first().locator('mark').last()).toHaveText('rénale');

  // Neither word is in any report: only the vectors can know.
  await app.getByRole('button', { name: 'tumeur maligne' }).click();
  await expect(hits(app).first()).toContainText('Oncologie, sein');
  await expect(hits(app).first()).toContainText(/sens\s: n° 1 \(cosinus 0,\d{3}\)/);
  await expect(hits(app).first()).not.toContainText('BM25');
  await app.getByRole('radio', { name: 'Mots', exact: true }).check({ force: true });
  await expect(app.getByRole('heading', { name: 'Aucun résultat' })).toBeVisible();
  await app.getByRole('radio', { name: 'Mots et sens' }).check({ force: true });

  await hits(app).first().getByRole('button', { name: 'Ouvrir Oncologie, sein' }).click();
  await expect(app.getByRole('dialog').locator('mark')).toHaveCount(1);
  expect(await violations(app)).toEqual([]);
  await app.keyboard.press('Escape');

  await app.reload();
  await miniReady(app);
  await open(app);
  await expect(indexed(app, 46)).toBeVisible();
  await query(app).fill('os cassé après une chute');
  await expect(hits(app).first()).toContainText('Orthopédie, fracture');
  await app.getByRole('button', { name: 'Retirer Orthopédie, fracture' }).click();
  await expect(indexed(app, 43)).toBeVisible();
  await expect(hits(app).filter({ hasText: 'Orthopédie' })).toHaveCount(0);

  await deleteIndex(app);
  await app.reload();
  await miniReady(app);
  await open(app);
  await expect(app.getByRole('heading', { name: 'Cherchez dans vos comptes rendus' })).toBeVisible();
});

test('an index is saved as a file and comes back from it, vectors and all', async ({ app }) => {
  await open(app);
  await give(app, file('note.txt', 'Toux sèche. Fièvre depuis hier.'));
  await expect(indexed(app, 2)).toBeVisible();
  const download = app.waitForEvent('download');
  await app.getByRole('button', { name: 'Enregistrer dans un fichier' }).click();
  const path = await (await download).path();
  await deleteIndex(app);
  await app
    .locator('input[type=file]')
    .setInputFiles({ name: 'a.affinage', mimeType: '', buffer: await import('node:fs/promises').then(fs => fs.readFile(path)) });
  await expect(indexed(app, 2)).toBeVisible();
  await query(app).fill('fievre');
  await expect(hits(app).first()).toContainText('Fièvre depuis hier.');
  await deleteIndex(app);
});

test('CSV, PDF and Word documents are read, many at once; each broken one is named, and nothing else is lost', async ({ app }) => {
  await open(app);
  await give(
    app,
    file(
      'base.csv',
      Buffer.from('id;note;service\n1;Otite moyenne aiguë;ORL\n2;Palpitations à l’effort;Cardio\n'.replace('’', "'"), 'latin1'),
    ),
    file('lettre.pdf', pdfFile([['Le patient consulte pour une toux.'], ['Un traitement par amoxicilline est prescrit.']])),
    file('lettre.docx', docxFile(['Fracture du poignet gauche.'])),
    file('scan.pdf', pdfFile([[]])),
    file('faux.docx', 'Ceci n’est pas un document Word.'),
    file('gros.csv', Buffer.alloc(50_000_000, 'toux;fievre\n')),
  );
  const alert = app.getByRole('alert').filter({ hasText: 'À propos de ces fichiers' });
  await expect(alert).toContainText(/scan\.pdf n’a pas été ajouté\s: ses pages sont des images/);
  await expect(alert).toContainText(/faux\.docx n’a pas été ajouté\s: ce n’est pas un document Word/);
  await expect(alert).toContainText(/gros\.csv n’a pas été ajouté\s: il fait 50\sMo, et la page en lit 20\sMo au plus/);
  await expect(alert).toContainText('base.csv n’indique pas son encodage');

  await expect(app.getByRole('combobox', { name: 'Séparateur des colonnes' })).toHaveValue(';');
  await expect(app.getByRole('combobox', { name: 'Colonne du texte' })).toHaveValue('1');
  expect(await violations(app)).toEqual([]);
  await app.setViewportSize({ width: 320, height: 740 });
  expect(await app.locator('main').evaluate(main => main.scrollWidth)).toBeLessThanOrEqual(320);
  await app.getByRole('button', { name: 'Ajouter ce tableau' }).click();
  await expect(indexed(app, 5)).toBeVisible();
  for (const [asked, found, place] of [
    ['otite', 'Otite moyenne aiguë', 'ligne 1 sur 2'],
    ['amoxicilline', 'Un traitement par amoxicilline est prescrit.', 'page 2 sur 2'],
    ['poignet', 'Fracture du poignet gauche.', ''],
  ] as const) {
    await query(app).fill(asked);
    await expect(hits(app).first()).toContainText(found);
    await expect(hits(app).first()).toContainText(place);
  }
  await deleteIndex(app);
});

test('when all that this page keeps is deleted, the view forgets it too', async ({ app }) => {
  await open(app);
  await give(app, file('note.txt', 'Toux sèche.'));
  await expect(indexed(app, 1)).toBeVisible();
  await app.evaluate(() => void indexedDB.deleteDatabase('affinage-index'));
  await expect(app.getByRole('heading', { name: 'Cherchez dans vos comptes rendus' })).toBeVisible();
});

test('storage that is full is said, and what was added can be searched in this tab', async ({ app }) => {
  await open(app);
  await app.evaluate(() => {
    const state = globalThis as typeof globalThis & { put?: typeof IDBObjectStore.prototype.put };
    state.put = IDBObjectStore.prototype.put;
    IDBObjectStore.prototype.put = () => {
      throw new DOMException('full', 'QuotaExceededError');
    };
  });
  await give(app, file('note.txt', 'Toux sèche.'));
  await expect(app.getByText('Le stockage est plein.')).toBeVisible();
  await query(app).fill('toux');
  await expect(hits(app).first()).toContainText('Toux sèche.');
  await app.evaluate(() => {
    const { put } = globalThis as typeof globalThis & { put?: typeof IDBObjectStore.prototype.put };
    if (put) IDBObjectStore.prototype.put = put;
  });
  await deleteIndex(app);
});

test('two tabs: the second says that the first is at work, and shows what it did', async ({ app, site }) => {
  await open(app);
  const second = await app.context().newPage();
  await second.goto(`${site.url}#/search`);
  await miniReady(second);
  await open(second);
  // The first holds the index, as it does while it computes.
  await app.evaluate(() => {
    const state = globalThis as typeof globalThis & { release?: () => void };
    void navigator.locks.request('affinage-index', () => new Promise<void>(done => Object.assign(state, { release: done })));
  });
  await give(second, file('note.txt', 'Toux sèche.'));
  await expect(second.getByText('Un autre onglet modifie cet index.')).toBeVisible();
  await app.evaluate(() => (globalThis as typeof globalThis & { release?: () => void }).release?.());
  await give(app, file('note.txt', 'Toux sèche. Fièvre.'));
  await expect(indexed(app, 2)).toBeVisible();
  await expect(indexed(second, 2)).toBeVisible();
  await expect(second.getByText('Un autre onglet modifie cet index.')).toBeHidden();
  await second.close();
  await deleteIndex(app);
});
