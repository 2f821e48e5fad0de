import { BookOpen, FileText, GraduationCap, ListPlus, X } from 'lucide-react';
import { useEffect, useRef } from 'react';
import { findMasks } from '../../text/masks.ts';
import { addTexts, takeFile } from '../embed/embed.ts';
import { setText } from '../fill/fill.ts';
import { useText } from '../i18n/use-text.ts';
import { openLesson } from '../lesson/lesson.ts';
import { formatNumber } from '../lib/format.ts';
import { setReadText } from '../read/read.ts';
import { patch, useAppStore } from '../store/store.ts';
import { Button } from '../ui/Button.tsx';
import { classes } from '../ui/class-names.ts';
import ui from '../ui/ui.module.css';
import { goTo } from './route.ts';

/** It begins with a title, or has something to guess. */
const mayBeLesson = (text: string): boolean => /^\s*#|\{[^{}\r\n]+\}/.test(text) || findMasks(text).length > 0;

/** What can be done with files that were dropped on the page. */
export function DroppedOffer() {
  const { t, language } = useText();
  const dropped = useAppStore(state => state.ui.dropped);
  const box = useRef<HTMLDivElement>(null);
  useEffect(() => {
    if (dropped) box.current?.scrollIntoView?.({ block: 'nearest' });
  }, [dropped]);
  if (!dropped || dropped.kind === 'model') return null;
  const close = () => patch('ui', { dropped: null });
  const dismiss = (
    <Button look="quiet" icon={X} onPress={close}>
      {t.models.dismiss}
    </Button>
  );
  if (dropped.kind === 'other') {
    return (
      <div ref={box} role="alert" className={classes(ui.notice, ui.warn)}>
        <h2>{t.page.drop.otherTitle(dropped.names.slice(0, 3).join(', '))}</h2>
        <p>{t.page.drop.otherBody}</p>
        <div className={ui.noticeActions}>{dismiss}</div>
      </div>
    );
  }
  const { texts, guessed } = dropped;
  const [first] = texts;
  if (!first) return null;
  const take = (how: () => void, route: 'fill' | 'read' | 'embed') => {
    how();
    goTo(route);
    close();
  };
  const count = formatNumber(texts.length, language);
  return (
    <div ref={box} role="alert" className={ui.notice}>
      <h2>
        {t.page.drop.title(
          texts
            .slice(0, 3)
            .map(text => text.name)
            .join(', ') + (texts.length > 3 ? '…' : ''),
        )}
      </h2>
      {guessed && <p>{t.page.drop.guessed}</p>}
      <div className={ui.noticeActions}>
        {texts.length === 1 ? (
          <>
            <Button icon={BookOpen} onPress={() => take(() => setReadText(first.text, 'file'), 'read')}>
              {t.page.drop.read}
            </Button>
            <Button icon={FileText} onPress={() => take(() => setText(first.text, 'file'), 'fill')}>
              {t.page.drop.fill}
            </Button>
            <Button icon={ListPlus} onPress={() => take(() => takeFile(first.text), 'embed')}>
              {t.page.drop.lines}
            </Button>
            {mayBeLesson(first.text) && (
              <Button icon={GraduationCap} onPress={() => take(() => void openLesson(first.name, first.text), 'fill')}>
                {t.lesson.openDropped}
              </Button>
            )}
          </>
        ) : (
          <Button icon={ListPlus} onPress={() => take(() => addTexts(texts.map(each => each.text.trim())), 'embed')}>
            {t.page.drop.files(count)}
          </Button>
        )}
        {dismiss}
      </div>
    </div>
  );
}
