import { Combine } from 'lucide-react';
import { useMemo } from 'react';
import { useText } from '../i18n/use-text.ts';
import { Button } from '../ui/Button.tsx';
import { classes } from '../ui/class-names.ts';
import ui from '../ui/ui.module.css';

/** Says that the accents of a text stand apart from their letters, which changes the answers and cannot be seen; a press joins them. */
export function Decomposed({ text, className, onCompose }: { text: string; className?: string; onCompose: (composed: string) => void }) {
  const { t } = useText();
  const composed = useMemo(() => text.normalize('NFC'), [text]);
  if (composed === text) return null;
  return (
    <div className={classes(ui.notice, ui.warn, className)}>
      <p>{t.page.decomposed}</p>
      <div className={ui.noticeActions}>
        <Button icon={Combine} onPress={() => onCompose(composed)}>
          {t.page.compose}
        </Button>
      </div>
    </div>
  );
}
