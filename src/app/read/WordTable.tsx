import { useVirtualizer } from '@tanstack/react-virtual';
import { useMemo, useRef, useState } from 'react';
import { useText } from '../i18n/use-text.ts';
import { formatNumber } from '../lib/format.ts';
import { Segmented } from '../ui/Segmented.tsx';
import { setRead } from './read.ts';
import type { ReadResult } from './state.ts';
import styles from './WordTable.module.css';

const ROW_PX = 34;

/** Every word with its figures, in reading order or the most surprising first. Only the rows in sight are in the page. */
export function WordTable({ result }: { result: ReadResult }) {
  const { t, language } = useText();
  const [order, setOrder] = useState<'read' | 'bits'>('read');
  const box = useRef<HTMLDivElement>(null);
  const { words, text } = result;
  const rows = useMemo(() => {
    const all = words.map((_, i) => i);
    return order === 'read' ? all : all.sort((a, b) => (words[b]?.bits ?? 0) - (words[a]?.bits ?? 0) || a - b);
  }, [words, order]);
  const virtual = useVirtualizer({ count: rows.length, getScrollElement: () => box.current, estimateSize: () => ROW_PX, overscan: 8 });
  const shown = virtual.getVirtualItems();
  const cells = [t.read.position, t.fill.word, t.read.bits, t.fill.rank, t.read.expected];
  return (
    <div className={styles.table}>
      <Segmented
        label={t.read.order}
        value={order}
        options={[
          { value: 'read', name: t.read.orderRead, shown: t.read.orderRead },
          { value: 'bits', name: t.read.orderBits, shown: t.read.orderBits },
        ]}
        onChange={setOrder}
      />
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: it scrolls. */}
      <section ref={box} tabIndex={0} className={styles.scroll} aria-label={t.read.shownTable}>
        <table aria-rowcount={rows.length + 1}>
          <thead>
            <tr>
              {cells.map(cell => (
                <th key={cell} scope="col">
                  {cell}
                </th>
              ))}
            </tr>
          </thead>
          <tbody>
            {(shown[0]?.start ?? 0) > 0 && <tr style={{ blockSize: shown[0]?.start }} aria-hidden />}
            {shown.map(({ index }) => {
              const i = rows[index] ?? 0;
              const word = words[i];
              return (
                word && (
                  <tr key={i} aria-rowindex={index + 2}>
                    <td>{formatNumber(i + 1, language)}</td>
                    <th scope="row">
                      <button type="button" lang="fr" onClick={() => setRead({ chosen: i, writing: false })}>
                        {text.slice(word.start, word.end)}
                      </button>
                    </th>
                    <td>{formatNumber(word.bits, language, 1)}</td>
                    <td>{word.rank === null ? '–' : formatNumber(word.rank, language)}</td>
                    <td lang="fr">{word.best.map(({ word: each }) => each.trim()).join(', ')}</td>
                  </tr>
                )
              );
            })}
            <tr style={{ blockSize: Math.max(0, virtual.getTotalSize() - (shown.at(-1)?.end ?? 0)) }} aria-hidden />
          </tbody>
        </table>
      </section>
    </div>
  );
}
