import { useEffect, useRef } from 'react';
import type { TargetScore } from '../../types.ts';
import { useText } from '../i18n/use-text.ts';
import { formatLog, formatNumber, formatProbability } from '../lib/format.ts';
import { splitOwnWords } from '../lib/words.ts';
import { useAppStore } from '../store/store.ts';
import { classes } from '../ui/class-names.ts';
import ui from '../ui/ui.module.css';
import { setFill } from './fill.ts';
import { askedWords } from './fill-export.ts';
import styles from './MaskCard.module.css';
import type { FillResult } from './state.ts';
import { WordBars } from './WordBars.tsx';

interface MaskCardProps {
  mask: number;
  result: FillResult;
}

/** One mask: its best words, then the words that the user asked about. */
export function MaskCard({ mask, result }: MaskCardProps) {
  const { t, language } = useText();
  const isCurrent = useAppStore(state => state.fill.current === mask) && result.masks.length > 1;
  const card = useRef<HTMLElement>(null);
  const { slot } = result.masks[mask] ?? {};
  useEffect(() => {
    // The reader came to the mask in the text: its card comes beside it, unless the reader is in the card.
    if (isCurrent && !card.current?.contains(document.activeElement)) card.current?.scrollIntoView?.({ block: 'nearest' });
  }, [isCurrent]);
  return (
    // The pointer only marks what the keyboard reaches by focus.
    <section
      ref={card}
      className={classes(ui.sheet, styles.card)}
      aria-labelledby={`mask-${mask}`}
      data-current={isCurrent || undefined}
      onFocus={() => setFill({ current: mask })}
    >
      <header className={styles.head}>
        <h2 id={`mask-${mask}`}>
          {result.masks.length === 1 ? t.fill.maskOnly : t.fill.mask(mask + 1)}
          {slot && <small>{t.fill.slot(formatNumber(slot.at + 1, language), formatNumber(slot.of, language))}</small>}
        </h2>
        <span className={styles.entropy} title={t.fill.entropyHint}>
          {t.fill.entropy(formatNumber(result.entropy[mask] ?? 0, language, 1))}
        </span>
      </header>
      <WordBars mask={mask} result={result} label={t.fill.predictionsOf(mask + 1)} />
      <AskedWords mask={mask} result={result} />
    </section>
  );
}

/** A mask in a line, where there are many: its best word, and a press opens it. */
export function MaskLine({ mask, result }: MaskCardProps) {
  const { t, language } = useText();
  const selected = useAppStore(state => state.fill.selected[mask] ?? 0);
  const prediction = result.groups[mask]?.[selected];
  return (
    <button type="button" className={styles.line} onClick={() => setFill({ current: mask })}>
      <b>{t.fill.mask(mask + 1)}</b>
      <span lang="fr">{prediction?.token_str ?? '–'}</span>
      <span className={styles.entropy}>{prediction && formatProbability(prediction.score, language)}</span>
    </button>
  );
}

/** The user's own words and the hidden word, with probability, its logarithm, and rank in the whole vocabulary. */
function AskedWords({ mask, result }: MaskCardProps) {
  const { t, language } = useText();
  const ownWords = useAppStore(state => state.fill.ownWords);
  const rows = (result.masks[mask]?.slot?.at ?? 0) > 0 ? [] : askedWords({ ...result, ownWords: splitOwnWords(ownWords) }, mask);
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
          {rows.map(({ word, asked, score }) => {
            const known = score?.status === 'scored' ? score : null;
            return (
              <tr key={word}>
                <th scope="row">
                  <span lang="fr">{word}</span>
                  {asked === 'hidden' && <small> {t.fill.hiddenRow}</small>}
                  {known && <ScoredBy score={known} />}
                  {score?.status === 'unknown' && <small> {t.fill.unknownWord}</small>}
                </th>
                <td>{known ? formatProbability(known.score, language) : pending}</td>
                <td>{known ? formatLog(known.logProb, language) : pending}</td>
                <td>{known?.rank == null ? pending : formatNumber(known.rank, language)}</td>
              </tr>
            );
          })}
        </tbody>
      </table>
    </div>
  );
}

/** Says how a word of several tokens was scored, or that it is read otherwise than it was written. */
function ScoredBy({ score: { method, tokens, target } }: { score: TargetScore }) {
  const { t, language } = useText();
  if (method === 'pll') {
    return (
      <small title={t.fill.pllHint}>
        {' '}
        {t.fill.pll(formatNumber(tokens.length, language))}
        <span className={ui.visuallyHidden}>. {t.fill.pllHint}</span>
      </small>
    );
  }
  const [token = target] = tokens;
  const read = token.replace(/^[Ġ▁ ]/u, '');
  return read === target ? null : <small> {t.page.readAs(read)}</small>;
}
