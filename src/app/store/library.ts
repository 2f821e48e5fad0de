/** The library of models kept on this machine: what is there, and work on one entry at a time. */

import type { LibraryModel } from '../../library/types.ts';
import type { Dtype, Progress } from '../../types.ts';
import { dictionaryOf } from '../i18n/dictionaries.ts';
import { type Connection, type ModelChoice, modelHost, type PageLibrary } from '../lib/engine.ts';
import { isAbort, toFailure } from '../lib/failure.ts';
import { PUBLIC_HUB } from '../lib/hub.ts';
import { entryOf } from '../lib/kept.ts';
import { paintPace } from '../lib/pace.ts';
import { changeSettings } from './settings.ts';
import type { LibraryJob } from './state.ts';
import { appState, patch } from './store.ts';
import { announce } from './ui.ts';

/** The hub in use and the token for it. */
export function connection(): Connection {
  const { settings, hub } = appState();
  return { hubUrl: settings.hubUrl || undefined, token: hub.token || undefined };
}

/** Base address of the hub in use. */
export const hubInUse = (): string => appState().settings.hubUrl || PUBLIC_HUB;

export const library = (): PageLibrary => modelHost().library(connection());

let asked = 0;

/** Reads the list and the free space again. Errors go to `library.failure`; the list known so far stays. */
export async function refreshLibrary(): Promise<void> {
  const number = ++asked;
  try {
    const [models, space] = await Promise.all([library().list(), library().space()]);
    if (number !== asked) return;
    patch('library', { models, space, failure: null });
    // The download was finished or removed elsewhere, so it cannot be continued.
    const { settings, model } = appState();
    const isThere = models.some(entry => entry.state === 'partial' && entry.name === settings.unfinished);
    if (settings.unfinished !== null && !isThere && !model.loading) changeSettings({ unfinished: null });
  } catch (error) {
    if (number === asked) patch('library', { models: appState().library.models ?? [], failure: toFailure(error) });
  }
}

let working: AbortController | null = null;

/** Runs one piece of work. While it runs, a second one is refused. Returns null if it failed or was stopped. */
export async function work<T>(
  job: Pick<LibraryJob, 'kind' | 'key' | 'name'>,
  does: (options: WorkOptions) => Promise<T>,
): Promise<T | null> {
  if (working) return null;
  const controller = new AbortController();
  working = controller;
  patch('library', { job: { ...job, progress: null, overall: null }, jobFailure: null, done: null });
  const isDue = paintPace();
  const onProgress = (progress: Progress) => {
    const shown = appState().library.job;
    if (!shown || !isDue(progress.stage !== shown.progress?.stage)) return;
    const share = progress.overall ?? (progress.total > 0 ? progress.done / progress.total : null);
    patch('library', { job: { ...shown, progress, overall: share === null ? shown.overall : Math.max(shown.overall ?? 0, share) } });
  };
  try {
    return await does({ signal: controller.signal, onProgress });
  } catch (error) {
    if (!controller.signal.aborted && !isAbort(error)) patch('library', { jobFailure: { key: job.key, failure: toFailure(error) } });
    return null;
  } finally {
    working = null;
    patch('library', { job: null });
    await refreshLibrary();
  }
}

interface WorkOptions {
  signal: AbortSignal;
  onProgress: (progress: Progress) => void;
}

export function cancelWork(): void {
  working?.abort();
}

export const dismissWork = (): void => patch('library', { jobFailure: null, done: null });

export async function removeEntry({ key, name }: LibraryModel): Promise<void> {
  const gone = await work({ kind: 'remove', key, name }, async () => {
    await library().remove(key);
    return true;
  });
  if (gone) say('removed', name);
}

/** Removes what a stopped download of this model has left. */
export async function dropPartial(choice: ModelChoice, dtype: Dtype | 'auto'): Promise<void> {
  await refreshLibrary();
  const entry = entryOf(appState().library.models ?? [], { choice, dtype, hub: hubInUse() });
  if (entry?.state === 'partial') await removeEntry(entry);
}

/** Says to screen readers what was done to an entry. */
export function say(what: 'checked' | 'damaged' | 'removed' | 'exported' | 'calibrated', name: string): void {
  announce(dictionaryOf(appState().settings.language).library.said[what](name));
}
