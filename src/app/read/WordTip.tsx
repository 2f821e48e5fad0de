import { useLayoutEffect, useRef } from 'react';
import { createPortal } from 'react-dom';
import { useText } from '../i18n/use-text.ts';
import { classes } from '../ui/class-names.ts';
import ui from '../ui/ui.module.css';
import { Alternatives } from './Alternatives.tsx';
import type { ReadResult, ReadWord } from './state.ts';
import styles from './WordTip.module.css';

const GAP_PX = 8;

/** What the model expected in the place of a word, beside the word: below it, or above where there is no room. */
export function WordTip({ result, word, at }: { result: ReadResult; word: ReadWord; at: HTMLElement }) {
  const { t } = useText();
  const tip = useRef<HTMLDivElement>(null);
  useLayoutEffect(() => {
    const box = tip.current;
    if (!box) return;
    const { left, top, bottom } = at.getBoundingClientRect();
    const { width, height } = box.getBoundingClientRect();
    box.style.left = `${Math.max(GAP_PX, Math.min(left, innerWidth - width - GAP_PX))}px`;
    box.style.top = `${bottom + GAP_PX + height > innerHeight ? top - GAP_PX - height : bottom + GAP_PX}px`;
  });
  return createPortal(
    <div ref={tip} role="tooltip" aria-label={t.read.tip} className={classes(ui.sheet, styles.tip)}>
      <Alternatives result={result} word={word} />
    </div>,
    document.body,
  );
}
