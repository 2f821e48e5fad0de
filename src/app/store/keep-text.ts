/**
 * Keeps the user's text across a reload, if the user chose so. It is then in this browser's storage, and is removed from there as soon
 * as the choice is taken back in any tab.
 */

import { carryMasks, wholeSlots } from '../lib/masks.ts';
import { linesOf, textsOf } from './lines.ts';
import { changeSettings } from './settings.ts';
import { appState, patch, useAppStore } from './store.ts';

const KEY = 'affinage.text';
const SETTINGS_KEY = 'affinage.settings';
const PAUSE_MS = 400;

interface KeptText {
  text: string;
  /** What each mask hides, in reading order. */
  hidden: (string | null)[];
  /** Of each mask, its place among the slots of its word, and their number; null where it hides the word alone. */
  slots: ([number, number] | null)[];
  ownWords: string;
  /** The long text. */
  long: string;
  lines: string[];
  query: string;
}

/** Stored text checked key by key; null where there is none. */
export function parseKeptText(stored: string | null): KeptText | null {
  try {
    const raw: unknown = JSON.parse(stored ?? 'null');
    if (typeof raw !== 'object' || raw === null) return null;
    const { text, hidden, slots, ownWords, long, lines, query } = raw as Record<string, unknown>;
    const words = (value: unknown): unknown[] => (Array.isArray(value) ? value : []);
    const string = (value: unknown) => (typeof value === 'string' ? value : '');
    return {
      text: string(text),
      hidden: words(hidden).map(word => (typeof word === 'string' ? word : null)),
      slots: words(slots).map(slot => {
        const [at, of] = words(slot);
        return Number.isInteger(at) && Number.isInteger(of) ? [Number(at), Number(of)] : null;
      }),
      ownWords: string(ownWords),
      long: string(long),
      lines: words(lines).filter(line => typeof line === 'string'),
      query: string(query),
    };
  } catch {
    return null;
  }
}

/** Puts back what was kept; false when there is nothing, or it is not wanted. */
export function restoreText(): boolean {
  if (!appState().settings.keepText) return false;
  let kept: KeptText | null = null;
  try {
    kept = parseKeptText(localStorage.getItem(KEY));
  } catch {
    // The browser may forbid storage.
  }
  if (!kept) return false;
  const { text, hidden, slots, ownWords, long, lines, query } = kept;
  const masks = carryMasks('', [], text).map((mask, i) => {
    const [at, of] = slots[i] ?? [];
    return { ...mask, word: hidden[i] ?? null, ...(at !== undefined && of !== undefined && { slot: { at, of } }) };
  });
  patch('fill', { text, masks: wholeSlots(text, masks), ownWords, writing: text === '' });
  patch('read', { text: long, writing: long === '' });
  patch('embed', { lines: linesOf(lines), query });
  return true;
}

function write(): void {
  const { settings, fill, read, embed } = appState();
  if (!settings.keepText) return;
  const kept: KeptText = {
    text: fill.text,
    hidden: fill.masks.map(mask => mask.word),
    slots: fill.masks.map(({ slot }) => (slot ? [slot.at, slot.of] : null)),
    ownWords: fill.ownWords,
    long: read.text,
    lines: textsOf([...embed.lines, ...embed.aside.map(text => ({ id: 0, text }))]),
    query: embed.query,
  };
  let tooLong = false;
  try {
    localStorage.setItem(KEY, JSON.stringify(kept));
  } catch {
    // The text is over the browser's limit of about five million characters. An old text would be worse than none, so it is removed.
    tooLong = true;
    forget();
  }
  if (appState().ui.textNotKept !== tooLong) patch('ui', { textNotKept: tooLong });
}

function forget(): void {
  try {
    localStorage.removeItem(KEY);
  } catch {
    // Without storage there is nothing to remove.
  }
}

export function setKeepText(on: boolean): void {
  changeSettings({ keepText: on });
  if (on) write();
  else {
    forget();
    patch('ui', { textNotKept: false });
  }
}

/** Writes a moment after the last change, and when the page closes. Returns a function that stops it. */
export function watchText(): () => void {
  let timer: ReturnType<typeof setTimeout> | null = null;
  const flush = () => {
    if (timer !== null) clearTimeout(timer);
    timer = null;
    write();
  };
  const unsubscribe = useAppStore.subscribe(({ fill, read, embed, settings }, before) => {
    const same =
      fill.text === before.fill.text &&
      fill.masks === before.fill.masks &&
      fill.ownWords === before.fill.ownWords &&
      read.text === before.read.text &&
      embed.lines === before.embed.lines &&
      embed.aside === before.embed.aside &&
      embed.query === before.embed.query;
    if (same || !settings.keepText) return;
    if (timer !== null) clearTimeout(timer);
    timer = setTimeout(flush, PAUSE_MS);
  });
  // The choice was taken back in another tab: this tab must not write the text again.
  const onStorage = ({ key, newValue }: StorageEvent) => {
    if (key !== SETTINGS_KEY || !appState().settings.keepText) return;
    if (newValue === null || !newValue.includes('"keepText":true')) {
      patch('settings', { keepText: false });
      forget();
    }
  };
  addEventListener('pagehide', flush);
  addEventListener('storage', onStorage);
  return () => {
    if (timer !== null) clearTimeout(timer);
    unsubscribe();
    removeEventListener('pagehide', flush);
    removeEventListener('storage', onStorage);
  };
}
