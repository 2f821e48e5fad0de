// @vitest-environment happy-dom
import { cleanup, fireEvent, screen, waitFor, within } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import { afterEach, expect, test } from 'vitest';
import { loadModel } from '../store/model.ts';
import { type FakeModel, fakeHost, fakeModel, pause } from '../testing/fake-model.ts';
import { renderApp } from '../testing/render-app.tsx';
import { addFiles } from './documents.ts';
// The page fetches it when it is first opened; here it is there before the clock of a test runs.
import './SearchView.tsx';

let stop = () => {};
afterEach(() => {
  stop();
  cleanup();
});

const plain = (text: string | null | undefined) => (text ?? '').replace(/\s/g, ' ');

/** Vectors by letters, of two numbers: aa → (1, 0), ab → (1, 1)/√2, bb → (0, 1). */
async function twoNumbers(name = 'mini'): Promise<FakeModel> {
  const { embedding } = await fakeModel().report();
  return fakeModel({ name, embedding: { ...embedding, dim: 2 } });
}

async function open(model: FakeModel) {
  stop = renderApp(
    fakeHost(async () => model),
    { hash: '#/search' },
  );
  await screen.findByText('Cherchez dans vos comptes rendus');
  // The memory of this page alone: happy-dom has no IndexedDB, and the page says so.
  expect(plain(document.body.textContent)).toContain('Ce navigateur ne laisse rien enregistrer');
}

const add = (name: string, text: string) => addFiles([{ path: name, blob: new Blob([text]) }]);
const batches = (model: FakeModel) => model.calls.filter(({ kind, input }) => kind === 'embed' && (input as string[]).length > 1);
const hits = () => [...document.querySelectorAll('ol > li')].map(item => plain(item.textContent));

test('files become passages with vectors; a query is answered by words, by meaning and joined, with the words marked', async () => {
  const model = await twoNumbers();
  await open(model);
  await add('notes.txt', 'Bbbb bbb. Aeaea aaa.\nŒdème aaee.');
  await screen.findByText(/Vecteurs de 2 nombres, calculés par mini/);
  expect(batches(model).map(({ input }) => input)).toEqual([['Bbbb bbb.', 'Aeaea aaa.', 'Œdème aaee.']]);
  const field = screen.getByRole('searchbox', { name: 'Recherche' });
  fireEvent.change(field, { target: { value: 'oedemes' } });
  await waitFor(() => expect(hits()).toHaveLength(3));
  expect(hits()[0]).toContain('Œdème aaee.');
  expect(hits()[0]).toMatch(/mots : n° 1 \(BM25 [\d,]+\)sens : n° \d \(cosinus 0,\d{3}\)/);
  expect([...document.querySelectorAll('mark')].map(mark => mark.textContent)).toContain('Œdème');

  const user = userEvent.setup();
  await user.click(screen.getByRole('radio', { name: 'Mots' }));
  await waitFor(() => expect(hits()).toHaveLength(1));
  await user.click(screen.getByRole('radio', { name: 'Sens' }));
  fireEvent.change(field, { target: { value: 'bb' } });
  await waitFor(() => expect(hits()[0]).toContain('sens : n° 1'));
  expect(hits()[0]).toMatch(/Bbbb bbb\./);
  expect(hits()[0]).not.toContain('mots');
});

test('opening a result shows its document with the passages numbered and the found one marked', async () => {
  await open(await twoNumbers());
  await add('notes.txt', 'Toux sèche. Fièvre.\nSortie.');
  fireEvent.change(await screen.findByRole('searchbox'), { target: { value: 'fievre ' } });
  await waitFor(() => expect(hits().length).toBeGreaterThan(0));
  fireEvent.click(screen.getAllByRole('button', { name: 'Ouvrir notes.txt' })[0] as HTMLElement);
  const dialog = await screen.findByRole('dialog');
  expect(plain(dialog.textContent)).toContain('1Toux sèche. 2Fièvre. 3Sortie.');
  expect(dialog.querySelector('mark')?.textContent).toBe('2Fièvre.');
  fireEvent.click(within(dialog).getByRole('button', { name: 'Fermer' }));
  await waitFor(() => expect(screen.queryByRole('dialog')).toBeNull());
});

test('a table waits for the column of its text; its other columns stay beside the passage', async () => {
  const model = await twoNumbers();
  await open(model);
  await add('base.csv', 'id,service,note\n1,ORL,Otite de la petite fille\n2,Cardio,Palpitations depuis hier\n');
  const column = await screen.findByRole('combobox', { name: 'Colonne du texte' });
  expect((column as HTMLSelectElement).selectedOptions[0]?.textContent).toBe('note');
  expect(batches(model)).toEqual([]);
  fireEvent.change(column, { target: { value: '1' } });
  fireEvent.change(column, { target: { value: '2' } });
  fireEvent.click(screen.getByRole('button', { name: 'Ajouter ce tableau' }));
  fireEvent.change(await screen.findByRole('searchbox'), { target: { value: 'palpitations' } });
  await waitFor(() => expect(hits()[0]).toContain('Palpitations depuis hier'));
  expect(hits()[0]).toContain('ligne 2 sur 2');
  expect(hits()[0]).toContain('serviceCardio');
});

test('files that cannot be read are said one by one, and the others are taken', async () => {
  await open(await twoNumbers());
  await addFiles([
    { path: 'a.docx', blob: new Blob(['non']) },
    { path: 'b.txt', blob: new Blob(['Fièvre.']) },
    { path: 'c.txt', blob: new Blob([Uint8Array.from(Buffer.from('Thé', 'latin1'))]) },
  ]);
  const alert = await screen.findByText(/a\.docx n’a pas été ajouté : ce n’est pas un document Word/);
  expect(plain(alert.closest('[role=alert]')?.textContent)).toContain('c.txt n’indique pas son encodage');
  expect(screen.getByRole('button', { name: 'Voir les passages de b.txt' })).toBeTruthy();
  expect(screen.getByRole('button', { name: 'Voir les passages de c.txt' })).toBeTruthy();
});

test('what is done stays when it is stopped, and goes on from there', async () => {
  const model = await twoNumbers();
  await open(model);
  let allowed = 2;
  model.before = async signal => {
    if (--allowed < 0) await pause(60_000, signal);
  };
  const sentences = Array.from({ length: 80 }, (_, i) => `Phrase ${i} du texte.`);
  await add('long.txt', sentences.join(' '));
  await screen.findByText('64 passages sur 80');
  fireEvent.click(screen.getByRole('button', { name: 'Arrêter' }));
  await screen.findByText(/^64 passages sur 80 ont un vecteur/);
  allowed = 100;
  fireEvent.click(screen.getByRole('button', { name: 'Reprendre' }));
  await screen.findByText(/Passages avec un vecteur : 80\. Vecteurs/);
  expect(batches(model).at(-1)?.input).toEqual(sentences.slice(64));
});

test('another cut computes every vector again; all can be deleted', async () => {
  const model = await twoNumbers();
  await open(model);
  await add('notes.txt', 'Toux sèche. Fièvre.\n\nSortie.');
  await screen.findByText(/Passages avec un vecteur : 3\. Vecteurs/);
  fireEvent.click(screen.getByRole('radio', { name: 'Paragraphes' }));
  await screen.findByText(/Passages avec un vecteur : 2\. Vecteurs/);
  expect(batches(model).at(-1)?.input).toEqual(['Toux sèche. Fièvre.', 'Sortie.']);
  fireEvent.click(screen.getByRole('button', { name: 'Supprimer l’index' }));
  fireEvent.click(await screen.findByRole('button', { name: 'Tout supprimer' }));
  await screen.findByText('Cherchez dans vos comptes rendus');
});

test('vectors of another model are not compared: the words still find, it is said, and they are computed again on demand', async () => {
  const models = [await twoNumbers(), await twoNumbers('autre')];
  stop = renderApp(
    fakeHost(async choice => (choice.kind === 'mini' ? models[0] : models[1]) as FakeModel),
    { hash: '#/search' },
  );
  await screen.findByText('Cherchez dans vos comptes rendus');
  await add('notes.txt', 'Toux sèche. Fièvre.');
  await screen.findByText(/Passages avec un vecteur : 2\. Vecteurs de 2 nombres, calculés par mini/);
  await loadModel({ kind: 'url', address: 'https://host/autre' });
  await screen.findByText(/Ces vecteurs ont été calculés par mini ; le modèle actif est autre/);
  fireEvent.change(screen.getByRole('searchbox'), { target: { value: 'fievre' } });
  await screen.findByText(/calculés par un autre modèle : ces résultats viennent des mots seuls/);
  expect(hits()).toHaveLength(1);
  expect(models[1]?.calls.filter(({ kind }) => kind === 'embed')).toEqual([]);
  fireEvent.click(screen.getByRole('button', { name: 'Recalculer les vecteurs' }));
  await screen.findByText(/Passages avec un vecteur : 2\. Vecteurs de 2 nombres, calculés par autre/);
  await waitFor(() => expect(hits()[0]).toContain('cosinus'));
});

test('a file that has gone since it was picked is said', async () => {
  await open(await twoNumbers());
  await addFiles([
    {
      path: 'parti.txt',
      blob: { size: 3, arrayBuffer: () => Promise.reject(new DOMException('gone', 'NotReadableError')) } as unknown as Blob,
    },
  ]);
  await screen.findByText(/parti\.txt n’a pas été ajouté : sa lecture a échoué/);
});

test('a query that is typed over is not answered: the newest wins', async () => {
  const model = await twoNumbers();
  await open(model);
  await add('notes.txt', 'Toux sèche. Fièvre.');
  await screen.findByText(/Passages avec un vecteur : 2\. Vecteurs/);
  const signals: (AbortSignal | undefined)[] = [];
  model.before = async signal => {
    signals.push(signal);
    if (signals.length === 1) await pause(60_000, signal);
  };
  const field = screen.getByRole('searchbox');
  fireEvent.change(field, { target: { value: 'toux' } });
  await waitFor(() => expect(signals).toHaveLength(1));
  fireEvent.change(field, { target: { value: 'fievre' } });
  await waitFor(() => expect([...document.querySelectorAll('mark')].map(mark => mark.textContent)).toEqual(['Fièvre']));
  expect(signals[0]?.aborted).toBe(true);
});
