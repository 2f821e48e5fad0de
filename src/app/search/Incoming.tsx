import { X } from 'lucide-react';
import { useText } from '../i18n/use-text.ts';
import { formatBytes } from '../lib/format.ts';
import { useAppStore } from '../store/store.ts';
import { Button } from '../ui/Button.tsx';
import { classes } from '../ui/class-names.ts';
import ui from '../ui/ui.module.css';
import { dismissNotes } from './documents.ts';
import { indexEnding, mostBytes } from './files/read-file.ts';
import styles from './Incoming.module.css';
import type { FileNote } from './state.ts';
import { TableChoice } from './TableChoice.tsx';

/** What is said and asked about the files that came last. */
export function Incoming() {
  const { notes, tables } = useAppStore(state => state.search);
  const [table] = tables;
  if (notes.length === 0 && !table) return null;
  return (
    <div className={styles.incoming}>
      {notes.length > 0 && <Notes notes={notes} />}
      {table && <TableChoice key={`${table.name}/${tables.length}`} table={table} />}
    </div>
  );
}

/** What became of the files that were given. */
function Notes({ notes }: { notes: readonly FileNote[] }) {
  const { t, language } = useText();
  const sentence = ({ name, kind, bytes }: FileNote): string => {
    if (kind !== 'too-big') return t.search.why[kind](name);
    const most = /\.(pdf|docx?)$/i.test(name) ? mostBytes.document : name.endsWith(indexEnding) ? mostBytes.index : mostBytes.text;
    return t.search.why['too-big'](name, formatBytes(bytes ?? 0, language, true), formatBytes(most, language, true));
  };
  return (
    <div role="alert" className={classes(ui.notice, ui.warn)}>
      <h2>{t.search.notes}</h2>
      <ul className={styles.notes}>
        {notes.map((note, i) => (
          // biome-ignore lint/suspicious/noArrayIndexKey: two files may have the same name, and none moves.
          <li key={i}>{sentence(note)}</li>
        ))}
      </ul>
      <div className={ui.noticeActions}>
        <Button look="quiet" icon={X} onPress={dismissNotes}>
          {t.search.dismiss}
        </Button>
      </div>
    </div>
  );
}
