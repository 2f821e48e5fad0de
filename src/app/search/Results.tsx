import { Table } from 'lucide-react';
import { useState } from 'react';
import { useText } from '../i18n/use-text.ts';
import { formatDuration, formatNumber } from '../lib/format.ts';
import { saveText } from '../lib/save.ts';
import { useAppStore } from '../store/store.ts';
import { Button } from '../ui/Button.tsx';
import { classes } from '../ui/class-names.ts';
import { Empty } from '../ui/Empty.tsx';
import { FailureBox } from '../ui/FailureBox.tsx';
import ui from '../ui/ui.module.css';
import { openPassage } from './documents.ts';
import { Marked } from './Marked.tsx';
import { contextOf, findPassage, placeOf } from './passages.ts';
import styles from './Results.module.css';
import { placeName, resultsCsv } from './results-csv.ts';
import { searchNow } from './search.ts';
import type { Doc, Hit, SearchResult } from './state.ts';

/** Passages that are shown before the reader asks for more. */
const FIRST = 8;

/** The passages found, best first, with why each stands where it does. */
export function Results() {
  const { t, language } = useText();
  const { result, failure, running, documents } = useAppStore(state => state.search);
  /** The answer of which all passages are shown. */
  const [all, setAll] = useState<SearchResult | null>(null);
  if (failure) {
    return (
      <FailureBox failure={failure}>
        <Button onPress={() => void searchNow()}>{t.errors.retry}</Button>
      </FailureBox>
    );
  }
  const terms = new Set(result?.terms);
  const hits = (result?.hits ?? []).flatMap(hit => {
    const doc = findPassage(documents, hit);
    return doc ? [{ hit, doc }] : [];
  });
  return (
    <div className={styles.results} aria-busy={running} data-stale={running || undefined}>
      {result && hits.length === 0 && (
        <Empty title={t.search.none}>
          <p>{result.without ? t.search.without[result.without] : t.search.noneBody}</p>
        </Empty>
      )}
      {result && hits.length > 0 && (
        <>
          <div className={styles.head}>
            <h2>{t.search.results}</h2>
            <span className={ui.hint}>{t.fill.ranIn(formatDuration(result.elapsedMs, language))}</span>
          </div>
          <p className={ui.hint}>{result.without ? t.search.without[result.without] : t.search.orders[result.mode]}</p>
          <ol className={styles.list}>
            {hits.slice(0, all === result ? hits.length : FIRST).map(({ hit, doc }) => (
              <HitItem key={`${hit.doc}/${hit.passage}`} hit={hit} doc={doc} terms={terms} />
            ))}
          </ol>
          {all !== result && hits.length > FIRST && (
            <Button look="quiet" onPress={() => setAll(result)}>
              {t.search.more(formatNumber(hits.length - FIRST, language))}
            </Button>
          )}
          <Button
            look="quiet"
            icon={Table}
            onPress={() => saveText('affinage-search.csv', resultsCsv(t, language, documents, result), 'text/csv')}
          >
            {t.search.export}
          </Button>
        </>
      )}
      <Honest />
    </div>
  );
}

function HitItem({ hit, doc, terms }: { hit: Hit; doc: Doc; terms: ReadonlySet<string> }) {
  const { t, language } = useText();
  const { part } = placeOf(doc, hit.passage);
  const { before, passage, after } = contextOf(doc, hit.passage);
  const place = placeName(t, language, doc, part);
  const number = (value: number) => formatNumber(value, language);
  const scores = [
    ...(hit.words && hit.meaning ? [t.search.scores.fused(formatNumber(hit.score, language, 4))] : []),
    ...(hit.words ? [t.search.scores.words(number(hit.words.rank), formatNumber(hit.words.score, language, 1))] : []),
    ...(hit.meaning ? [t.search.scores.meaning(number(hit.meaning.rank), formatNumber(hit.meaning.cosine, language, 3))] : []),
  ];
  return (
    <li className={classes(ui.sheet, styles.hit)}>
      <div className={styles.head}>
        <Button
          look="quiet"
          aria-label={t.search.open(doc.name)}
          onPress={() => openPassage({ doc: doc.id, passage: hit.passage, isHit: true })}
        >
          {doc.name}
        </Button>
        {place && <span className={ui.hint}>{place}</span>}
      </div>
      <p lang="fr" className={styles.text}>
        <span className={styles.context}>{before}</span>
        <Marked text={passage} terms={terms} />
        <span className={styles.context}>{after}</span>
      </p>
      {doc.header.length > 0 && <Columns doc={doc} part={part} />}
      <p className={styles.scores}>
        {scores.map(score => (
          <span key={score}>{score}</span>
        ))}
      </p>
    </li>
  );
}

/** Columns of a row that are shown beside its text. */
const COLUMNS = 4;

function Columns({ doc, part }: { doc: Doc; part: number }) {
  const cells = doc.parts[part]?.columns ?? [];
  return (
    <dl className={styles.columns}>
      {doc.header.slice(0, COLUMNS).map((name, i) => (
        <div key={name}>
          <dt>{name}</dt>
          <dd>{cells[i]}</dd>
        </div>
      ))}
    </dl>
  );
}

/** What the vectors can do and what not. */
function Honest() {
  const { t } = useText();
  const isTrained = useAppStore(state => state.model.report?.embedding.from === 'modules.json');
  return (
    <details className={classes(ui.notice, styles.honest)} open>
      <summary>{t.search.honest}</summary>
      <p>{isTrained ? t.search.trained : t.search.honestBody}</p>
    </details>
  );
}
