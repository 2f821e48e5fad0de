import { X } from 'lucide-react';
import { useText } from '../i18n/use-text.ts';
import { patch, useAppStore } from '../store/store.ts';
import { Button } from '../ui/Button.tsx';
import { classes } from '../ui/class-names.ts';
import ui from '../ui/ui.module.css';

/** Says once a visit what this browser refuses to keep. */
export function RefusedNotice() {
  const { t } = useText();
  const refused = useAppStore(state => state.ui.refused);
  if (refused.length === 0) return null;
  const words = t.private.refused;
  return (
    <div className={classes(ui.notice, ui.warn)}>
      <h2>{words.title(refused.map(name => words.what[name]).join(', '))}</h2>
      <p>{words.body}</p>
      <div className={ui.noticeActions}>
        <Button look="quiet" icon={X} onPress={() => patch('ui', { refused: [] })}>
          {words.dismiss}
        </Button>
      </div>
    </div>
  );
}
