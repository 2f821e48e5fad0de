// @vitest-environment happy-dom
import { cleanup, screen } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import { afterEach, expect, test } from 'vitest';
import { NoAdapterError } from '../../errors.ts';
import { fakeHost, fakeModel } from '../testing/fake-model.ts';
import { renderApp } from '../testing/render-app.tsx';

let stop = () => {};
afterEach(() => {
  stop();
  cleanup();
});

const plain = (text: string | null | undefined) => (text ?? '').replace(/\s/g, ' ');

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
    fakeHost(async () => fakeModel({ notes: ['The file leaves the mask open.'] })),
    { hash: '#/device' },
  );
  expect(await screen.findByText('The file leaves the mask open.')).toBeTruthy();
  expect(await screen.findByText(/le navigateur en émule un sur le processeur/)).toBeTruthy();
  expect(plain(screen.getByText('Paramètres').parentElement?.textContent)).toBe('Paramètres12 345 678');
  expect(plain(screen.getByText(/wrong numbers/).textContent)).toBe('refusée : wrong numbers');
});
