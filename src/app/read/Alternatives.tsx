import { useText } from '../i18n/use-text.ts';
import { formatNumber, formatProbability } from '../lib/format.ts';
import styles from './Alternatives.module.css';
import type { ReadResult, ReadWord } from './state.ts';

/** A word with its surprise, and what the model expected in its place. */
export function Alternatives({ result, word }: { result: ReadResult; word: ReadWord }) {
  const { t, language } = useText();
  return (
    <div className={styles.word}>
      <p>
        <b lang="fr">{result.text.slice(word.start, word.end)}</b>{' '}
        <span className={styles.facts}>
          {t.read.bitsOf(formatNumber(word.bits, language, 1))}
          {word.rank !== null && ` · ${t.fill.rankOf(formatNumber(word.rank, language))}`}
          {word.tokens > 1 && ` · ${t.fill.tokens(formatNumber(word.tokens, language))}`}
        </span>
      </p>
      <p className={styles.label}>{word.tokens > 1 ? t.read.expectedFirst : t.read.expected}</p>
      <ol className={styles.list}>
        {word.best.map(({ word: each, bits }) => (
          <li key={each}>
            <span lang="fr">{each.trim()}</span>
            <span>{formatProbability(2 ** -bits, language)}</span>
          </li>
        ))}
      </ol>
    </div>
  );
}
