// @vitest-environment happy-dom
import { cleanup, fireEvent, screen, waitFor, within } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import { afterEach, expect, test } from 'vitest';
import { ModelSourceError, NoAdapterError } from '../../errors.ts';
import { appState } from '../store/store.ts';
import { fakeHost, fakeModel, pause } from '../testing/fake-model.ts';
import { renderApp } from '../testing/render-app.tsx';

let stop = () => {};
afterEach(() => {
  stop();
  cleanup();
});

const plain = (text: string | null | undefined) => (text ?? '').replace(/\s/g, ' ');

test('pasted lines become texts; only new texts are embedded; the matrix and the ranking show cosines', async () => {
  const model = fakeModel();
  stop = renderApp(
    fakeHost(async () => model),
    { hash: '#/embed' },
  );
  const first = await screen.findByRole('textbox', { name: 'Texte 1' });
  expect(screen.getByText('Deux textes au moins')).toBeTruthy();
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

test('a model that cannot be read is explained, and the old one goes on', async () => {
  const mini = fakeModel();
  const host = fakeHost(async choice => {
    if (choice.kind === 'mini') return mini;
    throw new ModelSourceError('404 for config.json of almanach/none.');
  });
  stop = renderApp(host, { hash: '#/models' });
  await screen.findByText('Utilisé');
  const user = userEvent.setup();
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
  expect(alert.textContent).toContain('tourne toujours');
  expect(host.opened.at(-1)).toEqual({ kind: 'hub', id: 'almanach/none' });
  expect(appState().model.current).toBe(mini);
  expect(mini.disposed).toBe(false);
});

test('a load shows bytes and speed, and cancel stops it', async () => {
  const mini = fakeModel();
  let signal: AbortSignal | undefined;
  const host = fakeHost(async (choice, options) => {
    if (choice.kind === 'mini') return mini;
    signal = options.signal;
    options.onProgress({ stage: 'files', done: 252_000_000, total: 756_000_000, unit: 'bytes' });
    await pause(3_600_000, options.signal);
    throw new Error('unreachable');
  });
  stop = renderApp(host, { hash: '#/models' });
  await screen.findByText('Utilisé');
  const user = userEvent.setup();
  await user.click(screen.getByRole('radio', { name: /bio-large/ }));
  await user.click(screen.getByRole('button', { name: 'Charger ce modèle' }));
  const bar = await screen.findByRole('progressbar');
  expect(Number(bar.getAttribute('aria-valuenow'))).toBeCloseTo(33.3, 1);
  expect(screen.getByText(/252,0\sMo sur 756,0\sMo/)).toBeTruthy();
  await user.click(screen.getByRole('button', { name: 'Annuler' }));
  expect(signal?.aborted).toBe(true);
  expect(screen.queryByRole('progressbar')).toBeNull();
  expect(screen.queryByRole('alert')).toBeNull();
  expect(appState().model.current).toBe(mini);
});

test('a new model replaces the old one, which is freed, and is offered next time', async () => {
  const mini = fakeModel();
  const large = fakeModel({ name: 'almanach/ModernCamemBERT-bio-large' });
  stop = renderApp(
    fakeHost(async choice => (choice.kind === 'mini' ? mini : large)),
    { hash: '#/models' },
  );
  await screen.findByText('Utilisé');
  const user = userEvent.setup();
  await user.click(screen.getByRole('radio', { name: /q4/ }));
  await user.click(screen.getByRole('radio', { name: /bio-large/ }));
  await user.click(screen.getByRole('button', { name: 'Charger ce modèle' }));
  await waitFor(() => expect(appState().model.current).toBe(large));
  await waitFor(() => expect(mini.disposed).toBe(true));
  expect(JSON.parse(localStorage.getItem('affinage.settings') ?? '{}')).toMatchObject({
    lastModel: 'almanach/ModernCamemBERT-bio-large',
    dtype: 'q4',
  });
});

test('local files: what is missing is named, and all of them make a choice', async () => {
  const host = fakeHost(async () => fakeModel());
  stop = renderApp(host, { hash: '#/models' });
  await screen.findByText('Utilisé');
  const user = userEvent.setup();
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
  expect(choice?.kind === 'files' && choice.files.map(each => each.name)).toEqual(['config.json', 'model.safetensors', 'tokenizer.json']);
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
    fakeHost(async () => fakeModel()),
    { hash: '#/device' },
  );
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
