// @vitest-environment happy-dom
import { cleanup, screen, waitFor, within } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import { afterEach, expect, test, vi } from 'vitest';
import { ModelFileError, ModelSourceError } from '../../errors.ts';
import { refreshLibrary } from '../store/library.ts';
import { changeSettings } from '../store/settings.ts';
import { appState } from '../store/store.ts';
import { libraryModel } from '../testing/fake-library.ts';
import { fakeHost, fakeModel, pause } from '../testing/fake-model.ts';
import { renderApp } from '../testing/render-app.tsx';

let stop = () => {};
afterEach(() => {
  stop();
  cleanup();
});

const plain = (text: string | null | undefined) => (text ?? '').replace(/\s/g, ' ');
const imported = libraryModel({
  key: 'mine-original',
  name: 'mine',
  origin: { kind: 'files', name: 'mine' },
  dtype: 'original',
  licence: null,
});

function openLibrary(models = [libraryModel(), imported]) {
  const host = fakeHost(async choice => fakeModel({ name: choice.kind, dtype: choice.kind === 'hub' ? 'q4' : 'q8' }));
  host.kept.models = models;
  stop = renderApp(host, { hash: '#/models' });
  return { host, user: userEvent.setup({ pointerEventsCheck: 0, delay: null }) };
}

const entry = async (name: RegExp) => {
  const item = (await screen.findByRole('heading', { level: 3, name })).closest('li');
  if (!item) throw new Error('no entry');
  return within(item);
};

test('an empty library says what it is for; the room is told', async () => {
  openLibrary([]);
  expect(await screen.findByRole('heading', { name: 'Aucun modèle conservé pour l’instant' })).toBeTruthy();
  expect(plain(screen.getByText(/libres/).textContent)).toBe('environ 5,0 Go libres');
  expect(screen.getByText(/peut effacer ces modèles/)).toBeTruthy();
});

test('a model of float weights is calibrated on built-in or own texts; one that is q4 is not', async () => {
  const { host, user } = openLibrary();
  const mine = await entry(/^mine/);
  expect((await entry(/bio-large/)).queryByRole('button', { name: /^q4 étalonné/ })).toBeNull();
  await user.click(mine.getByRole('button', { name: /^q4 étalonné/ }));
  let dialog = within(await screen.findByRole('dialog', { name: 'mine en q4 étalonné' }));
  await user.click(dialog.getByRole('button', { name: 'Étalonner' }));
  await waitFor(() => expect(host.kept.calls).toContainEqual({ kind: 'calibrate', key: 'mine-original', texts: null }));
  expect((await entry(/^mine \(q4 étalonné\)/)).getByText('mine (q4 étalonné) a été étalonné')).toBeTruthy();

  await user.click((await entry(/^mine$/)).getByRole('button', { name: /^q4 étalonné/ }));
  dialog = within(await screen.findByRole('dialog', { name: 'mine en q4 étalonné' }));
  await user.click(dialog.getByRole('radio', { name: 'Mes propres textes' }));
  expect(dialog.getByRole('button', { name: 'Étalonner' }).hasAttribute('disabled')).toBe(true);
  await user.type(dialog.getByRole('textbox', { name: 'Un texte par ligne' }), 'Toux sèche.{enter}{enter}Fièvre.');
  await user.click(dialog.getByRole('button', { name: 'Étalonner' }));
  await waitFor(() =>
    expect(host.kept.calls.at(-1)).toEqual({ kind: 'calibrate', key: 'mine-original', texts: ['Toux sèche.', 'Fièvre.'] }),
  );
});

test('an entry tells format, size, commit, licence and state; one of the hub is used by its name, an import by its key', async () => {
  const { host, user } = openLibrary();
  const large = await entry(/bio-large/);
  expect(large.getByText('complet, disponible hors ligne')).toBeTruthy();
  for (const fact of ['q4', 'apache-2.0', '0123456', 'huggingface.co']) expect(large.getByText(fact)).toBeTruthy();
  expect(large.getByText(/229,4\sMo/)).toBeTruthy();
  await user.click(large.getByRole('button', { name: /^Utiliser/ }));
  await waitFor(() => expect(appState().model.report?.name).toBe('hub'));
  expect(host.opened.at(-1)).toEqual({ kind: 'hub', id: 'almanach/ModernCamemBERT-bio-large' });
  expect(host.asked.at(-1)?.dtype).toBe('q4');
  expect((await entry(/bio-large/)).getByText('Actif')).toBeTruthy();
  await user.click((await entry(/^mine/)).getByRole('button', { name: /^Utiliser/ }));
  await waitFor(() => expect(host.opened.at(-1)).toEqual({ kind: 'kept', key: 'mine-original', name: 'mine' }));
});

test('a check shows how far it is and can be stopped; what it cannot mend is told at the entry', async () => {
  const { host, user } = openLibrary();
  host.kept.before = signal => pause(3_600_000, signal);
  const large = await entry(/bio-large/);
  await user.click(large.getByRole('button', { name: /^Vérifier/ }));
  await large.findByRole('progressbar', { name: 'Vérification de chaque octet' });
  await user.click(large.getByRole('button', { name: 'Annuler' }));
  await waitFor(() => expect(large.queryByRole('progressbar')).toBeNull());
  expect(large.queryByRole('alert')).toBeNull();
  host.kept.before = () => Promise.reject(new ModelFileError('model.safetensors: chunk 3 is damaged.'));
  await user.click(large.getByRole('button', { name: /^Vérifier/ }));
  expect((await large.findByRole('alert')).textContent).toContain('chunk 3 is damaged');
  host.kept.before = async () => undefined;
  await user.click(large.getByRole('button', { name: /^Vérifier/ }));
  expect((await large.findByText(/est complet/)).textContent).toContain('bio-large');
});

test('deleting asks first and says what it frees', async () => {
  const { host, user } = openLibrary();
  await user.click((await entry(/^mine/)).getByRole('button', { name: /^Supprimer/ }));
  const dialog = await screen.findByRole('alertdialog', { name: /^Supprimer mine/ });
  expect(plain(dialog.textContent)).toContain('Cela libère 229,4 Mo. Il a été importé');
  await user.click(within(dialog).getByRole('button', { name: 'Le conserver' }));
  await waitFor(() => expect(screen.queryByRole('alertdialog')).toBeNull());
  expect(host.kept.calls).toEqual([]);
  await user.click((await entry(/^mine/)).getByRole('button', { name: /^Supprimer/ }));
  await user.click(within(await screen.findByRole('alertdialog')).getByRole('button', { name: 'Supprimer' }));
  await waitFor(() => expect(screen.queryByRole('heading', { level: 3, name: /^mine/ })).toBeNull());
  expect(host.kept.calls).toEqual([{ kind: 'remove', key: 'mine-original' }]);
});

test('a damaged entry offers mending; without a folder picker an export is saved file by file', async () => {
  const { host, user } = openLibrary([libraryModel({ state: 'damaged' })]);
  const large = await entry(/bio-large/);
  expect(large.getByText('corrompu')).toBeTruthy();
  await user.click(large.getByRole('button', { name: /^Réparer/ }));
  expect(await large.findByText('complet, disponible hors ligne')).toBeTruthy();
  host.kept.files = ['config.json', 'onnx/extra.json'].map(path => ({ path, blob: new Blob(['{}']) }));
  const saved: string[] = [];
  const click = vi.spyOn(HTMLAnchorElement.prototype, 'click').mockImplementation(function (this: HTMLAnchorElement) {
    saved.push(this.download);
  });
  await user.click(large.getByRole('button', { name: /^Exporter/ }));
  await waitFor(() => expect(saved).toEqual(['config.json', 'extra.json']));
  click.mockRestore();
});

test('a download that an earlier visit did not finish is offered from where it is', async () => {
  const { host, user } = openLibrary([libraryModel({ state: 'partial', download: { doneBytes: 1_000_000, totalBytes: 4_000_000 } })]);
  const large = await entry(/bio-large/);
  expect(large.getByText(/1,00\sMo sur 4,00\sMo/)).toBeTruthy();
  await user.click(large.getByRole('button', { name: /^Reprendre/ }));
  await waitFor(() => expect(host.opened.at(-1)).toEqual({ kind: 'hub', id: 'almanach/ModernCamemBERT-bio-large' }));
});

test('the offer stands in the other views too; a resume that fails there says so and leads to the models', async () => {
  const host = fakeHost(async choice => {
    if (choice.kind === 'mini') return fakeModel();
    throw new ModelSourceError('The connection broke.');
  });
  host.kept.models = [libraryModel({ state: 'partial', download: { doneBytes: 1_000_000, totalBytes: 4_000_000 } })];
  stop = renderApp(host);
  changeSettings({ unfinished: 'almanach/ModernCamemBERT-bio-large' });
  await refreshLibrary();
  const user = userEvent.setup({ pointerEventsCheck: 0, delay: null });
  expect(plain((await screen.findByText(/n’est pas terminé/)).textContent)).toContain('1,00 Mo sur 4,00 Mo sont téléchargés');
  await user.click(screen.getByRole('button', { name: 'Reprendre' }));
  const alert = await screen.findByRole('alert');
  expect(alert.textContent).toContain('The connection broke');
  await user.click(within(alert).getByRole('button', { name: 'Aller aux modèles' }));
  expect(await screen.findByRole('heading', { level: 1, name: 'Choisir un modèle' })).toBeTruthy();
  // Removed in another tab: nothing to go on with.
  host.kept.models = [];
  await refreshLibrary();
  expect(appState().settings.unfinished).toBeNull();
});
