import { Plus, X } from 'lucide-react';
import { useEffect, useId, useRef } from 'react';
import { useText } from '../i18n/use-text.ts';
import { formatNumber } from '../lib/format.ts';
import { Button } from '../ui/Button.tsx';
import { classes } from '../ui/class-names.ts';
import { Toggle } from '../ui/Toggle.tsx';
import ui from '../ui/ui.module.css';
import { changeTable, dropTable, takeTable } from './documents.ts';
import type { PendingTable } from './state.ts';
import styles from './TableChoice.module.css';

/** A cell in the preview shows so many characters. */
const CELL = 60;

const separators = [';', ',', '\t', '|'] as const;

/** A table as it is understood, to be corrected before it is taken. */
export function TableChoice({ table }: { table: PendingTable }) {
  const { t, language } = useText();
  const ids = { column: useId(), delimiter: useId() };
  const number = (value: number) => formatNumber(value, language);
  const box = useRef<HTMLDivElement>(null);
  useEffect(() => {
    box.current?.scrollIntoView?.({ block: 'nearest' });
  }, []);
  const nameOf = (i: number): string => (table.hasHeader && table.header[i]) || t.search.columnOf(number(i + 1));
  const short = (cell: string | undefined) => (cell && cell.length > CELL ? `${cell.slice(0, CELL)}…` : (cell ?? ''));
  return (
    <div ref={box} role="alert" className={classes(ui.notice, styles.choice)}>
      <h2>{t.search.table(table.name)}</h2>
      <p>{t.search.tableRows(number(table.rows), number(table.header.length))}</p>
      <div className={styles.fields}>
        <div className={ui.field}>
          <label htmlFor={ids.column} className={ui.label}>
            {t.search.column}
          </label>
          <select
            id={ids.column}
            className={ui.input}
            value={table.column}
            onChange={event => changeTable({ column: Number(event.target.value) })}
          >
            {table.header.map((name, i) => (
              <option key={name} value={i}>
                {nameOf(i)}
              </option>
            ))}
          </select>
        </div>
        <div className={ui.field}>
          <label htmlFor={ids.delimiter} className={ui.label}>
            {t.search.delimiter}
          </label>
          <select
            id={ids.delimiter}
            className={ui.input}
            value={table.delimiter}
            onChange={event => changeTable({ delimiter: event.target.value })}
          >
            {separators.map(each => (
              <option key={each} value={each}>
                {t.search.delimiters[each]}
              </option>
            ))}
          </select>
        </div>
        <Toggle label={t.search.header} isOn={table.hasHeader} onChange={hasHeader => changeTable({ hasHeader })} />
      </div>
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reachable with the keyboard. */}
      <section aria-label={t.search.preview} tabIndex={0} className={styles.scroll}>
        <table className={styles.preview}>
          <caption className={ui.visuallyHidden}>{t.search.preview}</caption>
          <thead>
            <tr>
              {table.header.map((name, i) => (
                <th key={name} scope="col" data-text={i === table.column || undefined}>
                  {nameOf(i)}
                </th>
              ))}
            </tr>
          </thead>
          <tbody>
            {table.preview.map((row, r) => (
              // biome-ignore lint/suspicious/noArrayIndexKey: rows of a table have no name, and none moves.
              <tr key={r}>
                {table.header.map((name, i) => (
                  <td key={name} data-text={i === table.column || undefined}>
                    {short(row[i])}
                  </td>
                ))}
              </tr>
            ))}
          </tbody>
        </table>
      </section>
      <div className={ui.noticeActions}>
        <Button look="primary" icon={Plus} onPress={() => void takeTable()}>
          {t.search.takeTable}
        </Button>
        <Button look="quiet" icon={X} onPress={dropTable}>
          {t.search.dropTable}
        </Button>
      </div>
    </div>
  );
}
