// @vitest-environment happy-dom
/** Nothing that a user wrote is lost: undo, the text that is kept, and texts that came in numbers. */
import { cleanup, fireEvent, screen, within } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import { afterEach, expect, test } from 'vitest';
import { restoreText, watchText } from '../store/keep-text.ts';
import { loadModel } from '../store/model.ts';
import { readSettings } from '../store/settings.ts';
import { initialState } from '../store/state.ts';
import { appState, useAppStore } from '../store/store.ts';
import { fakeHost, fakeModel } from '../testing/fake-model.ts';
import { renderApp } from '../testing/render-app.tsx';
import { field, plain } from '../testing/sheet.ts';

let stop = () => {};
afterEach(() => {
  stop();
  cleanup();
});

const open = (hash: string, text = '') => {
  stop = renderApp(
    fakeHost(async () => fakeModel()),
    { hash, text },
  );
  return userEvent.setup();
};
const texts = () => appState().embed.lines.map(line => line.text);

test('Ctrl+Z spans typing, masks, an example, clearing and another model', async () => {
  const user = open('#/fill', 'Douleur thoracique.');
  await user.click(await screen.findByRole('button', { name: /thoracique/ }));
  await user.click(screen.getByRole('button', { name: 'Cardiologie' }));
  expect(screen.getByText(/L’exemple a pris la place de votre texte/)).toBeTruthy();
  await user.type(field(), '!');
  await user.click(screen.getByRole('button', { name: 'Effacer' }));
  expect(field().value).toBe('');
  await loadModel({ kind: 'mini' });
  // The pressed button is off now, and the focus nowhere.
  await user.keyboard('{Control>}z{/Control}');
  expect(field().value).toContain('myocarde.!');
  await user.keyboard('{Control>}z{/Control}');
  await user.click(screen.getByRole('button', { name: 'Retrouver mon texte' }));
  expect(field().value).toBe('Douleur [MASK].');
  expect(appState().fill.masks[0]?.word).toBe('thoracique');
  await user.keyboard('{Control>}z{/Control}');
  expect(field().value).toBe('Douleur thoracique.');
  await user.keyboard('{Control>}{Shift>}z{/Shift}{/Control}');
  expect(field().value).toBe('Douleur [MASK].');
  expect(screen.getByRole('button', { name: 'Rétablir' })).toHaveProperty('disabled', false);
});

test('keystrokes that follow one another are one step, and the cursor stays where the text changed', async () => {
  const user = open('#/fill', 'Un patient.');
  field().focus();
  field().setSelectionRange(2, 2);
  await user.keyboard(' jeune');
  expect(field().value).toBe('Un jeune patient.');
  await user.keyboard('{Control>}z{/Control}');
  expect(field().value).toBe('Un patient.');
  expect(field().selectionStart).toBe(3);
  await user.keyboard('{Control>}y{/Control}');
  expect(field().value).toBe('Un jeune patient.');
  expect(field().selectionStart).toBe(9);
});

test('the text outlives a reload only if the reader chose so, and goes when the choice is taken back', async () => {
  const user = open('#/fill', 'Douleur thoracique.');
  const stopWriting = watchText();
  const reload = () => {
    useAppStore.setState(initialState(), true);
    readSettings();
    return restoreText();
  };
  await user.click(await screen.findByRole('button', { name: /thoracique/ }));
  expect(localStorage.getItem('affinage.text')).toBeNull();
  await user.click(screen.getByRole('switch', { name: /Conserver mon texte/ }));
  expect(localStorage.getItem('affinage.text')).toContain('Douleur');
  await user.type(field(), ' Fin');
  dispatchEvent(new Event('pagehide'));
  expect(reload()).toBe(true);
  expect(appState().fill).toMatchObject({ text: 'Douleur [MASK]. Fin', masks: [{ start: 8, end: 14, word: 'thoracique' }] });
  await user.click(screen.getByRole('switch', { name: /Conserver mon texte/ }));
  expect(localStorage.getItem('affinage.text')).toBeNull();
  expect(reload()).toBe(false);
  stopWriting();
});

test('pasted lines are texts of their own, said at their place, and one text at a press', async () => {
  const user = open('#/embed');
  fireEvent.change(await screen.findByRole('textbox', { name: 'Texte 1' }), { target: { value: 'Motif\n\nToux fébrile.\nFièvre.' } });
  expect(texts()).toEqual(['Motif', 'Toux fébrile.', 'Fièvre.', '']);
  const row = screen.getByRole('textbox', { name: 'Texte 1' }).closest('li');
  await user.click(within(row as HTMLElement).getByRole('button', { name: 'Un seul texte' }));
  expect(texts()).toEqual(['Motif\n\nToux fébrile.\nFièvre.', '']);
  // Its line breaks are its own now: typing in it parts nothing.
  await user.type(screen.getByRole('textbox', { name: 'Texte 1' }), '!');
  expect(texts()).toEqual(['Motif\n\nToux fébrile.\nFièvre.!', '']);
  await user.keyboard('{Control>}z{/Control}{Control>}z{/Control}');
  expect(texts()).toEqual(['', '']);
});

test('a table is noticed and nothing is taken before the reader says what it is', async () => {
  const user = open('#/embed');
  const table = 'id;motif\n1;Toux fébrile depuis trois jours\n2;Douleur';
  fireEvent.change(await screen.findByRole('textbox', { name: 'Texte 1' }), { target: { value: table } });
  expect(texts()).toEqual(['', '']);
  expect(plain(screen.getByRole('alert').textContent)).toContain('un tableau de 2 colonnes avec un en-tête (id · motif)');
  await user.click(screen.getByRole('button', { name: /Sans l’en-tête\s: un texte par ligne \(2\)/ }));
  expect(texts()).toEqual(['1;Toux fébrile depuis trois jours', '2;Douleur', '']);
  await user.keyboard('{Control>}z{/Control}');
  fireEvent.change(screen.getByRole('textbox', { name: 'Texte 1' }), { target: { value: table } });
  await user.click(screen.getByRole('button', { name: 'motif (2)' }));
  expect(texts()).toEqual(['Toux fébrile depuis trois jours', 'Douleur', '']);
});

/** False: the page took the drop, and the browser will not. */
const drop = (...files: File[]): boolean => fireEvent.drop(document.body, { dataTransfer: { types: ['Files'], files, items: [] } });

test('a dropped file never replaces the page: a text is offered and undone, another kind is told where it belongs', async () => {
  const user = open('#/fill', 'Douleur.');
  expect(drop(new File(['Toux fébrile.'], 'motif.txt'))).toBe(false);
  await user.click(await screen.findByRole('button', { name: 'L’utiliser comme texte' }));
  expect(field().value).toBe('Toux fébrile.');
  await user.click(screen.getByRole('button', { name: 'Retrouver mon texte' }));
  expect(field().value).toBe('Douleur.');
  drop(new File(['%PDF'], 'scan.pdf'));
  expect(await screen.findByText('Cette page ne peut pas lire scan.pdf')).toBeTruthy();
  drop(new File(['Toux.\nFièvre.'], 'motifs.csv'));
  await user.click(await screen.findByRole('button', { name: 'Comparer ses lignes' }));
  expect(await screen.findByRole('heading', { level: 1, name: 'Comparer des textes' })).toBeTruthy();
  expect(texts()).toEqual(['Toux.', 'Fièvre.']);
  const model = ['config.json', 'tokenizer.json', 'model.safetensors'].map(name => new File(['{}'], name));
  drop(...model);
  expect(await screen.findByText(/config\.json, tokenizer\.json, model\.safetensors/)).toBeTruthy();
});
