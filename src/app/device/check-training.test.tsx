// @vitest-environment happy-dom
import { cleanup, screen, waitFor, within } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import { afterEach, expect, test } from 'vitest';
import { NoAdapterError } from '../../errors.ts';
import type { TrainingCheck, TrainingCheckOptions } from '../../verify/types.ts';
import { fakeHost, fakeModel, pause } from '../testing/fake-model.ts';
import { renderApp } from '../testing/render-app.tsx';

let stop = () => {};
afterEach(() => {
  stop();
  cleanup();
});

const plain = (text: string | null | undefined) => (text ?? '').replace(/\s/g, ' ');

async function open(check: (options: TrainingCheckOptions) => Promise<TrainingCheck[]>) {
  stop = renderApp(
    fakeHost(async () => fakeModel(), undefined, check),
    { hash: '#/device' },
  );
  const user = userEvent.setup();
  await user.click(await screen.findByRole('button', { name: 'Vérifier l’entraînement' }));
  return user;
}

test('the checks of training are shown line by line and counted', async () => {
  const user = await open(async () => [
    { name: 'kernel adamw', failure: null },
    { name: 'clm f32: gradients are the slopes of the loss', failure: 'slope 1, gradient 2' },
  ]);
  expect(await screen.findByText('L’entraînement calcule faux sur cet appareil')).toBeTruthy();
  const lines = within(screen.getByRole('list', { name: 'Vérifications de l’entraînement' })).getAllByRole('listitem');
  expect(lines.map(line => plain(line.textContent))).toEqual([
    'réussi kernel adamw',
    'ÉCHEC clm f32: gradients are the slopes of the loss: slope 1, gradient 2',
  ]);
  expect(plain(screen.getByText(/réussi, 1/).textContent)).toBe('1 réussi, 1 échec');
  await user.click(screen.getByRole('button', { name: 'Copier les lignes' }));
  expect(await navigator.clipboard.readText()).toBe(
    'passed  kernel adamw\nFAILED  clm f32: gradients are the slopes of the loss: slope 1, gradient 2\n1 passed, 1 failed\n',
  );
});

test('it shows how far it is, keeps the other check waiting, and is stopped', async () => {
  let aborted = false;
  const user = await open(async ({ signal, onProgress }) => {
    onProgress?.({ stage: 'check', done: 3, total: 20, unit: 'items', detail: 'adamw' });
    await pause(60_000, signal).catch(error => {
      aborted = true;
      throw error;
    });
    return [];
  });
  expect(plain((await screen.findByText(/3 sur 20/)).textContent)).toBe('3 sur 20');
  expect(screen.getByRole('button', { name: 'Vérification courte' }).hasAttribute('disabled')).toBe(true);
  await user.click(screen.getByRole('button', { name: 'Annuler' }));
  await waitFor(() => expect(aborted).toBe(true));
  expect(await screen.findByRole('button', { name: 'Vérifier l’entraînement' })).toBeTruthy();
  expect(screen.queryByRole('alert')).toBeNull();
});

test('what kept it from running is said', async () => {
  await open(async () => {
    throw new NoAdapterError('No WebGPU adapter.');
  });
  expect(await screen.findByText(/NoAdapterError: No WebGPU adapter/)).toBeTruthy();
});
