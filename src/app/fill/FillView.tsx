import { useRef } from 'react';
import { flushSync } from 'react-dom';
import { useText } from '../i18n/use-text.ts';
import { Held, RunProgress } from '../parts/Cost.tsx';
import { useUndoKeys } from '../parts/Undo.tsx';
import { useAppStore } from '../store/store.ts';
import { Segmented } from '../ui/Segmented.tsx';
import styles from './FillView.module.css';
import { insertMask, setFill } from './fill.ts';
import { Predictions } from './Predictions.tsx';
import { PairView } from './pair/PairView.tsx';
import { predict, stopPredicting } from './predict.ts';
import { TextSheet } from './TextSheet.tsx';

/** Guess hidden words: in one text, or in two sentences side by side. */
export function FillView() {
  const { t } = useText();
  const tab = useAppStore(state => state.fill.tab);
  return (
    <>
      <div className={styles.tabs}>
        <Segmented
          label={t.fill.tabs}
          value={tab}
          options={[
            { value: 'one', name: t.fill.tabOne, shown: t.fill.tabOne },
            { value: 'pair', name: t.fill.tabPair, shown: t.fill.tabPair },
          ]}
          onChange={next => setFill({ tab: next })}
        />
      </div>
      {tab === 'one' ? <OneText /> : <PairView />}
    </>
  );
}

/** The sheet to write on, and what the model expects at each mask. */
function OneText() {
  const { t } = useText();
  const area = useRef<HTMLTextAreaElement>(null);
  useUndoKeys('fill');

  const write = (writing: boolean) => {
    flushSync(() => setFill({ writing }));
    if (!writing) return;
    const end = area.current?.value.length ?? 0;
    area.current?.focus();
    area.current?.setSelectionRange(end, end);
  };

  const maskAtCursor = () => {
    // Where the words are shown there is no cursor: the mask comes behind them.
    if (!area.current) write(true);
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

  const onKeyDown = (event: React.KeyboardEvent) => {
    if ((event.ctrlKey || event.metaKey) && event.key === 'Enter') void predict();
    // Option + M writes « µ » on French and English Macs.
    else if (event.altKey && !event.ctrlKey && ['m', 'M', 'µ'].includes(event.key)) maskAtCursor();
    // Alt + E on every keyboard, also where the text is not focused.
    else if (event.altKey && !event.ctrlKey && event.code === 'KeyE') write(!useAppStore.getState().fill.writing);
    else if (event.key === 'Escape' && event.target === area.current && area.current?.value) {
      write(false);
      document.querySelector<HTMLElement>('[data-main-field]')?.focus();
    } else return;
    event.preventDefault();
  };

  return (
    // biome-ignore lint/a11y/noStaticElementInteractions: shortcuts of the view; each has a button too.
    <div className={styles.columns} onKeyDown={onKeyDown}>
      <TextSheet area={area} onInsertMask={maskAtCursor} onWrite={write} />
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
