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

test('single-key shortcuts move between views, and can be switched off', async () => {
  stop = renderApp(fakeHost(async () => fakeModel()));
  const user = userEvent.setup();
  await user.keyboard('4');
  expect(await screen.findByRole('heading', { level: 1, name: 'Comparer des textes' })).toBeTruthy();
  await user.keyboard('?');
  const dialog = await screen.findByRole('dialog', { name: 'Raccourcis clavier' });
  await user.click(within(dialog).getByRole('switch'));
  await user.click(within(dialog).getByRole('button', { name: 'Fermer' }));
  await waitFor(() => expect(screen.queryByRole('dialog')).toBeNull());
  await user.keyboard('6');
  expect(screen.getByRole('heading', { level: 1, name: 'Comparer des textes' })).toBeTruthy();
});

test('the keys 1 to 6 count by their place where digits need Shift; typing and other signs are left alone', async () => {
  stop = renderApp(fakeHost(async () => fakeModel()));
  const on = (name: string) => screen.findByRole('heading', { level: 1, name });
  await on('Prédire le mot masqué');
  const press = (key: string, code: string, more: KeyboardEventInit = {}, target: Element = document.body) =>
    fireEvent.keyDown(target, { key, code, ...more });
  // AZERTY without and with Shift, the keypad, QWERTY with Shift.
  press('é', 'Digit2');
  await on('Lire un texte long');
  press('3', 'Digit3', { shiftKey: true });
  await on('Chercher dans vos comptes rendus');
  press('6', 'Numpad6');
  await on('Cet appareil');
  press('!', 'Digit1', { shiftKey: true });
  await on('Prédire le mot masqué');
  // The keypad without Num Lock moves; Ctrl and AltGr have other uses; a field takes what is typed; “/” is a shortcut of its own.
  press('ArrowDown', 'Numpad2');
  press('é', 'Digit2', { ctrlKey: true });
  const altGr = new KeyboardEvent('keydown', { key: '~', code: 'Digit2', bubbles: true });
  altGr.getModifierState = name => name === 'AltGraph';
  document.body.dispatchEvent(altGr);
  press('é', 'Digit2', {}, screen.getByRole('textbox', { name: 'Texte' }));
  press('/', 'Digit3', { shiftKey: true });
  expect(document.activeElement).toBe(screen.getByRole('textbox', { name: 'Texte' }));
  expect(location.hash).toBe('#/fill');
});
