// @vitest-environment happy-dom
import { cleanup, screen, within } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import { afterEach, expect, test, vi } from 'vitest';
import type { DeviceCheck } from '../../verify/types.ts';
import { fakeHost, fakeModel, pause } from '../testing/fake-model.ts';
import { renderApp } from '../testing/render-app.tsx';

let stop = () => {};
afterEach(() => {
  stop();
  cleanup();
});

const wrong: DeviceCheck = {
  form: 'short',
  passed: false,
  at: Date.UTC(2026, 10, 22),
  durationMs: 4200,
  version: '0.1.0',
  platform: 'Test browser',
  adapter: null,
  without: [],
  kernels: [
    {
      kernel: 'layernorm',
      passed: false,
      cases: 12,
      worst: { case: '3 × 768', nmse: 2.5e-3, maxAbs: 0.1, bound: 1e-7 },
      variants: [
        {
          variant: 'lanes',
          storage: 'f32',
          outcome: 'avoided',
          reason: 'refused by tuning',
          cases: 3,
          worst: null,
          failures: [],
          notes: [],
        },
        {
          variant: 'tile',
          storage: 'f32',
          outcome: 'failed',
          cases: 3,
          worst: null,
          failures: [{ case: '3 × 768', why: 'nmse 2.5e-3 over 1e-7' }],
          notes: [],
        },
      ],
    },
  ],
  models: [],
  failures: [],
};

test('the check of the device: stopped at will; a wrong kernel is told with its error, bound and variants, and can be copied', async () => {
  let answer: (signal: AbortSignal | undefined) => Promise<DeviceCheck> = async signal => {
    await pause(3_600_000, signal);
    return wrong;
  };
  const host = fakeHost(
    async () => fakeModel(),
    ({ signal }) => answer(signal),
  );
  stop = renderApp(host, { hash: '#/device' });
  const user = userEvent.setup({ pointerEventsCheck: 0, delay: null });
  await user.click(await screen.findByRole('button', { name: 'Vérification complète' }));
  await screen.findByRole('progressbar', { name: /vérification complète/ });
  await user.click(screen.getByRole('button', { name: 'Annuler' }));
  expect(screen.queryByRole('progressbar')).toBeNull();
  answer = async () => wrong;
  await user.click(screen.getByRole('button', { name: 'Vérification courte' }));
  expect(await screen.findByRole('heading', { name: 'Cet appareil donne des résultats faux' })).toBeTruthy();
  const row = within(screen.getByRole('row', { name: /layernorm/ }));
  expect(row.getByRole('cell', { name: 'faux' })).toBeTruthy();
  expect(row.getByRole('cell', { name: /^2,5\s×\s10⁻³$/ })).toBeTruthy();
  expect(row.getByText(/refused by tuning/)).toBeTruthy();
  const written = vi.spyOn(navigator.clipboard, 'writeText');
  await user.click(
    within(screen.getByRole('region', { name: 'Vérifier cet appareil' })).getByRole('button', { name: 'Copier le rapport' }),
  );
  expect(written.mock.calls[0]?.[0]).toContain('layernorm: FAILED, 12 cases, 2.5e-3 > 1.0e-7, 1.0e-1');
});
