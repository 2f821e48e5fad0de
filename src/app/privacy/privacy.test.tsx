// @vitest-environment happy-dom
import { act, cleanup, screen, waitFor, within } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { forgetRequests, noteRequests } from '../lib/requests.ts';
import { setKeepText } from '../store/keep-text.ts';
import { changeSettings } from '../store/settings.ts';
import { patch } from '../store/store.ts';
import { libraryModel } from '../testing/fake-library.ts';
import { fakeHost, fakeModel } from '../testing/fake-model.ts';
import { renderApp } from '../testing/render-app.tsx';

let stop = () => {};
beforeEach(forgetRequests);
afterEach(() => {
  stop();
  cleanup();
});

const open = async (user: ReturnType<typeof userEvent.setup>) => {
  await user.click(screen.getByRole('button', { name: 'Confidentialité' }));
  return screen.findByRole('dialog', { name: 'Confidentialité' });
};

test('the panel counts requests as they happen, and marks those to other hosts', async () => {
  stop = renderApp(fakeHost(async () => fakeModel()));
  const user = userEvent.setup();
  const panel = await open(user);
  expect(within(panel).getByText('0 vers d’autres hôtes')).toBeTruthy();
  expect(within(panel).getByText(/Aucune requête n’est partie/)).toBeTruthy();
  act(() => {
    noteRequests([`${location.href.replace(/#.*/, '')}models/mini/config.json`], 'engine');
    noteRequests(['https://huggingface.co/api/models/x'], 'engine');
  });
  expect(within(panel).getByText('1 vers les fichiers de la page')).toBeTruthy();
  expect(within(panel).getByText('1 vers d’autres hôtes')).toBeTruthy();
  expect(within(panel).queryByText(/Aucune requête n’est partie/)).toBeNull();
  const row = within(panel)
    .getByText(/huggingface\.co/)
    .closest('tr');
  expect(row?.textContent).toMatch(/autre hôte.*moteur.*1/);
});

test('one action deletes settings and text after a question; models only when asked for', async () => {
  const host = fakeHost(async () => fakeModel());
  const library = host.kept;
  library.models = [libraryModel()];
  stop = renderApp(host, { text: 'La patiente tousse.' });
  changeSettings({ lastModel: 'a/secret-model', k: 9 });
  setKeepText(true);
  localStorage.setItem('other-page', 'stays');
  const user = userEvent.setup();
  const panel = await open(user);
  const part = (name: RegExp) => within(panel).getByText(name).parentElement?.textContent;
  await waitFor(() => expect(part(/^Modèles/)).toMatch(/229,4\sMo/));
  expect(part(/^Texte conservé/)).toMatch(/\d+\so/);
  // Where the browser offers no such storage.
  expect(part(/^Index/)).toMatch(/refusé par ce navigateur/);

  await user.click(within(panel).getByRole('button', { name: 'Supprimer tout ce qui est à moi' }));
  await user.click(within(await screen.findByRole('alertdialog')).getByRole('button', { name: 'Tout conserver' }));
  expect(localStorage.getItem('affinage.text')).toContain('La patiente tousse.');

  await user.click(within(panel).getByRole('button', { name: 'Supprimer tout ce qui est à moi' }));
  await user.click(within(await screen.findByRole('alertdialog')).getByRole('button', { name: 'Supprimer' }));
  await within(panel).findByText(/C’est supprimé/);
  expect(Object.keys(localStorage)).toEqual(['other-page']);
  expect(library.models).toHaveLength(1);
  await waitFor(() => expect(part(/^Texte conservé/)).toMatch(/rien/));
  // A later change writes the first settings again and nothing of before.
  changeSettings({ theme: 'dark' });
  expect(localStorage.getItem('affinage.settings')).not.toContain('secret-model');
  expect(localStorage.getItem('affinage.text')).toBeNull();

  await user.click(within(panel).getByRole('button', { name: 'Supprimer tout ce qui est à moi' }));
  const question = await screen.findByRole('alertdialog');
  await user.click(within(question).getByRole('switch', { name: /Aussi les modèles/ }));
  await user.click(within(question).getByRole('button', { name: 'Supprimer' }));
  await waitFor(() => expect(library.models).toEqual([]));
});

test('what could not be deleted is named, with the reason', async () => {
  const host = fakeHost(async () => fakeModel());
  host.kept.models = [libraryModel()];
  host.kept.before = () => Promise.reject(new Error('another tab reads it'));
  stop = renderApp(host);
  const user = userEvent.setup();
  const panel = await open(user);
  await waitFor(() => expect(within(panel).getByText(/229,4\sMo/)).toBeTruthy());
  await user.click(within(panel).getByRole('button', { name: 'Supprimer tout ce qui est à moi' }));
  const question = await screen.findByRole('alertdialog');
  await user.click(within(question).getByRole('switch', { name: /Aussi les modèles/ }));
  await user.click(within(question).getByRole('button', { name: 'Supprimer' }));
  expect((await within(panel).findByText('another tab reads it')).parentElement?.textContent).toMatch(/^Modèles/);
  expect(within(panel).getByText(/Tout n’a pas pu être supprimé/)).toBeTruthy();
});

test('what the browser refuses to keep is said once', async () => {
  stop = renderApp(fakeHost(async () => fakeModel()));
  act(() => patch('ui', { refused: ['index', 'models'] }));
  expect(screen.getByRole('heading', { name: /l’index de vos documents, les modèles/ })).toBeTruthy();
  await userEvent.setup().click(screen.getByRole('button', { name: 'Ignorer' }));
  expect(screen.queryByRole('heading', { name: /l’index de vos documents/ })).toBeNull();
});
