/** Undo and redo by button and by key, and the choice to keep the text. */
import { Redo2, Undo2 } from 'lucide-react';
import { useEffect } from 'react';
import { flushSync } from 'react-dom';
import { useText } from '../i18n/use-text.ts';
import { changedEnd } from '../lib/edits.ts';
import { isExample } from '../lib/examples.ts';
import { redo, undo } from '../store/history.ts';
import { setKeepText } from '../store/keep-text.ts';
import type { Writing } from '../store/state.ts';
import { useAppStore } from '../store/store.ts';
import { Button } from '../ui/Button.tsx';
import { Toggle } from '../ui/Toggle.tsx';
import ui from '../ui/ui.module.css';
import styles from './Undo.module.css';

/** Fields whose text our own history covers have this attribute. */
const field = (target: EventTarget | null): HTMLTextAreaElement | HTMLInputElement | null =>
  target instanceof HTMLTextAreaElement || target instanceof HTMLInputElement ? target : null;

/** Takes a step back or forth, and puts the cursor after what changed. */
function step(view: Writing, move: (view: Writing) => void): void {
  const focused = field(document.activeElement);
  const before = focused?.value ?? '';
  flushSync(() => move(view));
  if (!focused?.isConnected || focused.value === before) return;
  const at = changedEnd(before, focused.value);
  focused.setSelectionRange(at, at);
}

/**
 * Ctrl+Z, Ctrl+Shift+Z and Ctrl+Y of a view, wherever the focus is: a press on “Clear” leaves it nowhere. Other fields keep
 * the browser's own.
 */
export function useUndoKeys(view: Writing): void {
  useEffect(() => {
    const covers = (target: EventTarget | null) => {
      const at = field(target);
      return (at === null || at.dataset.writing !== undefined) && !document.querySelector('[role=dialog]');
    };
    const onKey = (event: KeyboardEvent) => {
      if (!(event.ctrlKey || event.metaKey) || event.altKey || event.isComposing || !covers(event.target)) return;
      const key = event.key.toLowerCase();
      const move = key === 'z' ? (event.shiftKey ? redo : undo) : key === 'y' && !event.shiftKey ? redo : null;
      if (!move) return;
      event.preventDefault();
      step(view, move);
    };
    // From the browser's own menu.
    const onInput = (event: InputEvent) => {
      const move = event.inputType === 'historyUndo' ? undo : event.inputType === 'historyRedo' ? redo : null;
      if (!move || !covers(event.target)) return;
      event.preventDefault();
      step(view, move);
    };
    addEventListener('keydown', onKey);
    addEventListener('beforeinput', onInput);
    return () => {
      removeEventListener('keydown', onKey);
      removeEventListener('beforeinput', onInput);
    };
  }, [view]);
}

export function UndoButtons({ view }: { view: Writing }) {
  const { t } = useText();
  const canUndo = useAppStore(state => state.history[view].undo.length > 0);
  const canRedo = useAppStore(state => state.history[view].redo.length > 0);
  return (
    <span className={styles.buttons}>
      <Button look="quiet" icon={Undo2} isDisabled={!canUndo} onPress={() => step(view, undo)}>
        {t.page.undo.undo}
      </Button>
      <Button look="quiet" icon={Redo2} aria-label={t.page.undo.redo} isDisabled={!canRedo} onPress={() => step(view, redo)} />
    </span>
  );
}

/** After a step that removed the user's text: says what happened, with a button to undo it. */
export function StepNote({ view }: { view: Writing }) {
  const { t } = useText();
  const last = useAppStore(state => state.history[view].undo.at(-1));
  if (!last || (last.step !== 'example' && last.step !== 'clear' && last.step !== 'file' && last.step !== 'link')) return null;
  const { written } = last;
  const texts = 'text' in written ? [written.text] : [written.query, ...written.lines.map(line => line.text)];
  if (isExample(texts.filter(text => text.trim() !== ''))) return null;
  return (
    <p className={styles.note}>
      <span>{t.page.undo.said[last.step]}</span>{' '}
      <Button look="chip" icon={Undo2} onPress={() => step(view, undo)}>
        {t.page.undo.back}
      </Button>
    </p>
  );
}

/** Whether the text outlives a reload. */
export function KeepText() {
  const { t } = useText();
  const keepText = useAppStore(state => state.settings.keepText);
  const notKept = useAppStore(state => state.ui.textNotKept);
  return (
    <div>
      <Toggle label={t.page.keepText.label} isOn={keepText} onChange={setKeepText} />
      {keepText && <p className={ui.hint}>{t.page.keepText.on}</p>}
      {keepText && notKept && <p className={ui.hint}>{t.page.keepText.tooLong}</p>}
    </div>
  );
}
