import type { CSSProperties } from 'react';
import { useText } from '../i18n/use-text.ts';
import { formatNumber } from '../lib/format.ts';
import { shade, similarityMatrix, spread } from '../lib/similarity.ts';
import type { EmbedResult } from '../store/state.ts';
import { classes } from '../ui/class-names.ts';
import ui from '../ui/ui.module.css';
import styles from './EmbedView.module.css';

/** Every pair of texts: the cosine as a number, and a shade for the eye that never stands alone. */
export function Matrix({ result }: { result: EmbedResult }) {
  const { t, language } = useText();
  const matrix = similarityMatrix(result.vectors);
  const ends = spread(matrix);
  const show = (value: number) => formatNumber(value, language, 3);
  return (
    <div className={classes(ui.sheet, styles.card)}>
      <h2>{t.embed.matrix}</h2>
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: a region that scrolls must be reachable by keyboard. */}
      <section className={styles.scroll} tabIndex={0} aria-label={t.embed.matrixCaption}>
        <table className={styles.matrix}>
          <caption className={ui.visuallyHidden}>{t.embed.matrixCaption}</caption>
          <thead>
            <tr>
              <td />
              {result.texts.map((text, i) => (
                // biome-ignore lint/suspicious/noArrayIndexKey: the number is the identity of a text here.
                <th key={i} scope="col" title={text}>
                  {i + 1}
                </th>
              ))}
            </tr>
          </thead>
          <tbody>
            {matrix.map((row, i) => (
              // biome-ignore lint/suspicious/noArrayIndexKey: as above.
              <tr key={i}>
                <th scope="row" lang="fr" title={result.texts[i]}>
                  <span className={styles.rowHead}>
                    <span className={styles.number}>{i + 1}</span>
                    <span className={styles.rowText}>{result.texts[i]}</span>
                  </span>
                </th>
                {row.map((value, j) => (
                  <td
                    // biome-ignore lint/suspicious/noArrayIndexKey: as above.
                    key={j}
                    data-self={i === j || undefined}
                    style={{ '--shade': `${Math.round(shade(value, ends) * 100)}%` } as CSSProperties}
                  >
                    {show(value)}
                  </td>
                ))}
              </tr>
            ))}
          </tbody>
        </table>
      </section>
      {ends && <p className={ui.hint}>{t.embed.scale(show(ends.min), show(ends.max))}</p>}
    </div>
  );
}
