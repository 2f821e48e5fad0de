// @vitest-environment happy-dom
import { cleanup, fireEvent, screen, waitFor, within } from '@testing-library/react';
import { afterEach, expect, test } from 'vitest';
import { appState } from '../../store/store.ts';
import { type FakeModel, fakeHost, fakeModel } from '../../testing/fake-model.ts';
import { renderApp } from '../../testing/render-app.tsx';
import { addFiles } from '../documents.ts';
// The page fetches it when it is first opened; here it is there before the clock of a test runs.
import '../SearchView.tsx';
import { setInside, stopDrawing } from './draw.ts';

let stop = () => {};
afterEach(() => {
  stop();
  cleanup();
});

const plain = (text: string | null | undefined) => (text ?? '').replace(/\s/g, ' ');

/** Vectors by letters, of two numbers: aa → (1, 0), ab → (1, 1)/√2, bb → (0, 1). */
async function open(): Promise<FakeModel> {
  const { embedding } = await fakeModel().report();
  const model = fakeModel({ embedding: { ...embedding, dim: 2 } });
  stop = renderApp(
    fakeHost(async () => model),
    { hash: '#/search' },
  );
  await screen.findByText('Cherchez dans vos comptes rendus');
  return model;
}

const add = (name: string, text: string) => addFiles([{ path: name, blob: new Blob([text]) }]);
const openPart = (name: string) => fireEvent.click(screen.getByRole('radio', { name }));

test('the map is drawn at once; a point that is chosen from the keyboard lists its neighbours, nearest first', async () => {
  await open();
  await add('a.txt', 'Aaaa. Aaab.\nBbbb.');
  await add('b.txt', 'Abbb.');
  await screen.findByText(/Passages avec un vecteur : 4\. Vecteurs/);
  openPart('Carte');
  await screen.findByText(/Plan des deux composantes principales/);
  expect([...screen.getByRole('list', { name: 'Groupes' }).children].map(item => plain(item.textContent))).toEqual([
    'a.txt (3)',
    'b.txt (1)',
  ]);
  const list = screen.getByRole('listbox', { name: 'Points (4)' });
  const active = () => plain(document.getElementById(list.getAttribute('aria-activedescendant') ?? '')?.textContent);
  expect(active()).toBe('Aaaa.a.txt');
  fireEvent.keyDown(list, { key: 'End' });
  expect(active()).toBe('Abbb.b.txt');
  fireEvent.keyDown(list, { key: 'ArrowUp' });
  fireEvent.keyDown(list, { key: 'Enter' });
  const chosen = await screen.findByRole('region', { name: 'Passage choisi' });
  await waitFor(() => expect(within(chosen).getAllByRole('listitem')).toHaveLength(3));
  expect(within(list).getByRole('option', { selected: true }).textContent).toBe('Bbbb.a.txt');
  expect(
    within(chosen)
      .getAllByRole('listitem')
      .map(item => plain(item.textContent).replace(/cosinus [\d,]+/, ' ')),
  ).toEqual(['b.txt Abbb.', 'a.txt Aaab.', 'a.txt Aaaa.']);
  fireEvent.click(within(chosen).getByRole('button', { name: 'Ouvrir b.txt' }));
  expect((await screen.findByRole('dialog')).textContent).toContain('Abbb.');
});

test('points are grouped by a column of a table; a rectangle lists its passages', async () => {
  await open();
  await add('base.csv', 'service,note\nORL,Aaaa bbb aa\nORL,Aaaa aaa ab\nCardio,Bbbb bbb bb\n');
  fireEvent.click(await screen.findByRole('button', { name: 'Ajouter ce tableau' }));
  await screen.findByText(/Passages avec un vecteur : 3\. Vecteurs/);
  openPart('Carte');
  fireEvent.change(await screen.findByRole('combobox', { name: 'Couleur et forme' }), { target: { value: '0' } });
  await waitFor(() =>
    expect([...screen.getByRole('list', { name: 'Groupes' }).children].map(item => plain(item.textContent))).toEqual([
      'ORL (2)',
      'Cardio (1)',
    ]),
  );
  setInside([0, 2]);
  const inside = await screen.findByRole('region', { name: 'Dans le rectangle' });
  expect(
    within(inside)
      .getAllByRole('listitem')
      .map(item => plain(item.textContent)),
  ).toEqual(['base.csvligne 1 sur 3Aaaa bbb aa', 'base.csvligne 3 sur 3Bbbb bbb bb']);
});

test('another document is drawn too, and a point that is gone is not chosen any more', async () => {
  await open();
  await add('a.txt', 'Aaaa. Aaab.');
  await screen.findByText(/Passages avec un vecteur : 2\. Vecteurs/);
  openPart('Carte');
  fireEvent.click(within(await screen.findByRole('listbox', { name: 'Points (2)' })).getAllByRole('option')[0] as HTMLElement);
  await screen.findByRole('region', { name: 'Passage choisi' });
  await add('b.txt', 'Abbb.');
  await screen.findByRole('listbox', { name: 'Points (3)' });
  fireEvent.click(screen.getByRole('button', { name: 'Retirer a.txt' }));
  await screen.findByRole('listbox', { name: 'Points (1)' });
  expect(appState().search.map.chosen).toBeNull();
});

test('near-duplicates: identical texts first, then pairs over the threshold with their differences marked', async () => {
  await open();
  await add('a.txt', 'Aaaa aaaa aab.\nBbbb.');
  openPart('Presque doubles');
  await screen.findByRole('heading', { name: 'Aucun presque double' });
  await add('b.txt', 'Aaaa aaaa aaa.\nBbbb.');
  await waitFor(() => expect(screen.getAllByText(/^Textes identiques$|^cosinus/)).toHaveLength(2));
  const pairs = screen.getAllByText(/^Textes identiques$|^cosinus/).map(each => each.closest('li') as HTMLElement);
  expect(plain(pairs[0]?.textContent)).toBe('Textes identiquesa.txtBbbb.b.txtBbbb.');
  expect(plain(pairs[1]?.textContent)).toMatch(/^cosinus 0,99\da\.txtAaaa aaaa aab\.b\.txtAaaa aaaa aaa\.$/);
  expect(pairs[1]?.querySelector('del')?.textContent).toBe('aab');
  expect(pairs[1]?.querySelector('ins')?.textContent).toBe('aaa');
  const slider = screen.getByRole('slider', { name: 'Cosinus minimal' });
  fireEvent.change(slider, { target: { value: '1' } });
  await screen.findByText('Paires : 1.', { normalizer: plain });
  expect(screen.queryByText(/^cosinus/)).toBeNull();
});

test('a map that was stopped before it was drawn is drawn on demand', async () => {
  await open();
  await add('a.txt', 'Aaaa. Aaab.');
  await screen.findByText(/Passages avec un vecteur : 2\. Vecteurs/);
  openPart('Carte');
  stopDrawing();
  fireEvent.click(await screen.findByRole('button', { name: 'Tracer la carte' }));
  await screen.findByRole('listbox', { name: 'Points (2)' });
});
