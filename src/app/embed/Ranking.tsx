import { useText } from '../i18n/use-text.ts';
import { formatNumber } from '../lib/format.ts';
import { classes } from '../ui/class-names.ts';
import ui from '../ui/ui.module.css';
import styles from './Ranking.module.css';
import shared from './shared.module.css';
import { cosine, shade } from './similarity.ts';
import type { EmbedResult } from './state.ts';

/** The texts from nearest to farthest from the query. */
export function Ranking({ result }: { result: EmbedResult }) {
  const { t, language } = useText();
  const query = result.query;
  if (!query) return null;
  const ranked = result.texts
    .map((text, i) => ({ text, i, score: cosine(query.vector, result.vectors[i] ?? new Float32Array(query.vector.length)) }))
    .sort((a, b) => b.score - a.score);
  return (
    <div className={classes(ui.sheet, shared.card)}>
      <h2>{t.embed.ranking}</h2>
      <p lang="fr" className={styles.queryEcho}>
        {query.text}
      </p>
      <div className={styles.ranked}>
        <ol className={styles.ranking}>
          {ranked.map((each, place) => (
            <li key={each.i}>
              <span className={classes(shared.number, styles.number)}>{place + 1}</span>
              <span lang="fr" className={styles.rankText}>
                {each.text}
              </span>
              <span aria-hidden className={styles.gauge}>
                <span style={{ inlineSize: `${(shade(each.score) * 100).toFixed(1)}%` }} />
              </span>
              <span className={styles.score}>
                <span className={ui.visuallyHidden}>{t.embed.score} </span>
                {formatNumber(each.score, language, 3)}
              </span>
            </li>
          ))}
        </ol>
        <p className={ui.hint}>
          {t.page.scale.cosine} <span className={styles.scale}>{t.page.scale.bars}</span>
        </p>
      </div>
    </div>
  );
}
