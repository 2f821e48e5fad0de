/** The main job in the page: a masked word is predicted by the embedded model, on the GPU of the browser. */
import { expectedCases } from './expected.ts';
import { answer, expect, predictionList, settled, test, textField } from './site.ts';

test('the page predicts what PyTorch predicts, for one mask and for several', async ({ app }) => {
  const cases = expectedCases();
  const several = cases.find(({ masks }) => masks.length > 1);
  for (const { text, masks } of [cases[0], several].filter(each => each !== undefined)) {
    await textField(app).fill(text);
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
  await expect(app.getByRole('group', { name: 'Phrase complétée' })).toHaveText(
    (await textField(app).inputValue()).replace('[MASK]', second?.token_str ?? ''),
  );
});

test('a click hides a word and a click on its mask shows it again', async ({ app }) => {
  await textField(app).fill('La patiente tousse depuis trois jours.');
  await expect(app.getByText('Quel mot le modèle doit-il prédire ?')).toBeVisible();
  await app.getByRole('button', { name: 'Masquer « tousse »' }).click();
  await expect(textField(app)).toHaveValue('La patiente [MASK] depuis trois jours.');
  await expect(predictionList(app).getByRole('option')).toHaveCount(5);
  // The hidden word is scored too, wherever it ranks.
  await expect(
    app
      .getByText('le mot masqué')
      .or(app.getByText('mot masqué', { exact: true }))
      .first(),
  ).toBeVisible();
  await app.getByRole('button', { name: /afficher de nouveau le mot/ }).click();
  await expect(textField(app)).toHaveValue('La patiente tousse depuis trois jours.');
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
  await textField(app).fill(words.join(' '));
  await expect(app.getByRole('toolbar', { name: 'Mots' }).getByRole('button')).toHaveCount(590);
  const { page, footer } = await app.evaluate(() => ({
    page: document.documentElement.scrollHeight,
    footer: (document.querySelector('footer')?.getBoundingClientRect().bottom ?? 0) + scrollY,
  }));
  expect(page).toBeLessThanOrEqual(Math.max(footer, 900) + 1);
});

test('a text over the context is refused with both counts, and can be cut', async ({ app }) => {
  await textField(app).fill(`Une [MASK] aiguë. ${'La patiente tousse depuis trois jours. '.repeat(400)}`);
  const alert = app.getByRole('alert');
  await expect(alert).toContainText(/Il compte [\d\s]+\stokens, et le modèle en lit [\d\s]+ au plus/);
  await app.getByRole('button', { name: 'N’utiliser que le début' }).click();
  await expect(predictionList(app).getByRole('option')).toHaveCount(5);
  await expect(app.getByText(/Seul le début du texte est lu/)).toBeVisible();
});

test('two million characters are refused, and the page goes on', async ({ app }) => {
  await textField(app).fill('');
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
  await textField(app).fill('La patiente tousse depuis trois jours.');
  await expect(app.getByText('Quel mot le modèle doit-il prédire ?')).toBeVisible();
  await app.evaluate(() => {
    const state = globalThis as typeof globalThis & { longest?: number };
    state.longest = 0;
    new PerformanceObserver(list => {
      for (const { duration } of list.getEntries()) state.longest = Math.max(state.longest ?? 0, duration);
    }).observe({ type: 'longtask' });
  });
  await textField(app).fill(`Une [MASK] aiguë. ${'La patiente tousse depuis trois jours. '.repeat(30)}`);
  await expect(predictionList(app).getByRole('option')).toHaveCount(5);
  await answer(app);
  const longest = await app.evaluate(() => (globalThis as typeof globalThis & { longest?: number }).longest);
  // Wall time, while the software GPU fills every core: React's own tasks, 40 ms on a free core, stretch several times.
  expect(longest).toBeLessThanOrEqual(500);
});

test('from the keyboard alone: hide a word, read the answer, choose a word', async ({ app }) => {
  await textField(app).fill('Le patient présente une embolie pulmonaire.');
  await textField(app).focus();
  await app.keyboard.press('Escape');
  await app.getByRole('button', { name: 'Masquer « Le »' }).focus();
  for (let i = 0; i < 4; i++) await app.keyboard.press('ArrowRight');
  await app.keyboard.press('Enter');
  await expect(textField(app)).toHaveValue('Le patient présente une [MASK] pulmonaire.');
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
  await expect(textField(app)).toBeFocused();
  await app.keyboard.press('Alt+m');
  await expect(textField(app)).toHaveValue(/\[MASK\].*\[MASK\]/);
});
