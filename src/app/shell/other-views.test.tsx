// @vitest-environment happy-dom
import { cleanup, fireEvent, screen, waitFor, within } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import { afterEach, expect, test } from 'vitest';
import { NoAdapterError } from '../../errors.ts';
import { fakeHost, fakeModel } from '../testing/fake-model.ts';
import { renderApp } from '../testing/render-app.tsx';

let stop = () => {};
afterEach(() => {
  stop();
  cleanup();
});

const plain = (text: string | null | undefined) => (text ?? '').replace(/\s/g, ' ');

test('a sentence-transformers folder: its pooling, its prompt and its own length are said, and texts are cut there', async () => {
  const { embedding } = await fakeModel().report();
  const folder = {
    ...embedding,
    from: 'modules.json' as const,
    pooling: ['cls' as const],
    maxTokens: 77,
    prompts: { query: 'requête : ' },
    defaultPrompt: 'query',
  };
  const model = fakeModel({ embedding: folder });
  stop = renderApp(
    fakeHost(async () => model),
    { hash: '#/embed' },
  );
  fireEvent.change(await screen.findByRole('textbox', { name: 'Texte 1' }), { target: { value: 'aaa\nbbb' } });
  await screen.findByRole('table', { name: /Similarité cosinus/ });
  const shown = plain(document.body.textContent);
  expect(shown).toContain('(pooling : cls). Ils placent « requête : » devant chaque texte.');
  expect(shown).toContain('Les textes de plus de 77 tokens sont tronqués.');
  expect(shown).not.toContain('jamais été entraîné');
  expect(model.calls.at(-1)?.options).toMatchObject({ maxTokens: 77 });
});

test('pasted lines become texts; only new texts are embedded; the matrix and the ranking show cosines', async () => {
  const model = fakeModel();
  stop = renderApp(
    fakeHost(async () => model),
    { hash: '#/embed' },
  );
  const first = await screen.findByRole('textbox', { name: 'Texte 1' });
  expect(screen.getByText('Au moins deux textes')).toBeTruthy();
  // Vectors by letters: aa → (1, 0), ab → (1, 1)/√2, bb → (0, 1).
  fireEvent.change(first, { target: { value: 'aa\r\n\r\n ab \nbb' } });
  const table = await screen.findByRole('table', { name: /Similarité cosinus/ });
  const row = within(table).getByRole('rowheader', { name: /ab/ }).closest('tr');
  expect([...(row?.querySelectorAll('td') ?? [])].map(cell => cell.textContent)).toEqual(['0,707', '1,000', '0,707']);
  expect(model.calls.map(call => call.input)).toEqual([['aa', 'ab', 'bb']]);

  const user = userEvent.setup();
  await user.type(screen.getByRole('textbox', { name: 'Requête' }), 'b');
  await waitFor(() => expect(screen.getByRole('heading', { name: /plus proches de la requête/ })).toBeTruthy());
  const ranked = [...document.querySelectorAll('ol li')].map(item => plain(item.textContent)).filter(text => text.includes('Cosinus'));
  expect(ranked).toEqual(['1bbCosinus 1,000', '2abCosinus 0,707', '3aaCosinus 0,000']);
  expect(model.calls.at(-1)?.input).toEqual(['b']);

  await user.click(screen.getByRole('button', { name: 'Retirer le texte 2' }));
  await waitFor(() => expect(within(screen.getByRole('table')).queryByRole('rowheader', { name: /ab/ })).toBeNull());
  expect(model.calls).toHaveLength(2);
});

test('without an adapter every view gives help, this browser first, and another try', async () => {
  const host = fakeHost(async () => {
    if (host.opened.length === 1) throw new NoAdapterError('No WebGPU adapter.');
    return fakeModel();
  });
  stop = renderApp(host, { text: 'Un [MASK].' });
  expect(await screen.findByRole('heading', { level: 1, name: /ne donne pas accès à un processeur graphique/ })).toBeTruthy();
  expect(screen.getAllByRole('heading', { level: 2 }).map(heading => plain(heading.textContent))).toHaveLength(4);
  const user = userEvent.setup();
  await user.click(screen.getByRole('button', { name: 'Réessayer' }));
  expect(await screen.findByRole('listbox')).toBeTruthy();
});

test('the device panel says plainly that the adapter is software, and why a variant was refused', async () => {
  stop = renderApp(
    fakeHost(async () => fakeModel({ notes: ['The file leaves the mask open.'] })),
    { hash: '#/device' },
  );
  expect(await screen.findByText('The file leaves the mask open.')).toBeTruthy();
  expect(await screen.findByText(/le navigateur en émule un sur le processeur/)).toBeTruthy();
  expect(plain(screen.getByText('Paramètres').parentElement?.textContent)).toBe('Paramètres12 345 678');
  expect(plain(screen.getByText(/wrong numbers/).textContent)).toBe('refusée : wrong numbers');
});

test('single-key shortcuts move between views, and can be switched off', async () => {
  stop = renderApp(fakeHost(async () => fakeModel()));
  const user = userEvent.setup();
  await user.keyboard('2');
  expect(await screen.findByRole('heading', { level: 1, name: 'Comparer des textes' })).toBeTruthy();
  await user.keyboard('?');
  const dialog = await screen.findByRole('dialog', { name: 'Raccourcis clavier' });
  await user.click(within(dialog).getByRole('switch'));
  await user.click(within(dialog).getByRole('button', { name: 'Fermer' }));
  await waitFor(() => expect(screen.queryByRole('dialog')).toBeNull());
  await user.keyboard('4');
  expect(screen.getByRole('heading', { level: 1, name: 'Comparer des textes' })).toBeTruthy();
});

test('the keys 1 to 4 count by their place where digits need Shift; typing and other signs are left alone', async () => {
  stop = renderApp(fakeHost(async () => fakeModel()));
  const on = (name: string) => screen.findByRole('heading', { level: 1, name });
  await on('Prédire le mot masqué');
  const press = (key: string, code: string, more: KeyboardEventInit = {}, target: Element = document.body) =>
    fireEvent.keyDown(target, { key, code, ...more });
  // AZERTY without and with Shift, the keypad, QWERTY with Shift.
  press('é', 'Digit2');
  await on('Comparer des textes');
  press('3', 'Digit3', { shiftKey: true });
  await on('Choisir un modèle');
  press('4', 'Numpad4');
  await on('Cet appareil');
  press('!', 'Digit1', { shiftKey: true });
  await on('Prédire le mot masqué');
  // The keypad without Num Lock moves; Ctrl and AltGr have other uses; a field takes what is typed; “/” is a shortcut of its own.
  press('ArrowDown', 'Numpad2');
  press('é', 'Digit2', { ctrlKey: true });
  const altGr = new KeyboardEvent('keydown', { key: '~', code: 'Digit2', bubbles: true });
  altGr.getModifierState = name => name === 'AltGraph';
  document.body.dispatchEvent(altGr);
  press('é', 'Digit2', {}, screen.getByRole('textbox', { name: 'Texte' }));
  press('/', 'Digit3', { shiftKey: true });
  expect(document.activeElement).toBe(screen.getByRole('textbox', { name: 'Texte' }));
  expect(location.hash).toBe('#/fill');
});
