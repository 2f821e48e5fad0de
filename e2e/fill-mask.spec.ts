/** The main job in the page: a masked word is predicted by the embedded model, on the GPU of the browser. */
import type { Page } from '@playwright/test';
import { expectedCases } from './expected.ts';
import { answer, expect, hideWords, predictionList, settled, test, textField, write, writtenText } from './site.ts';

test('the page predicts what PyTorch predicts, for one mask and for several', async ({ app }) => {
  const cases = expectedCases();
  const several = cases.find(({ masks }) => masks.length > 1);
  for (const { text, masks } of [cases[0], several].filter(each => each !== undefined)) {
    await write(app, text);
    await expect(predictionList(app, masks.length).getByRole('option').first()).toBeVisible();
    const groups = await answer(app);
    expect(groups).toHaveLength(masks.length);
    groups.forEach((group, mask) => {
      const expected = masks[mask];
      expect(group.map(({ token_str }) => token_str.replace(/^ /, ''))).toEqual(expected?.tokens.slice(0, group.length));
      group.forEach(({ score }, i) => {
        expect(score).toBeCloseTo(expected?.probabilities[i] ?? Number.NaN, 4);
      });
    });
  }
});

test('the best five words are shown with shares, and choosing one completes the sentence', async ({ app }) => {
  const options = predictionList(app).getByRole('option');
  await expect(options).toHaveCount(5);
  const groups = await answer(app);
  const second = groups[0]?.[1];
  await expect(options.nth(1)).toContainText(second?.token_str ?? '');
  await options.nth(1).click();
  await expect(app.getByRole('button', { name: /^Masque 1 ?,/ })).toContainText(second?.token_str ?? '');
});

test('a click hides a word and a click on its mask shows it again', async ({ app }) => {
  await write(app, 'La patiente tousse depuis trois jours.');
  await expect(app.getByText('Quel mot le modèle doit-il prédire ?')).toBeVisible();
  await hideWords(app);
  await app.getByRole('button', { name: 'Masquer « tousse »' }).click();
  await expect(predictionList(app).getByRole('option')).toHaveCount(5);
  // The hidden word is scored too, wherever it ranks.
  await expect(
    app
      .getByText('le mot masqué')
      .or(app.getByText('mot masqué', { exact: true }))
      .first(),
  ).toBeVisible();
  expect(await writtenText(app)).toBe('La patiente [MASK] depuis trois jours.');
  await hideWords(app);
  await app.getByRole('button', { name: /afficher de nouveau le mot/ }).click();
  await expect(app.getByRole('toolbar', { name: 'Mots' })).toHaveText('La patiente tousse depuis trois jours.');
});

test('two masks get two lists', async ({ app }) => {
  await app.getByRole('button', { name: 'Neurologie' }).click();
  await expect(predictionList(app, 1).getByRole('option')).toHaveCount(5);
  await expect(predictionList(app, 2).getByRole('option')).toHaveCount(5);
  await expect(app.getByText(/Chaque masque est prédit séparément/)).toBeVisible();
});

test('own words get a probability and a rank', async ({ app }) => {
  await app.getByRole('textbox', { name: 'Vos propres mots' }).fill('douleur, embolie');
  const row = app.getByRole('row', { name: /douleur/ });
  await expect(row).toContainText(/%/);
  await expect(row.getByRole('cell').last()).toHaveText(/^[\d\s]+$/);
  await app.getByRole('textbox', { name: 'Vos propres mots' }).fill('');
});

test('late masks in a text of two pages do not stretch the page below its footer', async ({ app }) => {
  const words = Array.from({ length: 590 }, (_, i) => (i === 500 || i === 580 ? '[MASK]' : 'douleur'));
  await write(app, words.join(' '));
  await hideWords(app);
  // A word is a button, a mask has one more for its other words.
  await expect(app.getByRole('toolbar', { name: 'Mots' }).getByRole('button')).toHaveCount(592);
  const { page, footer } = await app.evaluate(() => ({
    page: document.documentElement.scrollHeight,
    footer: (document.querySelector('footer')?.getBoundingClientRect().bottom ?? 0) + scrollY,
  }));
  expect(page).toBeLessThanOrEqual(Math.max(footer, 900) + 1);
});

test('a text over the context is refused with both counts, and can be cut', async ({ app }) => {
  await write(app, `Une [MASK] aiguë. ${'La patiente tousse depuis trois jours. '.repeat(400)}`);
  const alert = app.getByRole('alert');
  await expect(alert).toContainText(/Il compte [\d\s]+\stokens, et le modèle en lit [\d\s]+ au plus/);
  await app.getByRole('button', { name: 'N’utiliser que le début' }).click();
  await expect(predictionList(app).getByRole('option')).toHaveCount(5);
  await expect(app.getByText(/Seul le début du texte est lu/)).toBeVisible();
});

test('two million characters are refused, and the page goes on', async ({ app }) => {
  await write(app, '');
  await app.evaluate(() => {
    const area = document.querySelector('textarea');
    const set = Object.getOwnPropertyDescriptor(HTMLTextAreaElement.prototype, 'value')?.set;
    set?.call(area, `Une [MASK] aiguë. ${'a '.repeat(1_000_000)}`);
    area?.dispatchEvent(new Event('input', { bubbles: true }));
  });
  await expect(app.getByRole('alert')).toContainText('Le texte dépasse la longueur de contexte du modèle');
  await app.getByRole('button', { name: 'Cardiologie' }).click();
  await expect(predictionList(app).getByRole('option')).toHaveCount(5);
});

test('the main thread stays free while a long prediction runs', async ({ app }) => {
  await write(app, 'La patiente tousse depuis trois jours.');
  await expect(app.getByText('Quel mot le modèle doit-il prédire ?')).toBeVisible();
  await app.evaluate(() => {
    const state = globalThis as typeof globalThis & { longest?: number };
    state.longest = 0;
    new PerformanceObserver(list => {
      for (const { duration } of list.getEntries()) state.longest = Math.max(state.longest ?? 0, duration);
    }).observe({ type: 'longtask' });
  });
  await write(app, `Une [MASK] aiguë. ${'La patiente tousse depuis trois jours. '.repeat(30)}`);
  await expect(predictionList(app).getByRole('option')).toHaveCount(5);
  await answer(app);
  const longest = await app.evaluate(() => (globalThis as typeof globalThis & { longest?: number }).longest);
  // Wall time, while the software GPU fills every core: React's own tasks, 40 ms on a free core, stretch several times.
  expect(longest).toBeLessThanOrEqual(500);
});

test('from the keyboard alone: hide a word, read the answer, choose a word', async ({ app }) => {
  await write(app, 'Le patient présente une embolie pulmonaire.');
  await textField(app).focus();
  await app.keyboard.press('Escape');
  await expect(app.getByRole('button', { name: 'Masquer « Le »' })).toBeFocused();
  for (let i = 0; i < 4; i++) await app.keyboard.press('ArrowRight');
  await app.keyboard.press('Enter');
  const options = predictionList(app).getByRole('option');
  await expect(options).toHaveCount(5);
  // An answer that comes while a key is pressed draws the list anew.
  await settled(app);
  await options.first().focus();
  await app.keyboard.press('ArrowDown');
  await app.keyboard.press('Enter');
  await expect(options.nth(1)).toHaveAttribute('aria-selected', 'true');
  await app.keyboard.press('4');
  await expect(app.getByRole('heading', { level: 1 })).toHaveText('Comparer des textes');
  await expect(app.getByRole('heading', { level: 1 })).toBeFocused();
  await app.keyboard.press('1');
  await expect(app.getByRole('heading', { level: 1 })).toHaveText('Prédire le mot masqué');
  await expect(app.getByRole('heading', { level: 1 })).toBeFocused();
  await app.keyboard.press('/');
  await expect(app.getByRole('toolbar', { name: 'Mots' }).locator(':focus')).toHaveCount(1);
  await app.keyboard.press('Alt+m');
  await expect(textField(app)).toHaveValue(/\[MASK\].*\[MASK\]/);
});

/** Waits until `masks` masks have their words in the text, and starts the computation where it would take long on this machine. */
async function answeredHere(app: Page, masks: number): Promise<void> {
  const go = app.getByRole('button', { name: 'Lancer le calcul' });
  const last = app.getByRole('button', { name: new RegExp(`^Masque ${masks} ?, \\S+ [\\d,]+\\s%`) });
  await expect(go.or(last).first()).toBeVisible();
  if (await go.isVisible()) await go.click();
  await expect(last).toBeVisible();
}

test('five masks in a letter of two pages: the answers stand at the words, the list beside them, and each leads to the other', async ({
  app,
}) => {
  const paragraph = 'Je vous adresse cette patiente de 62 ans pour une [MASK] thoracique apparue il y a trois jours, sans fièvre ni toux. ';
  await write(app, `Cher confrère,\n\n${paragraph.repeat(5)}${'Le reste de l’examen est sans particularité. '.repeat(10)}`);
  await hideWords(app);
  await answeredHere(app, 5);
  await expect(predictionList(app, 5)).toHaveCount(0);
  await app.getByRole('button', { name: 'Mots pour le masque 5' }).click();
  const dialog = app.getByRole('dialog', { name: 'Masque 5' });
  const second = dialog.getByRole('option').nth(1);
  const word = (await second.locator('[lang=fr]').textContent()) ?? '';
  await second.click();
  await app.keyboard.press('Escape');
  await expect(app.getByRole('button', { name: /^Masque 5 ?,/ })).toContainText(word);
  // The card of the mask that the reader is at is open, and the whole answer fits two screens.
  await expect(predictionList(app, 5).getByRole('option').nth(1)).toHaveAttribute('aria-selected', 'true');
  const height = await app.locator('section[aria-label="Prédictions"]').evaluate(section => section.getBoundingClientRect().height);
  expect(height).toBeLessThan(2 * 900);
});

test('a word of two tokens opens two places, gets a score as a whole, and words that go together are found', async ({ app }) => {
  await write(app, 'Le patient est hospitalisé pour une pneumopathie aiguë.');
  await hideWords(app);
  await app.getByRole('button', { name: 'Masquer « pneumopathie »' }).click();
  await expect(predictionList(app, 2).getByRole('option')).toHaveCount(5);
  await expect(app.getByRole('row', { name: /pneumopathie.*2 tokens, pseudo-log-vraisemblance/ })).toContainText('%');
  await expect(app.getByRole('listbox', { name: /^Ensemble/ }).getByRole('option')).toHaveCount(5);
  await app
    .getByRole('listbox', { name: /^Ensemble/ })
    .getByRole('option')
    .first()
    .click();
  await app
    .getByRole('button', { name: /afficher de nouveau le mot/ })
    .first()
    .click();
  await expect(app.getByRole('toolbar', { name: 'Mots' })).toHaveText('Le patient est hospitalisé pour une pneumopathie aiguë.');
});

test('« ___ » and « [MASQUE] » are masks too; right-to-left text and emoji stay as they are', async ({ app }) => {
  await write(app, 'Une ___ aiguë 🫀 مرحبا et une [MASQUE] du foie.');
  await hideWords(app);
  await expect(predictionList(app, 2).getByRole('option')).toHaveCount(5);
  expect(await writtenText(app)).toBe('Une ___ aiguë 🫀 مرحبا et une [MASQUE] du foie.');
});

test('a hundred masks are answered, one list open', async ({ app }) => {
  await write(app, Array.from({ length: 100 }, (_, i) => `${i} [MASK]`).join(', '));
  await hideWords(app);
  await answeredHere(app, 100);
  await app.getByRole('button', { name: /^Masque 100 ?,/ }).click();
  await app.keyboard.press('Escape');
  await expect(predictionList(app, 100).getByRole('option')).toHaveCount(5);
});

test('two sentences are compared over the whole vocabulary', async ({ app }) => {
  await app.getByRole('radio', { name: 'Deux phrases' }).check({ force: true });
  await app.getByRole('button', { name: 'Le patient / La patiente' }).click();
  await expect(app.getByRole('table', { name: 'Plus probables dans B' }).getByRole('row')).toHaveCount(13);
  await app.getByRole('radio', { name: 'Tous' }).check({ force: true });
  await expect(app.getByRole('table', { name: 'Plus probables dans A' }).getByRole('row')).toHaveCount(13);
  await app.getByRole('radio', { name: 'Un texte' }).check({ force: true });
});

test('what a screen reader reads of an answer', async ({ app }) => {
  await app.getByRole('button', { name: 'Neurologie' }).click();
  await expect(predictionList(app, 2).getByRole('option')).toHaveCount(5);
  await settled(app);
  await expect(app.getByRole('toolbar', { name: 'Mots' })).toMatchAriaSnapshot(`
    - toolbar "Mots":
      - button "Masquer « scanner »"
      - button /Masque 1 ?, \\S+ [\\d,]+\\s%.+ autres mots/
      - button "Mots pour le masque 1"
      - button "Masquer « est »"
  `);
  await expect(app.getByRole('region', { name: 'Masque 1' })).toMatchAriaSnapshot(`
    - region "Masque 1":
      - heading "Masque 1" [level=2]
      - text: /incertitude [\\d,]+\\sbits/
      - listbox "Prédictions pour le masque 1":
        - option /^\\S+ ?, [\\d,]+\\s%$/ [selected]
        - option /, /
        - option /, /
        - option /, /
        - option /, /
      - text: /Tous les autres mots/
  `);
});
