import { Copy, ListPlus, TextQuote, Trash2, X } from 'lucide-react';
import { useEffect, useRef } from 'react';
import { useText } from '../i18n/use-text.ts';
import { formatNumber } from '../lib/format.ts';
import { undo } from '../store/history.ts';
import { useAppStore } from '../store/store.ts';
import { Button } from '../ui/Button.tsx';
import { CopyButton } from '../ui/CopyButton.tsx';
import { classes } from '../ui/class-names.ts';
import ui from '../ui/ui.module.css';
import { dropAside, dropPasted, TEXT_LIMIT, takeAside, takePasted } from './embed.ts';
import styles from './PasteBox.module.css';
import { columnOf, type Table } from './pasted.ts';
import type { Pasted } from './state.ts';

/** Shown below a text into which several lines were pasted: says what was done with them, or asks what they are. */
export function PasteBox({ paste }: { paste: Pasted }) {
  const { t, language } = useText();
  const { parts, table, room, taken } = paste;
  const n = (value: number) => formatNumber(value, language);
  const count = n(parts.length);
  const box = useRef<HTMLDivElement>(null);
  // The field had grown with the pasted lines, and the browser had scrolled to the cursor at its end.
  useEffect(() => {
    if (paste) box.current?.scrollIntoView?.({ block: 'nearest' });
  }, [paste]);
  if (taken) {
    return (
      <div ref={box} role="status" className={classes(ui.notice, styles.paste)}>
        <p>{t.page.paste.taken(count)}</p>
        <div className={ui.noticeActions}>
          <Button icon={TextQuote} onPress={() => takePasted('whole')}>
            {t.page.paste.whole}
          </Button>
          <Button look="quiet" onPress={() => undo('embed')}>
            {t.page.undo.undo}
          </Button>
          <Button look="quiet" icon={X} aria-label={t.models.dismiss} onPress={dropPasted} />
        </div>
      </div>
    );
  }
  const lines = (from: number) => {
    const all = parts.length - from;
    return all > room ? t.page.paste.firstLines(n(room), n(all - room)) : t.page.paste.lines(n(all));
  };
  return (
    <div ref={box} role="alert" className={classes(ui.notice, ui.warn, styles.paste)}>
      <h3>{t.page.paste.title(count)}</h3>
      {table && (
        <p>
          {table.header
            ? t.page.paste.tableWithHeader(n(table.columns), table.header.slice(0, 6).join(' · '))
            : t.page.paste.table(n(table.columns))}
        </p>
      )}
      {table && <Columns parts={parts} table={table} />}
      {parts.length > room && <p>{t.page.paste.limit(n(TEXT_LIMIT))}</p>}
      <div className={ui.noticeActions}>
        {table?.header && (
          <Button icon={ListPlus} onPress={() => takePasted('body')}>
            {t.page.paste.withoutHeader(lines(1))}
          </Button>
        )}
        <Button look={table ? 'plain' : 'primary'} icon={ListPlus} onPress={() => takePasted('lines')}>
          {lines(0)}
        </Button>
        <Button icon={TextQuote} onPress={() => takePasted('whole')}>
          {t.page.paste.whole}
        </Button>
        <Button look="quiet" icon={X} onPress={dropPasted}>
          {t.page.paste.cancel}
        </Button>
      </div>
    </div>
  );
}

/** Columns that a user can choose from; of a wider table the first. */
const MOST_COLUMNS = 12;

/** One column of a table as texts, each with the number of its cells that are not empty. */
function Columns({ parts, table }: { parts: readonly string[]; table: Table }) {
  const { t, language } = useText();
  const columns = Array.from({ length: Math.min(table.columns, MOST_COLUMNS) }, (_, column) => ({
    column,
    name: table.header?.[column] ?? t.page.paste.columnName(formatNumber(column + 1, language)),
    count: columnOf(parts, table, column).length,
  }));
  return (
    <fieldset className={styles.columnsChoice}>
      <legend>{t.page.paste.column}</legend>
      {columns.map(({ column, name, count }) => (
        <Button key={column} look="chip" isDisabled={count === 0} onPress={() => takePasted({ column })}>
          {`${name} (${formatNumber(count, language)})`}
        </Button>
      ))}
    </fieldset>
  );
}

/** Texts that had no room in the list: their number, and a way to add them. */
export function Aside() {
  const { t, language } = useText();
  const { aside, lines } = useAppStore(state => state.embed);
  if (aside.length === 0) return null;
  const room = TEXT_LIMIT - lines.filter(line => line.text.trim() !== '').length;
  const next = Math.min(room, aside.length);
  return (
    <div className={classes(ui.notice, ui.warn, styles.paste)}>
      <p>{t.page.paste.aside(formatNumber(aside.length, language), formatNumber(TEXT_LIMIT, language))}</p>
      <div className={ui.noticeActions}>
        {next > 0 && (
          <Button icon={ListPlus} onPress={takeAside}>
            {t.page.paste.takeAside(formatNumber(next, language))}
          </Button>
        )}
        <CopyButton look="quiet" icon={Copy} label={t.page.paste.copyAside} text={() => aside.join('\n')} />
        <Button look="quiet" icon={Trash2} onPress={dropAside}>
          {t.page.paste.dropAside}
        </Button>
      </div>
    </div>
  );
}
