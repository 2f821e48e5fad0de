/** Settings: read once, checked key by key (storage is input like any other), written at each change. */
import type { Language } from '../lib/format.ts';
import { defaultSettings, type Settings, type Theme } from './state.ts';
import { appState, patch } from './store.ts';

const KEY = 'affinage.settings';

const languages: readonly Language[] = ['fr', 'en'];
const themes: readonly Theme[] = ['system', 'light', 'dark'];
const dtypes: readonly Settings['dtype'][] = ['auto', 'f32', 'f16', 'q8', 'q4'];

export const clampK = (k: number): number => (Number.isFinite(k) ? Math.min(50, Math.max(1, Math.round(k))) : defaultSettings.k);

/** French when any of the browser's languages asks for it before English. */
export function detectLanguage(preferred: readonly string[]): Language {
  const first = preferred.map(tag => tag.slice(0, 2).toLowerCase()).find(tag => tag === 'fr' || tag === 'en');
  return first === 'fr' ? 'fr' : 'en';
}

/** Settings out of stored text; anything of the wrong kind falls back to its default. */
export function parseSettings(stored: string | null, preferred: readonly string[]): Settings {
  let raw: Record<string, unknown> = {};
  try {
    const parsed: unknown = JSON.parse(stored ?? '{}');
    if (typeof parsed === 'object' && parsed !== null) raw = { ...parsed };
  } catch {
    // Damaged storage is the same as none.
  }
  const oneOf = <T>(values: readonly T[], value: unknown, otherwise: T): T => values.find(known => known === value) ?? otherwise;
  const bool = (value: unknown, otherwise: boolean) => (typeof value === 'boolean' ? value : otherwise);
  return {
    language: oneOf(languages, raw.language, detectLanguage(preferred)),
    theme: oneOf(themes, raw.theme, 'system'),
    k: typeof raw.k === 'number' ? clampK(raw.k) : defaultSettings.k,
    showIds: bool(raw.showIds, false),
    singleKeys: bool(raw.singleKeys, true),
    largeType: bool(raw.largeType, false),
    dtype: oneOf(dtypes, raw.dtype, 'auto'),
    hubUrl: typeof raw.hubUrl === 'string' ? raw.hubUrl : '',
    keep: bool(raw.keep, true),
    keepText: bool(raw.keepText, false),
    lastModel: typeof raw.lastModel === 'string' ? raw.lastModel : null,
    lastKept: entry(raw.lastKept),
    unfinished: typeof raw.unfinished === 'string' ? raw.unfinished : null,
  };
}

/** Key and name of an entry of the library, out of stored text. */
function entry(value: unknown): Settings['lastKept'] {
  const { key, name } = (typeof value === 'object' && value !== null ? value : {}) as Record<string, unknown>;
  return typeof key === 'string' && typeof name === 'string' ? { key, name } : null;
}

/** Puts language, theme and size of type on the document, where style sheets and screen readers look. */
function apply(settings: Settings): void {
  document.documentElement.lang = settings.language;
  if (settings.theme === 'system') delete document.documentElement.dataset.theme;
  else document.documentElement.dataset.theme = settings.theme;
  if (settings.largeType) document.documentElement.dataset.type = 'large';
  else delete document.documentElement.dataset.type;
}

export function readSettings(): void {
  let stored: string | null = null;
  try {
    stored = localStorage.getItem(KEY);
  } catch {
    // Storage may be forbidden; the page works without.
  }
  const settings = parseSettings(stored, navigator.languages);
  patch('settings', settings);
  apply(settings);
}

export function changeSettings(part: Partial<Settings>): void {
  patch('settings', part);
  const { settings } = appState();
  apply(settings);
  try {
    localStorage.setItem(KEY, JSON.stringify(settings));
  } catch {
    // As above.
  }
}

export function nextTheme(): void {
  const at = themes.indexOf(appState().settings.theme);
  changeSettings({ theme: themes[(at + 1) % themes.length] ?? 'system' });
}
