// @vitest-environment happy-dom
import { cleanup, screen, within } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import { afterEach, expect, test } from 'vitest';
import { fakeHost, fakeModel } from '../testing/fake-model.ts';
import { renderApp } from '../testing/render-app.tsx';

let stop = () => {};
afterEach(() => {
  stop();
  cleanup();
});

test('the screen is shown in three languages, copied, and closed; the focus goes back', async () => {
  const user = userEvent.setup();
  stop = renderApp(
    fakeHost(async () => fakeModel()),
    { text: 'La « [MASK] » d’hier.' },
  );
  const button = screen.getByRole('button', { name: 'Voir le code' });
  await user.click(button);
  const dialog = within(await screen.findByRole('dialog', { name: 'Cet écran en code' }));
  expect(dialog.getByText(/Le code contient votre texte/)).toBeTruthy();
  const region = () => dialog.getByRole('region').textContent;
  expect(region()).toContain('"La « [MASK] » d’hier."');
  await user.click(dialog.getByRole('tab', { name: 'Ligne de commande' }));
  expect(region()).toContain("npx affinage fill-mask --dtype q8 --top-k 5 -- 'La « [MASK] » d’hier.'");
  await user.keyboard('{ArrowRight}');
  expect(region()).toContain('AutoModelForMaskedLM.from_pretrained(name)');
  expect(dialog.getByText(/à l’arrondi de q8 près/)).toBeTruthy();
  await user.click(dialog.getByRole('button', { name: 'Copier le code' }));
  expect(await navigator.clipboard.readText()).toBe(region());
  await user.keyboard('{Escape}');
  expect(screen.queryByRole('dialog')).toBeNull();
});

test('every view that asks the model has code, the others have none', () => {
  for (const [hash, count] of [
    ['#/read', 1],
    ['#/embed', 1],
    ['#/search', 1],
    ['#/models', 0],
    ['#/device', 0],
  ] as const) {
    stop = renderApp(
      fakeHost(async () => fakeModel()),
      { hash },
    );
    expect(screen.queryAllByRole('button', { name: 'Voir le code' })).toHaveLength(count);
    stop();
    cleanup();
  }
});
