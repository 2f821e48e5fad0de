import { ListBox, ListBoxItem } from 'react-aria-components';
import type { Prediction } from '../../types.ts';
import { useText } from '../i18n/use-text.ts';
import { formatLog, formatNumber, formatProbability } from '../lib/format.ts';
import { splitOwnWords } from '../lib/words.ts';
import { useAppStore } from '../store/store.ts';
import { classes } from '../ui/class-names.ts';
import ui from '../ui/ui.module.css';
import { selectWord, setHovered } from './fill.ts';
import { askedWords, isFirstTokenOnly } from './fill-export.ts';
import styles from './MaskCard.module.css';
import type { FillResult } from './state.ts';

interface MaskCardProps {
  mask: number;
  group: Prediction[];
  result: FillResult;
}

/** One mask: its best words as bars, with one for all others, so that they add up to 100 %; then the words that the user asked about. */
export function MaskCard({ mask, group, result }: MaskCardProps) {
  const { t, language } = useText();
  const showIds = useAppStore(state => state.settings.showIds);
  const selected = useAppStore(state => state.fill.selected[mask] ?? 0);
  const hiddenWord = result.masks[mask]?.word ?? null;
  const rest = Math.max(0, 1 - group.reduce((sum, prediction) => sum + prediction.score, 0));
  const single = result.groups.length === 1;
  return (
    <section className={classes(ui.sheet, styles.card)} aria-labelledby={`mask-${mask}`}>
      <h3 id={`mask-${mask}`}>{single ? t.fill.maskOnly : t.fill.mask(mask + 1)}</h3>
      <div className={styles.rows}>
        <ListBox
          aria-label={t.fill.predictionsOf(mask + 1)}
          selectionMode="single"
          disallowEmptySelection
          selectedKeys={[String(selected)]}
          onSelectionChange={keys => {
            if (keys === 'all') return;
            for (const key of keys) selectWord(mask, Number(key));
          }}
          className={styles.bars}
        >
          {group.map((prediction, index) => (
            <ListBoxItem
              // The place is the id: react-aria allows no item to change its id, and a word changes its place when the text changes.
              key={String(index)}
              id={String(index)}
              textValue={prediction.token_str}
              onHoverStart={() => setHovered({ mask, index })}
              onHoverEnd={() => setHovered(null)}
              className={styles.row}
            >
              <span lang="fr" className={styles.rowWord}>
                {prediction.token_str}
                {prediction.token_str === hiddenWord && (
                  <>
                    <Spoken>, </Spoken>
                    <small>{t.fill.hidden}</small>
                  </>
                )}
                {showIds && (
                  <>
                    <Spoken>, token </Spoken>
                    <small className={styles.id}>{prediction.token}</small>
                  </>
                )}
              </span>
              <Bar share={prediction.score} />
              <span className={styles.share}>
                <Spoken>, </Spoken>
                {formatProbability(prediction.score, language)}
              </span>
            </ListBoxItem>
          ))}
        </ListBox>
        <div className={classes(styles.row, styles.rest)}>
          <span className={styles.rowWord}>{t.fill.rest}</span>
          <Bar share={rest} />
          <span className={styles.share}>{formatProbability(rest, language)}</span>
        </div>
      </div>
      <AskedWords mask={mask} result={result} />
    </section>
  );
}

/** Separates parts that only their places on the page keep apart, so that a screen reader does not read them as one word. */
function Spoken({ children }: { children: string }) {
  return <span className={ui.visuallyHidden}>{children}</span>;
}

function Bar({ share }: { share: number }) {
  return (
    <span aria-hidden className={styles.track}>
      <span className={styles.bar} style={{ inlineSize: `${(share * 100).toFixed(3)}%` }} />
    </span>
  );
}

/** The user's own words and the hidden word, with probability, its logarithm, and rank in the whole vocabulary. */
function AskedWords({ mask, result }: Omit<MaskCardProps, 'group'>) {
  const { t, language } = useText();
  const ownWords = useAppStore(state => state.fill.ownWords);
  const showIds = useAppStore(state => state.settings.showIds);
  const rows = askedWords({ ...result, ownWords: splitOwnWords(ownWords) }, mask);
  if (rows.length === 0) return null;
  const pending = result.targets ? '–' : '…';
  return (
    <div className={styles.asked}>
      <table>
        <caption className={ui.visuallyHidden}>
          {t.fill.ownWords} — {t.fill.mask(mask + 1)}
        </caption>
        <thead>
          <tr>
            <th scope="col">{t.fill.word}</th>
            <th scope="col">{t.fill.probability}</th>
            <th scope="col">{t.fill.logProb}</th>
            <th scope="col">{t.fill.rank}</th>
          </tr>
        </thead>
        <tbody>
          {rows.map(({ word, asked, prediction, rank }) => (
            <tr key={word}>
              <th scope="row">
                <span lang="fr">{word}</span>
                {asked === 'hidden' && <small> {t.fill.hiddenRow}</small>}
                {prediction && <ScoredBy word={word} prediction={prediction} />}
                {!prediction && result.targets && <small> {t.fill.unknownWord}</small>}
                {prediction && showIds && <small className={styles.id}> {prediction.token}</small>}
              </th>
              <td>{prediction ? formatProbability(prediction.score, language) : pending}</td>
              <td>{prediction ? formatLog(Math.log(prediction.score), language) : pending}</td>
              <td>{rank === null ? pending : formatNumber(rank, language)}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}

/** Says when a score is not that of the word as the user wrote it. */
function ScoredBy({ word, prediction }: { word: string; prediction: Prediction }) {
  const { t, language } = useText();
  const { token_str, target_tokens } = prediction;
  if (isFirstTokenOnly(prediction)) return <small> {t.page.firstToken(token_str, formatNumber(target_tokens ?? 0, language))}</small>;
  return token_str.trim() === word ? null : <small> {t.page.readAs(token_str)}</small>;
}
