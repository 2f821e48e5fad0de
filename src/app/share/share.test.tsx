// @vitest-environment happy-dom
import { cleanup, screen, waitFor, within } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import { afterEach, expect, test, vi } from 'vitest';
import { watchLinks } from '../shell/open-link.ts';
import { undo } from '../store/history.ts';
import { appState } from '../store/store.ts';
import { fakeHost, fakeModel } from '../testing/fake-model.ts';
import { renderApp } from '../testing/render-app.tsx';
import { linkOf } from './link.ts';

const stops: (() => void)[] = [];
afterEach(() => {
  for (const stop of stops.splice(0)) stop();
  cleanup();
});

const start = (options: { hash?: string; text?: string }) =>
  stops.push(
    renderApp(
      fakeHost(async () => fakeModel()),
      options,
    ),
    watchLinks(),
  );
const hashOf = async (text: string) => new URL((await linkOf(text, 'https://page.example/')) ?? '').hash;

test('a link is made by a deliberate press alone, with a warning, and copied', async () => {
  start({ text: 'La patiente [MASK] depuis trois jours.' });
  const user = userEvent.setup();
  const copied = vi.spyOn(navigator.clipboard, 'writeText');
  expect(location.hash).toBe('#/fill');
  await user.click(screen.getByRole('button', { name: 'Partager…' }));
  const dialog = await screen.findByRole('dialog', { name: 'Un lien vers ce texte' });
  expect(within(dialog).getByText(/Ce lien contient votre texte/)).toBeTruthy();
  await user.click(await within(dialog).findByRole('button', { name: 'Copier le lien' }));
  const link = copied.mock.calls[0]?.[0] ?? '';
  expect(new URL(link).hash).toBe(await hashOf('La patiente [MASK] depuis trois jours.'));
  expect(within(dialog).getByRole<HTMLInputElement>('textbox', { name: 'Lien' }).value).toBe(link);
  // The address of the page itself holds no text.
  expect(location.hash).toBe('#/fill');
});

test('without a text there is nothing to share', () => {
  start({ text: ' ' });
  expect(screen.getByRole<HTMLButtonElement>('button', { name: 'Partager…' }).disabled).toBe(true);
});

test('a link fills the sheet, leaves the address, and can be undone', async () => {
  start({ hash: await hashOf('Une [MASK] aiguë.'), text: 'Mon texte.' });
  expect(location.hash).toBe('#/fill');
  await waitFor(() => expect(appState().fill.text).toBe('Une [MASK] aiguë.'));
  expect(screen.getByText(/Le texte du lien a pris la place du vôtre/)).toBeTruthy();
  undo('fill');
  expect(appState().fill.text).toBe('Mon texte.');
});

test('a link that is opened while the page is open is taken too', async () => {
  start({ hash: '#/embed', text: 'Mon texte.' });
  location.hash = await hashOf('Une autre phrase.');
  await waitFor(() => expect(appState().fill.text).toBe('Une autre phrase.'));
  expect(location.hash).toBe('#/fill');
  expect(await screen.findByRole('heading', { level: 1, name: 'Prédire le mot masqué' })).toBeTruthy();
});

test.each([
  ['cut', (hash: string) => hash.slice(0, -4), /coupé ou modifié/],
  ['of another version', (hash: string) => hash.replace('v=1', 'v=9'), /autre version/],
])('a link that is %s gets a message, and nothing is lost', async (_, change, message) => {
  start({ hash: change(await hashOf('Une [MASK] aiguë.')), text: 'Mon texte.' });
  expect((await screen.findByRole('alert')).textContent).toMatch(message);
  expect(appState().fill.text).toBe('Mon texte.');
  await userEvent.setup().click(screen.getByRole('button', { name: 'Ignorer' }));
  expect(screen.queryByRole('alert')).toBeNull();
});
