import { RefreshCw, ShieldCheck } from 'lucide-react';
import { useRef, useState } from 'react';
import { useText } from '../i18n/use-text.ts';
import { formatBytes } from '../lib/format.ts';
import { askToPersist } from '../lib/persist.ts';
import { refreshLibrary } from '../store/library.ts';
import { useAppStore } from '../store/store.ts';
import { Button } from '../ui/Button.tsx';
import { classes } from '../ui/class-names.ts';
import { Empty } from '../ui/Empty.tsx';
import { FailureBox } from '../ui/FailureBox.tsx';
import ui from '../ui/ui.module.css';
import { useFocusAfter } from '../ui/use-focus-after.ts';
import styles from './Library.module.css';
import { LibraryEntry } from './LibraryEntry.tsx';

/** Where a press on "make room" leads. */
export const libraryId = 'library';

/** Everything that is kept on this machine. */
export function Library() {
  const { t } = useText();
  const { models, failure } = useAppStore(state => state.library);
  const title = useRef<HTMLHeadingElement>(null);
  useFocusAfter(models?.length, () => title.current);
  return (
    <section aria-labelledby={libraryId} className={styles.library}>
      <div className={styles.head}>
        <h2 ref={title} id={libraryId} tabIndex={-1}>
          {t.library.title}
        </h2>
        <Space />
      </div>
      {failure && (
        <FailureBox failure={failure}>
          <Button icon={RefreshCw} onPress={() => void refreshLibrary()}>
            {t.errors.retry}
          </Button>
        </FailureBox>
      )}
      {models === null && !failure && <p className={ui.hint}>{t.library.loading}</p>}
      {models?.length === 0 && !failure && (
        <div className={classes(ui.sheet, styles.none)}>
          <Empty title={t.library.empty}>
            <p>{t.library.emptyBody}</p>
          </Empty>
        </div>
      )}
      {models && models.length > 0 && (
        <ul className={styles.entries}>
          {models.map(entry => (
            <LibraryEntry key={entry.key} entry={entry} />
          ))}
        </ul>
      )}
    </section>
  );
}

/** How much is used and free, and whether the browser may delete it by itself. */
function Space() {
  const { t, language } = useText();
  const space = useAppStore(state => state.library.space);
  const isEmpty = useAppStore(state => state.library.models?.length === 0);
  const [refused, setRefused] = useState(false);
  if (!space) return null;
  const { usedBytes, freeBytes, persisted } = space;
  const size = (bytes: number) => formatBytes(bytes, language, true);
  const room = (() => {
    // An empty library uses a few bytes itself, which are not shown.
    const used = isEmpty ? null : usedBytes;
    if (used === null) return freeBytes === null ? null : t.library.free(size(freeBytes));
    return freeBytes === null ? t.library.usedOnly(size(used)) : t.library.used(size(used), size(freeBytes));
  })();
  const ask = async () => {
    setRefused(!(await askToPersist()));
    await refreshLibrary();
  };
  return (
    <div className={styles.space}>
      {room !== null && <p>{room}</p>}
      <p className={ui.hint}>
        {persisted ? t.library.persisted : t.library.notPersisted}
        {refused && !persisted && <> {t.library.persistRefused}</>}
      </p>
      {!persisted && !refused && (
        <Button look="quiet" icon={ShieldCheck} onPress={() => void ask()}>
          {t.library.askPersist}
        </Button>
      )}
    </div>
  );
}
