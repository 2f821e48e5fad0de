import { useRef } from 'react';
import { flushSync } from 'react-dom';
import { useText } from '../i18n/use-text.ts';
import { Held, RunProgress } from '../parts/Cost.tsx';
import { useUndoKeys } from '../parts/Undo.tsx';
import { appState, useAppStore } from '../store/store.ts';
import styles from './FillView.module.css';
import { insertMask, predict, stopPredicting } from './fill.ts';
import { Predictions } from './Predictions.tsx';
import { TextSheet } from './TextSheet.tsx';

/** Guess hidden words: the sheet to write on, and what the model expects at each mask. */
export function FillView() {
  const { t } = useText();
  const area = useRef<HTMLTextAreaElement>(null);
  useUndoKeys('fill');

  const maskAtCursor = () => {
    const field = area.current;
    if (!field) return;
    let cursor = 0;
    // The field must hold the new text before the cursor can be set after the mask.
    flushSync(() => {
      cursor = insertMask(field.selectionStart, field.selectionEnd);
    });
    field.focus();
    field.setSelectionRange(cursor, cursor);
  };

  const goToMask = (index: number) => {
    const mask = appState().fill.masks[index];
    if (!mask) return;
    area.current?.focus();
    area.current?.setSelectionRange(mask.start, mask.end);
  };

  const onKeyDown = (event: React.KeyboardEvent) => {
    if ((event.ctrlKey || event.metaKey) && event.key === 'Enter') void predict();
    // Option + M writes « µ » on French and English Macs.
    else if (event.altKey && !event.ctrlKey && ['m', 'M', 'µ'].includes(event.key)) maskAtCursor();
    else if (event.key === 'Escape' && event.target === area.current) area.current?.blur();
    else return;
    event.preventDefault();
  };

  return (
    // biome-ignore lint/a11y/noStaticElementInteractions: shortcuts of the view; each has a button too.
    <div className={styles.columns} onKeyDown={onKeyDown}>
      <TextSheet area={area} onInsertMask={maskAtCursor} onGoToMask={goToMask} />
      <section aria-label={t.fill.results}>
        <Run />
        <Predictions />
      </section>
    </div>
  );
}

/** A long prediction that is being computed, or one that waits for the user to start it. */
function Run() {
  const { running, progress, held, cost } = useAppStore(state => state.fill);
  if (running) return <RunProgress progress={progress} cost={cost} onCancel={stopPredicting} />;
  return held ? <Held held={held} cost={cost} onGo={() => void predict()} /> : null;
}
