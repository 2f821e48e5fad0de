import type { CSSProperties } from 'react';
import { useText } from '../i18n/use-text.ts';
import { formatNumber } from '../lib/format.ts';
import { classes } from '../ui/class-names.ts';
import ui from '../ui/ui.module.css';
import styles from './Matrix.module.css';
import shared from './shared.module.css';
import { shade, similarityMatrix } from './similarity.ts';
import type { EmbedResult } from './state.ts';

/** With more texts the table would be too large to read. */
const MATRIX_LIMIT = 50;

/** Every pair of texts: the cosine as a number, and as a shade, which is never the only sign. */
export function Matrix({ result }: { result: EmbedResult }) {
  const { t, language } = useText();
  const texts = result.texts.slice(0, MATRIX_LIMIT);
  const matrix = similarityMatrix(result.vectors.slice(0, MATRIX_LIMIT));
  const show = (value: number) => formatNumber(value, language, 3);
  return (
    <div className={classes(ui.sheet, shared.card)}>
      <h2>{t.embed.matrix}</h2>
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: a region that scrolls must be reachable by keyboard. */}
      <section className={styles.scroll} tabIndex={0} aria-label={t.embed.matrixCaption}>
        <table className={styles.matrix}>
          <caption className={ui.visuallyHidden}>{t.embed.matrixCaption}</caption>
          <thead>
            <tr>
              <td />
              {texts.map((text, i) => (
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
                    <span className={classes(shared.number, styles.number)}>{i + 1}</span>
                    <span className={styles.rowText}>{result.texts[i]}</span>
                  </span>
                </th>
                {row.map((value, j) => (
                  <td
                    // biome-ignore lint/suspicious/noArrayIndexKey: as above.
                    key={j}
                    data-self={i === j || undefined}
                    style={{ '--shade': `${Math.round(shade(value) * 100)}%` } as CSSProperties}
                  >
                    {show(value)}
                  </td>
                ))}
              </tr>
            ))}
          </tbody>
        </table>
      </section>
      {result.texts.length > MATRIX_LIMIT && (
        <p className={ui.hint}>{t.page.matrixCut(formatNumber(MATRIX_LIMIT, language), formatNumber(result.texts.length, language))}</p>
      )}
      <p className={ui.hint}>
        {t.page.scale.cosine} {t.page.scale.shades}
      </p>
    </div>
  );
}
