import { useText } from '../i18n/use-text.ts';
import { Decomposed } from '../parts/Decomposed.tsx';
import { useAppStore } from '../store/store.ts';
import { classes } from '../ui/class-names.ts';
import ui from '../ui/ui.module.css';
import { setText } from './fill.ts';
import styles from './TextNotes.module.css';

/** What changes the answers and cannot be seen in the text: accents apart from their letters, and words that the tokenizer does not know. */
export function TextNotes() {
  const { t } = useText();
  const text = useAppStore(state => state.fill.text);
  const reading = useAppStore(state => state.fill.reading);
  const unknown = reading?.text === text ? reading.unknown : [];
  const list = (why: 'long' | 'character') => [
    ...new Set(unknown.filter(each => each.why === why).map(({ start, end }) => text.slice(start, end).trim())),
  ];
  return (
    <>
      <Decomposed text={text} className={styles.note} onCompose={composed => setText(composed, 'compose')} />
      {(['long', 'character'] as const).map(why => {
        const words = list(why);
        return (
          words.length > 0 && (
            <p key={why} className={classes(ui.notice, ui.warn, styles.note)}>
              {t.fill.unknownIn[why](words.map(word => t.fill.quoted(word)).join(', '), words.length)}
            </p>
          )
        );
      })}
    </>
  );
}
