// @vitest-environment happy-dom
import { cleanup, fireEvent, screen, waitFor, within } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import { afterEach, expect, test, vi } from 'vitest';
import { parseSettings } from '../store/settings.ts';
import { appState, patch } from '../store/store.ts';
import { fakeHost, fakeModel } from '../testing/fake-model.ts';
import { renderApp } from '../testing/render-app.tsx';
import { goTo } from './lesson.ts';

let stop = () => {};
afterEach(() => {
  stop();
  cleanup();
  vi.restoreAllMocks();
});

const plain = (text: string | null | undefined) => (text ?? '').replace(/\s/g, ' ');
const file = (text: string | Uint8Array<ArrayBuffer>, name = 'leçon.txt') => new File([text], name, { type: 'text/plain' });

async function start(text = '') {
  const user = userEvent.setup();
  stop = renderApp(
    fakeHost(async () => fakeModel()),
    { text },
  );
  await waitFor(() => expect(screen.getByRole('button', { name: 'Ouvrir une leçon' }).hasAttribute('disabled')).toBe(false));
  return user;
}
const pick = (given: File) => {
  const input = document.querySelector('section[aria-labelledby="class-tools"] input[type="file"]');
  if (!input) throw new Error('No input for files.');
  fireEvent.change(input, { target: { files: [given] } });
};
const panel = () => screen.findByRole('region', { name: /^Leçon/ });

test('a lesson is gone through, guessed, scored and summed up', async () => {
  const user = await start('Mon propre texte.');
  pick(file('# Cœur\nUne {nécrose} du myocarde.\nLa [MASK] est brutale.\n'));
  const lesson = within(await panel());
  expect(lesson.getByText('Cœur')).toBeTruthy();
  expect(await lesson.findByText('Phrase 1 sur 2')).toBeTruthy();
  expect(appState().fill).toMatchObject({ text: 'Une [MASK] du myocarde.', masks: [{ word: 'nécrose' }] });

  // Hidden is the word of the file: guessing it gives all points.
  await user.type(await screen.findByRole('textbox', { name: 'Votre mot pour le masque 1' }), 'nécrose');
  await user.click(await screen.findByRole('button', { name: 'Voir les réponses' }));
  expect(plain((await lesson.findByText(/Score/)).textContent)).toMatch(/Score : \d sur/);
  await waitFor(() => expect(plain(lesson.getByText(/Score/).textContent)).toBe('Score : 3 sur 3'));

  await user.click(lesson.getByRole('button', { name: 'Phrase suivante' }));
  expect(await lesson.findByText('Phrase 2 sur 2')).toBeTruthy();
  await waitFor(() => expect(appState().fill.text).toBe('La [MASK] est brutale.'));
  expect(await screen.findByRole('textbox', { name: 'Votre mot pour le masque 1' })).toBeTruthy();

  // Back: its answers are shown, and the guess counts once.
  await user.click(lesson.getByRole('button', { name: 'Phrase précédente' }));
  expect(await screen.findByText('Vos réponses')).toBeTruthy();
  expect(plain(lesson.getByText(/Score/).textContent)).toBe('Score : 3 sur 3');

  await user.click(lesson.getByRole('button', { name: 'Phrase suivante' }));
  await user.click(await lesson.findByRole('button', { name: 'Voir le bilan' }));
  const rows = within(lesson.getByRole('table')).getAllByRole('row');
  expect(plain(rows[1]?.textContent)).toBe('Une nécrose du myocarde.nécrosenécrose3 / 3');
  expect(plain(rows[2]?.textContent)).toBe('La [MASK] est brutale.non deviné––');

  await user.click(lesson.getByRole('button', { name: 'Recommencer' }));
  await waitFor(() => expect(plain(lesson.getByText(/Score/).textContent)).toBe('Score : 0 sur 0'));
  await user.click(lesson.getByRole('button', { name: 'Fermer la leçon' }));
  expect(screen.queryByRole('region', { name: /^Leçon/ })).toBeNull();
  expect(appState().fill.guess).toBeNull();
  // What stood on the sheet before the lesson comes back.
  await user.click(screen.getByRole('button', { name: 'Annuler' }));
  expect(appState().fill.text).toBe('Mon propre texte.');
});

test('a word of several tokens is hidden by as many masks, and asked once', async () => {
  await start();
  const { current } = appState().model;
  if (!current) throw new Error('No model.');
  vi.spyOn(current, 'tokenize').mockResolvedValue({
    ids: [1, 2, 3, 4],
    tokens: ['Une', 'né', '##crose', '.'],
    offsets: [
      [0, 3],
      [4, 6],
      [6, 11],
      [11, 12],
    ],
  });
  pick(file('Une {nécrose}.'));
  await waitFor(() => expect(appState().fill.text).toBe('Une [MASK] [MASK].'));
  await screen.findByRole('textbox', { name: 'Votre mot pour le masque 1' });
  expect(screen.getAllByRole('textbox', { name: /^Votre mot/ })).toHaveLength(1);
});

test('a bad file is named with its line, and changes nothing', async () => {
  const user = await start('Mon texte.');
  pick(file('Une {toux}.\nSans rien.'));
  const alert = within(await screen.findByRole('alert'));
  expect(plain(alert.getByRole('heading').textContent)).toBe('leçon.txt n’est pas une leçon');
  expect(alert.getByText(/La ligne 2 ne cache rien/)).toBeTruthy();
  expect(appState().fill.text).toBe('Mon texte.');
  await user.click(alert.getByRole('button', { name: 'Fermer' }));
  expect(screen.queryByRole('alert')).toBeNull();
  pick(file(new Uint8Array([0, 1, 2, 0])));
  expect(await screen.findByText(/n’est pas du texte/)).toBeTruthy();
});

test('a dropped text with something to guess can be opened as a lesson', async () => {
  const user = await start();
  patch('ui', { dropped: { kind: 'texts', texts: [{ name: 'a.txt', text: 'Une {toux} sèche.' }], guessed: false } });
  await user.click(await screen.findByRole('button', { name: 'Ouvrir comme leçon' }));
  expect(await (await panel()).textContent).toContain('a.txt');
  patch('ui', { dropped: { kind: 'texts', texts: [{ name: 'b.txt', text: 'Une toux sèche.' }], guessed: false } });
  expect(await screen.findByText(/b\.txt/)).toBeTruthy();
  expect(screen.queryByRole('button', { name: 'Ouvrir comme leçon' })).toBeNull();
});

test('the sentences on the sheet are saved as a lesson', async () => {
  const user = await start('La toux.');
  const save = () => screen.getByRole('button', { name: 'Enregistrer comme leçon' });
  expect(save().hasAttribute('disabled')).toBe(true);
  await user.click(screen.getByRole('button', { name: 'Cardiologie' }));
  const saved: Blob[] = [];
  vi.spyOn(URL, 'createObjectURL').mockImplementation(blob => {
    saved.push(blob as Blob);
    return 'blob:x';
  });
  await user.click(save());
  expect(await saved[0]?.text()).toBe('Le patient présente une [MASK] aiguë du myocarde.\n');
});

test('large type is put on the page and kept', async () => {
  const user = await start();
  await user.click(screen.getByRole('switch', { name: 'Grands caractères' }));
  expect(document.documentElement.dataset.type).toBe('large');
  expect(parseSettings(localStorage.getItem('affinage.settings'), []).largeType).toBe(true);
  await user.click(screen.getByRole('switch', { name: 'Grands caractères' }));
  expect(document.documentElement.dataset.type).toBeUndefined();
});

test('a guess that is scored while the next sentence is on its way still counts', async () => {
  await start();
  pick(file('Une {toux}.\nUn {cœur}.'));
  await waitFor(() => expect(appState().fill.text).toBe('Une [MASK].'));
  const { current } = appState().model;
  if (!current) throw new Error('No model.');
  let go = () => {};
  vi.spyOn(current, 'tokenize').mockImplementation(
    () =>
      new Promise(resolve => {
        go = () => resolve({ ids: [1], tokens: ['Un'], offsets: [[0, 2]] });
      }),
  );
  const moving = goTo(1);
  patch('fill', { guess: { text: 'Une [MASK].', words: ['toux'], scores: [null], rounds: 1, points: 3 } });
  await waitFor(() => expect(appState().lesson.open?.answers[0]?.points).toBe(3));
  go();
  await moving;
  expect(appState().fill).toMatchObject({ text: 'Un [MASK].', guess: { text: null, points: 3 } });
});
