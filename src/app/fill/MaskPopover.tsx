import { Eye, X } from 'lucide-react';
import { Dialog, Popover } from 'react-aria-components';
import { useText } from '../i18n/use-text.ts';
import { formatNumber } from '../lib/format.ts';
import { useAppStore } from '../store/store.ts';
import { Button } from '../ui/Button.tsx';
import { classes } from '../ui/class-names.ts';
import ui from '../ui/ui.module.css';
import { show } from './fill.ts';
import styles from './MaskPopover.module.css';
import { WordBars } from './WordBars.tsx';

/** What the model expects at one mask, at the mask itself: a word is put in by a press. */
export function MaskPopover({ mask, trigger, onClose }: { mask: number; trigger: HTMLElement; onClose: () => void }) {
  const { t, language } = useText();
  const { result, text, masks, guess } = useAppStore(state => state.fill);
  const hidden = masks[mask]?.word ?? null;
  const isAnswered = result?.text === text && (!guess || guess.text === text);
  return (
    <Popover
      isOpen
      onOpenChange={open => !open && onClose()}
      triggerRef={{ current: trigger }}
      placement="bottom start"
      className={styles.popover}
    >
      <Dialog aria-label={t.fill.mask(mask + 1)} className={classes(ui.sheet, styles.dialog)}>
        <header className={styles.head}>
          <h2>{masks.length > 1 ? t.fill.mask(mask + 1) : t.fill.maskOnly}</h2>
          <Button look="quiet" icon={X} aria-label={t.shortcuts.close} onPress={onClose} />
        </header>
        {isAnswered && result ? (
          <WordBars mask={mask} result={result} label={t.fill.popoverOf(formatNumber(mask + 1, language))} />
        ) : (
          <p>{t.fill.stale}</p>
        )}
        {hidden !== null && (
          <Button
            icon={Eye}
            onPress={() => {
              show(mask);
              onClose();
            }}
          >
            {t.fill.showWord(hidden)}
          </Button>
        )}
      </Dialog>
    </Popover>
  );
}
