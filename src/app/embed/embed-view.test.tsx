// @vitest-environment happy-dom
import { cleanup, fireEvent, screen, waitFor, within } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import { afterEach, expect, test } from 'vitest';
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
