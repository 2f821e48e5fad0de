// @vitest-environment happy-dom
import { cleanup, fireEvent, screen, waitFor, within } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import { afterEach, expect, test, vi } from 'vitest';
import { DeviceLostError, InputError, InputTooLongError } from '../../errors.ts';
import { appState } from '../store/store.ts';
import { fakeHost, fakeModel, pause } from '../testing/fake-model.ts';
import { renderApp } from '../testing/render-app.tsx';
import { field, list, options, plain, sheet } from '../testing/sheet.ts';
import { hide, setFill } from './fill.ts';

let stop = () => {};
afterEach(() => {
  stop();
  cleanup();
});

const infarctus = 'Le patient présente une [MASK] aiguë.';

test('predicts the text that stands there, with bars that make up the whole', async () => {
  const model = fakeModel();
  stop = renderApp(
    fakeHost(async () => model),
    { text: infarctus },
  );
  const rows = await options(1);
  expect(rows).toHaveLength(5);
  expect(rows[0]?.textContent).toContain(`mot${infarctus.length}-0`);
  expect(rows[0]?.textContent?.replace(/\s/g, ' ')).toContain('50,0 %');
  // What a screen reader says: the parts do not run together.
  expect(screen.getByRole('option', { name: new RegExp(`^mot${infarctus.length}-0 ?, 50,0\\s%$`) })).toBe(rows[0]);
  // 1 − (1/2 + … + 1/32)
  expect(screen.getByText('Tous les autres mots').parentElement?.textContent?.replace(/\s/g, ' ')).toContain('3,1 %');
  expect(sheet()).toBe(`Le patient présente une 1mot${infarctus.length}-050,0 %▾ aiguë.`);
});

test('a word hides on a press and comes back on the next; the hidden word is scored', async () => {
  const model = fakeModel();
  stop = renderApp(
    fakeHost(async () => model),
    { text: 'Douleur thoracique.' },
  );
  const user = userEvent.setup();
  expect(screen.getByText(/Quel mot le modèle doit-il prédire/)).toBeTruthy();
  await user.click(screen.getByRole('button', { name: /^Masquer «\sthoracique\s»$/ }));
  expect(appState().fill.text).toBe('Douleur [MASK].');
  await list(1);
  const scored = await screen.findByRole('rowheader', { name: /^thoracique le mot masqué/ });
  expect(scored.closest('tr')?.textContent).toContain('40');
  expect(model.calls.at(-1)?.options).toMatchObject({ targets: ['thoracique'] });
  await user.click(
    screen.getByRole('button', { name: /^Masque 1 ?, mot\d+-0 ?50,0.% ?.; cache «.thoracique.».: afficher de nouveau le mot$/ }),
  );
  expect(appState().fill.text).toBe('Douleur thoracique.');
  await waitFor(() => expect(screen.queryByRole('listbox')).toBeNull());
});

test('several masks have a card each and are said to be independent', async () => {
  stop = renderApp(
    fakeHost(async () => fakeModel()),
    { text: 'Un [MASK] et un <mask>.' },
  );
  expect((await options(1))[0]?.textContent).toContain('mot23-0');
  expect((await options(2))[0]?.textContent).toContain('mot23-1');
  expect(screen.getByText(/Chaque masque est prédit séparément/)).toBeTruthy();
});

test('words that change places from one text to the next are shown in their new order', async () => {
  stop = renderApp(
    fakeHost(async () => fakeModel()),
    { text: infarctus },
  );
  await list(1);
  const user = userEvent.setup();
  await user.type(field(), 'X');
  await waitFor(async () => expect((await options(1))[0]?.textContent).toContain(`mot${infarctus.length + 1}-0`));
  expect(await options(1)).toHaveLength(5);
});

test('choosing another word fills the sentence with it', async () => {
  stop = renderApp(
    fakeHost(async () => fakeModel()),
    { text: infarctus },
  );
  const user = userEvent.setup();
  const second = (await options(1))[1];
  if (!second) throw new Error('no second option');
  await user.click(second);
  expect(sheet()).toContain('Le patient présente une 1autre1-025,0 %▾ aiguë.');
});

test('only the newest text is answered: an older request is stopped', async () => {
  const model = fakeModel();
  const signals: (AbortSignal | undefined)[] = [];
  model.before = signal => {
    signals.push(signal);
    // The first request would last for ever.
    return signals.length === 1 ? pause(3_600_000, signal) : Promise.resolve();
  };
  stop = renderApp(
    fakeHost(async () => model),
    { text: infarctus },
  );
  await waitFor(() => expect(signals).toHaveLength(1));
  // At once: letter by letter, a busy machine asks for each of them.
  fireEvent.change(field(), { target: { value: `${infarctus} Fin.` } });
  await waitFor(() => expect(signals).toHaveLength(2));
  expect(signals[0]?.aborted).toBe(true);
  expect((await options(1))[0]?.textContent).toContain(`mot${infarctus.length + 5}-0`);
});

test('own words get probability, log-probability and rank, and a word of several tokens says so', async () => {
  stop = renderApp(
    fakeHost(async () => fakeModel()),
    { text: infarctus },
  );
  await list(1);
  const user = userEvent.setup();
  await user.type(screen.getByRole('textbox', { name: 'Vos propres mots' }), 'embolie, insuffisance rénale');
  const row = (await screen.findByRole('rowheader', { name: 'embolie' })).closest('tr');
  await waitFor(() => expect(row?.textContent).toContain('40'));
  expect(row?.textContent?.replace(/\s/g, ' ')).toBe('embolie0,10 %−6,9140');
  const several = screen.getByRole('rowheader', { name: /insuffisance rénale/ });
  await waitFor(() => expect(plain(several.textContent)).toContain('2 tokens, pseudo-log-vraisemblance'));
  expect(plain(several.closest('tr')?.textContent)).toMatch(/0,20 %−6,21–$/);
});

test('an unknown word is said to be unknown, and the others keep their scores', async () => {
  stop = renderApp(
    fakeHost(async () => fakeModel()),
    { text: infarctus },
  );
  await list(1);
  const user = userEvent.setup();
  await user.type(screen.getByRole('textbox', { name: 'Vos propres mots' }), '☃, embolie');
  const known = await screen.findByRole('rowheader', { name: 'embolie' });
  await waitFor(() => expect(known.closest('tr')?.textContent).toContain('40'));
  expect(screen.getByRole('rowheader', { name: /☃ ?absent du vocabulaire/ })).toBeTruthy();
  expect(screen.queryByRole('alert')).toBeNull();
});

test('the number of words is kept between 1 and 50 and asked for', async () => {
  const model = fakeModel();
  stop = renderApp(
    fakeHost(async () => model),
    { text: infarctus },
  );
  await list(1);
  const user = userEvent.setup();
  const field = screen.getByRole('textbox', { name: 'Mots par masque' });
  await user.clear(field);
  await user.type(field, '400{Enter}');
  await waitFor(() => expect(model.calls.at(-1)?.options).toMatchObject({ topK: 50 }));
  expect(await options(1)).toHaveLength(50);
});

test('a text over the context gives both counts and can be cut; the cut ends with the text that needed it', async () => {
  const model = fakeModel();
  const long = `${'mot '.repeat(100)}${infarctus}`;
  stop = renderApp(
    fakeHost(async () => model),
    { text: long },
  );
  model.before = async () => {
    const last = model.calls.at(-1);
    const cut = last?.options && 'truncate' in last.options && last.options.truncate;
    if (last?.input === long && !cut) throw new InputTooLongError('Too long.', { tokens: 1204, maxTokens: 512 });
  };
  expect(plain((await screen.findByText(/Il compte/)).textContent)).toContain('Il compte 1 204 tokens, et le modèle en lit 512 au plus.');
  const user = userEvent.setup();
  await user.click(screen.getByRole('button', { name: 'N’utiliser que le début' }));
  await list(1);
  expect(screen.getByText(/Seul le début du texte est lu/)).toBeTruthy();
  await user.click(screen.getByRole('button', { name: 'Cardiologie' }));
  await waitFor(() => expect(model.calls.at(-1)?.options).toMatchObject({ truncate: false }));
  expect(screen.queryByText(/Seul le début du texte est lu/)).toBeNull();
});

test('masks beyond the cut: their words come back at a press, or the cut is taken back', async () => {
  const model = fakeModel();
  stop = renderApp(
    fakeHost(async () => model),
    { text: `Un [MASK] ${'mot '.repeat(100)}douleur` },
  );
  await list(1);
  appState().fill.masks.length === 1 && hide({ start: appState().fill.text.length - 7, end: appState().fill.text.length });
  model.before = async () => {
    if (appState().fill.masks.length === 2)
      throw new InputError('1 of 2 masks lie beyond the cut.', { reason: 'masks-cut', lost: 1, masks: 2, tokens: 64 });
  };
  setFill({ truncate: true });
  const user = userEvent.setup();
  expect(await screen.findByText(/Seuls les 64 premiers tokens sont lus\. Masques situés après\s: 1 sur 2/)).toBeTruthy();
  expect(screen.getByRole('button', { name: 'Utiliser de nouveau tout le texte' })).toBeTruthy();
  await user.click(screen.getByRole('button', { name: 'Retirer ce masque' }));
  expect(field().value.endsWith('douleur')).toBe(true);
  await list(1);
});

test('a lost device is said, one press loads the model again, and the text is kept', async () => {
  const first = fakeModel();
  const second = fakeModel();
  const host = fakeHost(async () => (host.opened.length === 1 ? first : second));
  stop = renderApp(host, { text: infarctus });
  await list(1);
  first.before = () => Promise.reject(new DeviceLostError('The device was lost.'));
  const user = userEvent.setup();
  await user.type(field(), ' Fin.');
  const alert = await screen.findByRole('alert');
  expect(alert.textContent).toContain('Le processeur graphique n’est plus accessible');
  await user.click(within(alert).getByRole('button', { name: 'Recharger' }));
  await waitFor(() => expect(screen.queryByRole('alert')).toBeNull());
  expect(field().value).toBe(`${infarctus} Fin.`);
  await waitFor(async () => expect((await options(1))[0]?.textContent).toContain(`mot${infarctus.length + 5}-0`));
  await waitFor(() => expect(first.disposed).toBe(true));
});

test('an error keeps the engine’s own words under a headline in French', async () => {
  const model = fakeModel();
  model.before = () => Promise.reject(new Error('boom 42'));
  stop = renderApp(
    fakeHost(async () => model),
    { text: infarctus },
  );
  const alert = await screen.findByRole('alert');
  expect(alert.textContent).toContain('Une erreur inattendue s’est produite');
  expect(alert.textContent).toContain('boom 42');
});

test('the mask button replaces the selection, with spaces where words would touch', async () => {
  stop = renderApp(
    fakeHost(async () => fakeModel()),
    { text: 'Une douleur vive' },
  );
  const user = userEvent.setup();
  field().focus();
  field().setSelectionRange(4, 11);
  await user.click(screen.getByRole('button', { name: 'Insérer un masque' }));
  expect(field().value).toBe('Une [MASK] vive');
  field().setSelectionRange(field().value.length, field().value.length);
  await user.click(screen.getByRole('button', { name: 'Insérer un masque' }));
  expect(field().value).toBe('Une [MASK] vive [MASK]');
});

test('the reader’s text is never stored', async () => {
  stop = renderApp(
    fakeHost(async () => fakeModel()),
    { text: infarctus },
  );
  await list(1);
  const user = userEvent.setup();
  await user.click(screen.getByRole('radio', { name: 'English' }));
  expect(localStorage.length).toBe(1);
  expect(JSON.stringify(localStorage.getItem('affinage.settings'))).not.toContain('patient');
  expect(appState().fill.text).toBe(infarctus);
  expect(await screen.findByRole('heading', { name: 'Fill in the mask' })).toBeTruthy();
});

test('results are copied as the pipeline’s JSON', async () => {
  stop = renderApp(
    fakeHost(async () => fakeModel()),
    { text: infarctus },
  );
  await list(1);
  const user = userEvent.setup();
  const written = vi.spyOn(navigator.clipboard, 'writeText');
  await user.click(screen.getByRole('button', { name: 'Copier en JSON' }));
  const json: unknown = JSON.parse(written.mock.calls[0]?.[0] ?? '');
  expect(json).toMatchObject({
    model: { name: 'mini' },
    text: infarctus,
    predictions: [{ score: 0.5, token: 10 + (infarctus.length % 5) }, {}, {}, {}, {}],
  });
});

test('the cost is told before the run; a long text waits for a press, shows how far it is, and can be stopped', async () => {
  const model = fakeModel();
  stop = renderApp(
    fakeHost(async () => model),
    { text: infarctus },
  );
  await list(1);
  const cost = () => screen.getByRole('group', { name: 'Coût de cette requête' }).textContent?.replace(/\s/g, ' ');
  expect(cost()).toBe('8 tokens≈ 200 MFLOP8 Mo de mémoire GPU≈ 8 ms ici'.replace('8 Mo', '8,1 Mo'));
  model.msPerToken = 1000;
  const user = userEvent.setup();
  await user.type(field(), ' Fin.');
  expect(await screen.findByRole('heading', { name: 'Calcul long' })).toBeTruthy();
  expect(model.calls.filter(call => call.input === field().value)).toHaveLength(0);
  model.before = signal => pause(3_600_000, signal);
  await user.click(screen.getByRole('button', { name: 'Lancer le calcul' }));
  expect(await screen.findByRole('progressbar', { name: 'Calcul' })).toBeTruthy();
  await user.click(screen.getByRole('button', { name: 'Arrêter' }));
  expect(await screen.findByRole('heading', { name: 'Arrêté' })).toBeTruthy();
  expect(screen.queryByRole('alert')).toBeNull();
});
