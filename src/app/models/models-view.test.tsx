// @vitest-environment happy-dom
import { cleanup, screen, waitFor, within } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import { afterEach, expect, test, vi } from 'vitest';
import { ModelSourceError, StorageFullError } from '../../errors.ts';
import { refreshLibrary } from '../store/library.ts';
import { loadModel } from '../store/model.ts';
import { readSettings } from '../store/settings.ts';
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
const large = 'almanach/ModernCamemBERT-bio-large';
const radio = (name: RegExp) => screen.getByRole('radio', { name });
const button = (name: string | RegExp) => screen.getByRole('button', { name });
const stored = () => JSON.parse(localStorage.getItem('affinage.settings') ?? '{}') as Record<string, unknown>;

test('a model that cannot be read is explained, and the old one goes on', async () => {
  const mini = fakeModel();
  const host = fakeHost(async choice => {
    if (choice.kind === 'mini') return mini;
    throw new ModelSourceError('404 for config.json of almanach/none.');
  });
  stop = renderApp(host, { hash: '#/models' });
  await screen.findByText('Actif');
  const user = userEvent.setup({ pointerEventsCheck: 0, delay: null });
  await user.click(screen.getByRole('radio', { name: /Un autre modèle/ }));
  const field = screen.getByRole('textbox', { name: 'Identifiant ou adresse' });
  const load = screen.getByRole('button', { name: 'Charger ce modèle' });
  await user.type(field, 'pas un identifiant');
  expect(load.hasAttribute('disabled')).toBe(true);
  await user.clear(field);
  await user.type(field, 'almanach/none');
  await user.click(load);
  const alert = await screen.findByRole('alert');
  expect(alert.textContent).toContain('Le modèle n’a pas pu être lu');
  expect(alert.textContent).toContain('404 for config.json');
  expect(alert.textContent).toContain('Le modèle précédent reste actif');
  expect(host.opened.at(-1)).toEqual({ kind: 'hub', id: 'almanach/none' });
  expect(appState().model.current).toBe(mini);
  expect(mini.disposed).toBe(false);
});

/** A host on which large comes in slowly: 252 of 756 MB are there, and a third of the whole way of the pull. */
function slowHost() {
  const mini = fakeModel();
  const host = fakeHost(async (choice, options) => {
    if (choice.kind === 'mini') return mini;
    const bytes = { stage: 'download', total: 756_000_000, unit: 'bytes' } as const;
    options.onProgress({ ...bytes, done: 252_000_000, overall: 1 / 3, bytesPerSecond: 12_600_000, etaMs: 40_000 });
    await pause(3_600_000, options.signal).catch(error => {
      host.kept.models = [
        libraryModel({ state: 'partial', download: { doneBytes: 252_000_000, totalBytes: 756_000_000 }, bytes: 252_000_000 }),
      ];
      throw error;
    });
    throw new Error('unreachable');
  });
  return { host, mini };
}

async function startLarge(host: ReturnType<typeof fakeHost>) {
  stop = renderApp(host, { hash: '#/models' });
  await screen.findByText('Actif');
  const user = userEvent.setup({ pointerEventsCheck: 0, delay: null });
  await user.click(radio(/ModernCamemBERT-bio-large/));
  await user.click(button('Charger ce modèle'));
  return user;
}

test('one bar for the whole way, with bytes, speed and time; pause keeps what is there, and resume goes on', async () => {
  const { host, mini } = slowHost();
  const user = await startLarge(host);
  const bar = await screen.findByRole('progressbar', { name: 'Téléchargement' });
  // The pull is nine tenths of the way.
  expect(Number(bar.getAttribute('aria-valuenow'))).toBeCloseTo(30, 5);
  expect(screen.getByText(/252,0\sMo sur 756,0\sMo/)).toBeTruthy();
  expect(plain(screen.getByText(/\/s$/).textContent)).toBe('12,6 Mo/s');
  expect(plain(screen.getByText(/^encore/).textContent)).toBe('encore 40 s');
  expect(stored().unfinished).toBe(large);
  await user.click(button('Mettre en pause'));
  await waitFor(() => expect(screen.queryByRole('progressbar')).toBeNull());
  expect(host.asked.at(-1)?.signal.aborted).toBe(true);
  expect(screen.queryByRole('alert')).toBeNull();
  expect(appState().model.current).toBe(mini);
  expect(radio(/ModernCamemBERT-bio-large.*Téléchargé en partie · 33/)).toBeTruthy();
  await user.click(button('Reprendre'));
  await screen.findByRole('progressbar');
  expect(host.opened.at(-1)).toEqual({ kind: 'hub', id: large });
});

test('cancel asks what shall become of what is there; discarding removes it', async () => {
  const { host } = slowHost();
  const user = await startLarge(host);
  await user.click(await screen.findByRole('button', { name: 'Annuler' }));
  const dialog = await screen.findByRole('alertdialog', { name: /^Arrêter ce téléchargement/ });
  expect(host.asked.at(-1)?.signal.aborted).toBe(false);
  await user.click(within(dialog).getByRole('button', { name: 'Arrêter et abandonner' }));
  await waitFor(() => expect(host.kept.calls).toEqual([{ kind: 'remove', key: 'bio-large-q4' }]));
  await waitFor(() => expect(appState().library.models).toEqual([]));
  expect(stored().unfinished).toBeNull();
  expect(screen.queryByRole('progressbar')).toBeNull();
});

test('a new model replaces the old one, which is freed, and is offered next time', async () => {
  const mini = fakeModel();
  const next = fakeModel({ name: large });
  stop = renderApp(
    fakeHost(async choice => (choice.kind === 'mini' ? mini : next)),
    { hash: '#/models' },
  );
  await screen.findByText('Actif');
  const user = userEvent.setup({ pointerEventsCheck: 0, delay: null });
  await user.click(radio(/^q4/));
  await user.click(radio(/ModernCamemBERT-bio-large/));
  await user.click(button('Charger ce modèle'));
  await waitFor(() => expect(appState().model.current).toBe(next));
  await waitFor(() => expect(mini.disposed).toBe(true));
  expect(stored()).toMatchObject({ lastModel: large, unfinished: null, dtype: 'q4' });
});

test('before a download: what is fetched and kept, whether there is room, and that the browser may ask', async () => {
  const host = fakeHost(async () => fakeModel());
  host.kept.room = { usedBytes: 0, freeBytes: 500_000_000, persisted: false, place: 'this browser' };
  stop = renderApp(host, { hash: '#/models' });
  await screen.findByText('Actif');
  expect(plain(radio(/ModernCamemBERT-bio-large/).closest('label')?.textContent)).toContain('≈ 756 Mo à télécharger → ≈ 229 Mo conservés');
  const user = userEvent.setup({ pointerEventsCheck: 0, delay: null });
  await user.click(radio(/ModernCamemBERT-bio-base/));
  expect(plain((await screen.findByText(/Environ 272/)).textContent)).toContain('convertis ici en q4 ; environ 89 Mo seront conservés');
  expect(plain(screen.getByText(/Espace nécessaire/).textContent)).toContain(
    'environ 361 Mo ; le navigateur en accorde encore environ 500 Mo',
  );
  expect(screen.getByText(/le navigateur peut vous demander/)).toBeTruthy();
  await user.click(radio(/ModernCamemBERT-bio-large/));
  expect(plain((await screen.findByText(/n’en accorde qu’environ/)).textContent)).toContain('985 Mo');
  await user.click(screen.getByRole('switch', { name: 'Conserver sur cette machine' }));
  expect(screen.queryByText(/n’en accorde qu’environ/)).toBeNull();
  expect(screen.getByText(/rien n’est conservé/)).toBeTruthy();
  await user.click(button('Charger ce modèle'));
  await waitFor(() => expect(host.asked.at(-1)?.keep).toBe(false));
});

test('no room: running without keeping is offered, and a note stays that it is not kept', async () => {
  const next = fakeModel({ name: large });
  const host = fakeHost(async (choice, { keep, onProgress }) => {
    if (choice.kind === 'mini') return fakeModel();
    if (keep) throw new StorageFullError('No room: 1000 bytes are needed.', { neededBytes: 1000, freeBytes: 10 });
    onProgress({ stage: 'download', done: 1, total: 2, unit: 'bytes', notice: 'waiting 4 s: status 429' });
    onProgress({ stage: 'files', done: 0, total: 0, unit: 'bytes', notice: 'running without saving: no room' });
    return next;
  });
  const user = await startLarge(host);
  const alert = await screen.findByRole('alert');
  expect(alert.textContent).toContain('L’espace manque pour conserver le modèle');
  await user.click(within(alert).getByRole('button', { name: 'L’utiliser sans le conserver' }));
  await waitFor(() => expect(appState().model.current).toBe(next));
  expect(screen.getByText('Ce modèle est actif, mais n’est pas conservé')).toBeTruthy();
  // Why is told by who knows it: there may be no room, no permission, or no storage at all.
  expect(screen.getByText('no room')).toBeTruthy();
});

test('not found, or private: said in the reader’s language at the token field, which takes no focus by itself; the token is never stored', async () => {
  const host = fakeHost(async (choice, { token }) => {
    if (choice.kind === 'hub' && !token) throw new ModelSourceError('401 for config.json.', { status: 401, needsToken: true, path: large });
    return fakeModel({ name: choice.kind });
  });
  const user = await startLarge(host);
  const alert = await screen.findByRole('alert');
  expect(plain(within(alert).getByRole('heading').textContent)).toBe(`Introuvable, ou privé : ${large}`);
  const field = await screen.findByLabelText('Jeton d’accès');
  expect(plain(field.closest('div')?.textContent)).toContain('Introuvable, ou privé');
  expect(document.activeElement).not.toBe(field);
  await user.click(within(alert).getByRole('button', { name: 'Saisir un jeton d’accès' }));
  expect(document.activeElement).toBe(field);
  expect(field.getAttribute('type')).toBe('password');
  await user.type(field, 'hf_secret');
  await user.type(screen.getByRole('textbox', { name: 'Révision' }), 'v2');
  await user.click(button('Charger ce modèle'));
  await waitFor(() => expect(appState().model.report?.name).toBe('hub'));
  expect(host.asked.at(-1)?.token).toBe('hf_secret');
  expect(host.opened.at(-1)).toEqual({ kind: 'hub', id: large, revision: 'v2' });
  expect(JSON.stringify({ ...localStorage })).not.toContain('hf_secret');
});

test('local files: what is missing is named, and all of them make a choice', async () => {
  const host = fakeHost(async () => fakeModel());
  stop = renderApp(host, { hash: '#/models' });
  await screen.findByText('Actif');
  const user = userEvent.setup({ pointerEventsCheck: 0, delay: null });
  await user.click(screen.getByRole('radio', { name: /Des fichiers de cette machine/ }));
  const input = document.querySelector<HTMLInputElement>('input[type=file]');
  if (!input) throw new Error('no file input');
  const file = (name: string) => new File(['{}'], name);
  await user.upload(input, [file('config.json'), file('model.safetensors')]);
  expect(plain((await screen.findByText(/Il manque encore/)).textContent)).toBe('Il manque encore : tokenizer.json');
  await user.upload(input, [file('tokenizer.json')]);
  await user.click(screen.getByRole('button', { name: 'Charger ce modèle' }));
  await waitFor(() => expect(host.opened).toHaveLength(2));
  const choice = host.opened[1];
  expect(choice?.kind === 'files' && choice.files.map(each => each.path)).toEqual(['config.json', 'model.safetensors', 'tokenizer.json']);
});

test('files can be kept: they are imported, then loaded from the library', async () => {
  const host = fakeHost(async () => fakeModel());
  stop = renderApp(host, { hash: '#/models' });
  await screen.findByText('Actif');
  const user = userEvent.setup({ pointerEventsCheck: 0, delay: null });
  await user.click(radio(/Des fichiers de cette machine/));
  const input = document.querySelector<HTMLInputElement>('input[type=file]');
  if (!input) throw new Error('no file input');
  await user.upload(
    input,
    ['config.json', 'tokenizer.json', 'clinique.safetensors'].map(name => new File(['{}'], name)),
  );
  await user.click(radio(/^Conserver sur cette machine/));
  await user.click(button('Conserver et charger'));
  await waitFor(() => expect(host.opened.at(-1)).toEqual({ kind: 'kept', key: 'clinique-original', name: 'clinique' }));
  expect(host.kept.calls).toEqual([{ kind: 'import', key: 'clinique' }]);
});

test('a hub that does not answer is named, with the time and what to try', async () => {
  const host = fakeHost((choice, { signal }) =>
    choice.kind === 'hub' ? pause(3_600_000, signal).then(() => fakeModel()) : Promise.resolve(fakeModel()),
  );
  const user = await startLarge(host);
  await screen.findByRole('progressbar');
  expect(screen.queryByText(/ne répond pas/)).toBeNull();
  const now = performance.now();
  const clock = vi.spyOn(performance, 'now').mockReturnValue(now + 12_400);
  expect(plain((await screen.findByText(/ne répond pas/, {}, { timeout: 3000 })).textContent)).toMatch(
    /^huggingface\.co ne répond pas depuis 1[23] s\.$/,
  );
  clock.mockRestore();
  await user.click(screen.getByRole('button', { name: 'Annuler' }));
  await waitFor(() => expect(screen.queryByRole('progressbar')).toBeNull());
});

test('an imported model is offered again after a reload, as long as it is there', async () => {
  const imported = libraryModel({ key: 'mine-original', name: 'mine', origin: { kind: 'files', name: 'mine' }, dtype: 'original' });
  const host = fakeHost(async choice => fakeModel({ name: choice.kind }));
  host.kept.models = [imported];
  stop = renderApp(host, { hash: '#/models' });
  await screen.findByText('Actif');
  await loadModel({ kind: 'kept', key: imported.key, name: imported.name });
  stop();
  cleanup();
  const kept = localStorage.getItem('affinage.settings') ?? '';
  stop = renderApp(host, { hash: '#/fill', text: 'Un [MASK].' });
  localStorage.setItem('affinage.settings', kept);
  readSettings();
  await refreshLibrary();
  const user = userEvent.setup({ pointerEventsCheck: 0, delay: null });
  await user.click(await screen.findByRole('button', { name: 'Le recharger' }, { timeout: 5000 }));
  await waitFor(() => expect(host.opened.at(-1)).toEqual({ kind: 'kept', key: 'mine-original', name: 'mine' }));
});
