// @vitest-environment happy-dom
import { cleanup, fireEvent, screen, waitFor, within } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import { afterEach, expect, test, vi } from 'vitest';
import { appState } from '../store/store.ts';
import { fakeHost, fakeModel, pause } from '../testing/fake-model.ts';
import { renderApp } from '../testing/render-app.tsx';
import { setReadText } from './read.ts';

let stop = () => {};
afterEach(() => {
  stop();
  cleanup();
});

const plain = (text: string | null | undefined) => (text ?? '').replace(/\s/g, ' ');
const text = 'La patiente tousse. Une anticoagulation efficace est poursuivie.';

function open(model = fakeModel()) {
  stop = renderApp(
    fakeHost(async () => model),
    { hash: '#/read' },
  );
  return { user: userEvent.setup(), model };
}
const sheet = () => screen.findByRole('group', { name: /^Mots du texte/ });

test('an empty view teaches; the example is read, and its words are shaded and listed', async () => {
  const { user, model } = open();
  expect(await screen.findByText('Un relecteur pour les textes longs')).toBeTruthy();
  await user.click(screen.getByRole('button', { name: 'Un courrier où une dose détonne' }));
  expect(await screen.findByText(/tokens lus en/)).toBeTruthy();
  expect(model.calls.at(-1)).toMatchObject({ kind: 'surprisal', options: { mode: 'fast', topK: 5 } });
  const box = await sheet();
  expect(box.textContent).toBe(appState().read.text);
  // The fake model is the more surprised the longer a word is.
  expect(box.querySelector('[data-step="5"]')?.textContent).toMatch(/\S{9,}/);
  expect(screen.getByText(/Surprise en bits/)).toBeTruthy();
});

test('n and p lead from one surprising word to the next; its alternatives are said', async () => {
  const { user } = open();
  setReadText(text, 'file');
  await screen.findByText(/tokens lus en/);
  fireEvent.change(screen.getByRole('textbox', { name: 'À partir de, en bits' }), { target: { value: '8' } });
  fireEvent.blur(screen.getByRole('textbox', { name: 'À partir de, en bits' }));
  expect(await screen.findByText('4 mots surprenants')).toBeTruthy();
  (await sheet()).focus();
  await user.keyboard('n');
  const chosen = () => document.querySelector('[class*=chosen][data-word]')?.textContent;
  expect(chosen()).toBe('patiente');
  await user.keyboard('n');
  expect(chosen()).toBe('anticoagulation');
  expect(plain(screen.getByRole('tooltip').textContent)).toContain('anticoagulation 15,0 bits · rang 15');
  await user.keyboard('pp');
  expect(chosen()).toBe('poursuivie.');
  await user.keyboard('{ArrowLeft}');
  expect(chosen()).toBe('est');
});

test('the exact mode comes in portions, can be stopped, and keeps what came', async () => {
  const { user, model } = open();
  setReadText('mot '.repeat(40).trim(), 'file');
  await screen.findByText(/tokens lus en/);
  let calls = 0;
  model.before = signal => (++calls > 1 ? pause(3_600_000, signal) : Promise.resolve());
  await user.click(screen.getByRole('radio', { name: 'Exacte' }));
  expect(await screen.findByText(/tokens lus sur 40/)).toBeTruthy();
  const portions = model.calls.filter(({ options }) => options && 'mode' in options && options.mode === 'exact');
  expect(portions[0]?.options).toMatchObject({ from: 0, to: 4, around: 128 });
  await user.click(screen.getByRole('button', { name: 'Arrêter' }));
  expect(await screen.findByRole('heading', { name: 'Arrêté' })).toBeTruthy();
  expect(screen.getByText(/tokens lus sur 40/)).toBeTruthy();
  expect(screen.queryByRole('alert')).toBeNull();
});

test('a text that was read in windows says so', async () => {
  const { model } = open();
  const { surprisal } = model;
  model.surprisal = async (...asked) => ({
    ...(await surprisal(...asked)),
    windows: [
      [0, 512],
      [256, 768],
      [512, 900],
    ],
  });
  setReadText(text, 'file');
  expect(plain((await screen.findByText(/a été lu en/)).textContent)).toContain('lu en 3 fenêtres qui se recouvrent de moitié');
});

test('a long reading tells its time and waits for a press', async () => {
  const { user, model } = open();
  model.msPerToken = 1000;
  setReadText(text, 'file');
  expect(await screen.findByRole('heading', { name: 'Calcul long' })).toBeTruthy();
  expect(model.calls.some(({ kind }) => kind === 'surprisal')).toBe(false);
  await user.click(screen.getByRole('button', { name: 'Lancer le calcul' }));
  expect(await screen.findByText(/tokens lus en/)).toBeTruthy();
});

test('the table has every word, sorted as asked, and the files hold them', async () => {
  const { user } = open();
  setReadText(text, 'file');
  await screen.findByText(/tokens lus en/);
  await user.click(screen.getByRole('radio', { name: 'Tableau de tous les mots' }));
  expect(screen.getByRole('table').getAttribute('aria-rowcount')).toBe('9');
  const saved: Blob[] = [];
  const url = vi.spyOn(URL, 'createObjectURL').mockImplementation(blob => {
    saved.push(blob as Blob);
    return '#/read';
  });
  await user.click(screen.getByRole('button', { name: 'CSV' }));
  await user.click(screen.getByRole('button', { name: 'JSON' }));
  url.mockRestore();
  expect(await saved[0]?.text()).toContain('anticoagulation;15;15;1;');
  const json = JSON.parse((await saved[1]?.text()) ?? '') as { words: { word: string }[]; mode: string };
  expect(json).toMatchObject({ mode: 'fast', tokens: { read: 8, total: 8 } });
  expect(json.words.map(({ word }) => word).join(' ')).toBe(text);
});

test('writing again keeps the text, and undo brings back what was', async () => {
  const { user } = open();
  setReadText(text, 'file');
  await screen.findByText(/tokens lus en/);
  await user.click(screen.getByRole('radio', { name: 'Écrire' }));
  await user.type(screen.getByRole('textbox', { name: 'Texte' }), ' Fin.');
  expect(appState().read.text.endsWith(' Fin.')).toBe(true);
  await user.click(screen.getByRole('button', { name: 'Effacer' }));
  await user.click(screen.getByRole('button', { name: 'Retrouver mon texte' }));
  await waitFor(() => expect(appState().read.text).toBe(`${text} Fin.`));
  const list = within(screen.getByRole('region', { name: 'Ce qui surprend le modèle' }));
  expect(await list.findByText(/tokens lus en/)).toBeTruthy();
});
