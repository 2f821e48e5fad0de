// @vitest-environment happy-dom
/** What the sheet does beyond one answer to one mask: several masks, what goes together, filters, notes, class mode, two sentences. */
import { cleanup, fireEvent, screen, waitFor, within } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import { afterEach, expect, test } from 'vitest';
import { appState } from '../store/store.ts';
import { fakeHost, fakeModel } from '../testing/fake-model.ts';
import { renderApp } from '../testing/render-app.tsx';
import { list, options, plain, sheet } from '../testing/sheet.ts';

let stop = () => {};
afterEach(() => {
  stop();
  cleanup();
});

const infarctus = 'Le patient présente une [MASK] aiguë.';
/** The page with `text` on the sheet. */
const open = (text = '', model = fakeModel()) => {
  stop = renderApp(
    fakeHost(async () => model),
    { text },
  );
};

test('several masks: words that go together are apart, and put into the text at a press', async () => {
  open('Un [MASK] et un [MASK].');
  await list(2);
  const together = await screen.findByRole('listbox', { name: /^Ensemble/ });
  const rows = await within(together).findAllByRole('option');
  expect(rows[0]?.textContent).toContain('ensemble0-0 · ensemble0-1');
  const user = userEvent.setup();
  await user.click(rows[1] as HTMLElement);
  expect(sheet()).toContain('Un 1ensemble1-0▾ et un 2ensemble1-1▾.');
  // A word of its own takes its place again.
  await user.click((await options(1))[0] as HTMLElement);
  expect(sheet()).toMatch(/Un 1mot\d+-050,0 %▾/);
});

test('with many masks only the one that the reader is at is open, and the text and the list follow each other', async () => {
  open('Un [MASK], deux [MASK], trois [MASK], quatre [MASK].');
  await list(1);
  expect(screen.queryByRole('listbox', { name: 'Prédictions pour le masque 3' })).toBeNull();
  fireEvent.mouseEnter(screen.getByRole('button', { name: /^Masque 3 ?,/ }).parentElement as HTMLElement);
  expect(await list(3)).toBeTruthy();
  expect(screen.queryByRole('listbox', { name: 'Prédictions pour le masque 1' })).toBeNull();
});

test('the words of a mask open at the mask itself and are put in from there', async () => {
  open(infarctus);
  await list(1);
  const user = userEvent.setup();
  await user.click(screen.getByRole('button', { name: 'Mots pour le masque 1' }));
  const dialog = await screen.findByRole('dialog', { name: 'Masque 1' });
  await user.click(within(dialog).getAllByRole('option')[2] as HTMLElement);
  expect(appState().fill.selected).toEqual([2]);
  await user.keyboard('{Escape}');
  await waitFor(() => expect(screen.queryByRole('dialog')).toBeNull());
  expect(sheet()).toContain('autre2-0');
});

test('one hidden word at a time: another word takes its place; the answer was prepared', async () => {
  const model = fakeModel();
  open('Douleur thoracique vive.', model);
  const user = userEvent.setup();
  await user.click(screen.getByRole('switch', { name: 'Un seul mot masqué à la fois' }));
  await user.click(screen.getByRole('button', { name: /^Masquer «\sthoracique\s»$/ }));
  await list(1);
  const prepared = () => model.calls.flatMap(({ kind, input }) => (kind === 'predict' && Array.isArray(input) ? input : []));
  await waitFor(() => expect(prepared()).toContain('Douleur thoracique [MASK].'), { timeout: 3000 });
  await user.click(screen.getByRole('button', { name: /^Masquer «\svive\s»$/ }));
  await waitFor(() => expect(appState().fill.text).toBe('Douleur thoracique [MASK].'));
  expect(await screen.findByText('calculé à l’avance')).toBeTruthy();
});

test('a filter looks further down the list, and says the ranks', async () => {
  const model = fakeModel();
  open(infarctus, model);
  await list(1);
  const user = userEvent.setup();
  await user.type(screen.getByRole('textbox', { name: 'Commence par' }), 'AUTRE1');
  await waitFor(async () => expect((await options(1))[0]?.textContent).toMatch(/^autre1-0, rang 2/));
  expect(model.calls.at(-1)?.options).toMatchObject({ topK: 100 });
  await user.type(screen.getByRole('textbox', { name: 'Commence par' }), 'zzz');
  expect(await screen.findByText(/Aucun des 1.000 mots/)).toBeTruthy();
});

test('accents apart from their letters are noticed and joined at a press', async () => {
  open('Fie\u0300vre [MASK].');
  const user = userEvent.setup();
  await user.click(await screen.findByRole('button', { name: 'Réunir les accents et leurs lettres' }));
  expect(appState().fill.text).toBe('Fièvre [MASK].');
  expect(screen.queryByText(/Unicode décomposé/)).toBeNull();
});

test('words that the tokenizer does not know are said, each with its reason', async () => {
  const model = fakeModel();
  model.tokenize = async text => {
    const words = [...text.matchAll(/[\p{L}\p{S}]+/gu)];
    return {
      ids: words.map((_, i) => i),
      tokens: words.map(({ 0: word }) => (word.length > 16 || word.includes('☃') ? '[UNK]' : word)),
      offsets: words.map(({ 0: word, index }) => [index, index + word.length] as [number, number]),
    };
  };
  open('Une immunohistochimie et un ☃.', model);
  expect(plain((await screen.findByText(/« immunohistochimie » est plus long/)).textContent)).toContain('[UNK]');
  expect(plain((await screen.findByText(/« ☃ » contient un caractère absent/)).textContent)).toContain('[UNK]');
});

test('class mode: the answers wait for the guess, which is scored', async () => {
  open(infarctus);
  await list(1);
  const user = userEvent.setup();
  await user.click(screen.getByRole('switch', { name: 'Deviner avant de voir les réponses' }));
  expect(screen.queryByRole('listbox')).toBeNull();
  expect(sheet()).not.toContain('mot');
  await user.type(screen.getByRole('textbox', { name: 'Votre mot pour le masque 1' }), 'embolie{Enter}');
  await list(1);
  // The rank of every asked word is 40 here.
  expect(plain(screen.getByRole('heading', { name: /Vos réponses/ }).parentElement?.textContent)).toContain(
    'embolierang 40, 0,10 %1 point',
  );
  expect(screen.getByText(/Score\s: 1 en 1 tour\./)).toBeTruthy();
});

test('two sentences: the words that differ most, each with both probabilities', async () => {
  open();
  const user = userEvent.setup();
  await user.click(screen.getByRole('radio', { name: 'Deux phrases' }));
  expect(screen.getByText('Deux phrases qui diffèrent en un point')).toBeTruthy();
  await user.click(screen.getByRole('button', { name: 'Le patient / La patiente' }));
  const table = await screen.findByRole('table', { name: 'Plus probables dans A' });
  expect(plain(within(table).getAllByRole('row')[1]?.textContent)).toMatch(/^mot\d+.*× /);
  expect(screen.getByRole('table', { name: 'Plus probables dans B' })).toBeTruthy();
});
