import { useState } from 'react';
import { useText } from '../../i18n/use-text.ts';
import { formatNumber } from '../../lib/format.ts';
import { Button } from '../../ui/Button.tsx';
import ui from '../../ui/ui.module.css';
import { openPassage } from '../documents.ts';
import { findPassage, passageText, placeOf } from '../passages.ts';
import { placeName } from '../results-csv.ts';
import type { Doc, PassageRef } from '../state.ts';
import styles from './MapView.module.css';

/** Passages that are shown at first, and with each press on « more ». */
const STEP = 50;

interface PassageListProps {
  passages: readonly (PassageRef & { cosine?: number })[];
  documents: readonly Doc[];
}

/** Passages with the names of their documents, which open them. */
export function PassageList({ passages, documents }: PassageListProps) {
  const { t, language } = useText();
  const [most, setMost] = useState(STEP);
  return (
    <>
      <ol className={styles.list}>
        {passages.slice(0, most).map(ref => {
          const doc = findPassage(documents, ref);
          return (
            doc && (
              <li key={`${ref.doc}/${ref.passage}`}>
                <PassageHead doc={doc} passage={ref.passage}>
                  {ref.cosine !== undefined && <span className={ui.hint}>{t.map.cosine(formatNumber(ref.cosine, language, 3))}</span>}
                </PassageHead>
                <p lang="fr" className={styles.text}>
                  {passageText(doc, ref.passage)}
                </p>
              </li>
            )
          );
        })}
      </ol>
      {most < passages.length && (
        <Button look="quiet" onPress={() => setMost(most + STEP)}>
          {t.search.more(formatNumber(Math.min(STEP, passages.length - most), language))}
        </Button>
      )}
    </>
  );
}

/** The document of a passage, which a press opens, and the place in it. */
export function PassageHead({ doc, passage, children }: { doc: Doc; passage: number; children?: React.ReactNode }) {
  const { t, language } = useText();
  const place = placeName(t, language, doc, placeOf(doc, passage).part);
  return (
    <div className={styles.head}>
      <Button look="quiet" aria-label={t.search.open(doc.name)} onPress={() => openPassage({ doc: doc.id, passage, isHit: true })}>
        {doc.name}
      </Button>
      {place && <span className={ui.hint}>{place}</span>}
      {children}
    </div>
  );
}
