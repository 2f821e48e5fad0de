import { X } from 'lucide-react';
import { useText } from '../i18n/use-text.ts';
import { patch, useAppStore } from '../store/store.ts';
import { Button } from '../ui/Button.tsx';
import { classes } from '../ui/class-names.ts';
import ui from '../ui/ui.module.css';

/** Says that the link the page was opened with could not be read, and what to do. */
export function BadLink() {
  const { t } = useText();
  const problem = useAppStore(state => state.ui.badLink);
  if (problem === null) return null;
  const words = t.private.share;
  return (
    <div role="alert" className={classes(ui.notice, ui.warn)}>
      <h2>{words.badTitle}</h2>
      <p>{words.bad[problem]}</p>
      <div className={ui.noticeActions}>
        <Button look="quiet" icon={X} onPress={() => patch('ui', { badLink: null })}>
          {words.dismiss}
        </Button>
      </div>
    </div>
  );
}
