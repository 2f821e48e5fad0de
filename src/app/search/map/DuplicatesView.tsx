import { X } from 'lucide-react';
import { useEffect, useId, useMemo, useState } from 'react';
import { useText } from '../../i18n/use-text.ts';
import { formatNumber } from '../../lib/format.ts';
import { useAppStore } from '../../store/store.ts';
import { Bar } from '../../ui/Bar.tsx';
import { Button } from '../../ui/Button.tsx';
import { classes } from '../../ui/class-names.ts';
import { Empty } from '../../ui/Empty.tsx';
import { FailureBox } from '../../ui/FailureBox.tsx';
import ui from '../../ui/ui.module.css';
import { findPassage, passageText } from '../passages.ts';
import type { Doc, PassageRef } from '../state.ts';
import styles from './DuplicatesView.module.css';
import { diffWords, type Piece } from './diff.ts';
import { compare, compareUnasked, setThreshold, stopComparing } from './duplicates.ts';
import { PassageHead } from './PassageList.tsx';
import { LEAST, pairsFrom, STEP } from './pairs.ts';
import type { FoundPairs } from './state.ts';

/** Pairs that are shown at first, and with each press on « more ». */
const AT_ONCE = 20;

/** Pairs of passages that say nearly the same, with their differences marked. */
export function DuplicatesView() {
  const { t } = useText();
  const { documents, indexing, pairs } = useAppStore(state => state.search);
  const isIndexing = indexing !== null;
  // biome-ignore lint/correctness/useExhaustiveDependencies: they are compared again when the documents are others, or all have their vectors.
  useEffect(() => void compareUnasked(), [documents, isIndexing]);
  const { found, share, isStopped, failure } = pairs;
  return (
    <div className={styles.view} aria-busy={share !== null}>
      <p className={ui.hint}>{t.map.pairs.hint}</p>
      <Threshold />
      {failure && (
        <FailureBox failure={failure}>
          <Button onPress={() => void compare()}>{t.errors.retry}</Button>
        </FailureBox>
      )}
      {share !== null && (
        <div className={styles.running}>
          <Bar title={t.map.pairs.comparing} share={share} />
          <Button look="quiet" icon={X} onPress={stopComparing}>
            {t.search.stop}
          </Button>
        </div>
      )}
      {isStopped && (
        <div className={ui.notice}>
          <p>{t.map.pairs.stopped}</p>
          <div className={ui.noticeActions}>
            <Button onPress={() => void compare()}>{t.map.pairs.again}</Button>
          </div>
        </div>
      )}
      {isIndexing && !found && <p className={ui.hint}>{t.map.pairs.waits}</p>}
      {found && <Found found={found} />}
    </div>
  );
}

function Threshold() {
  const { t, language } = useText();
  const id = useId();
  const threshold = useAppStore(state => state.search.pairs.threshold);
  return (
    <div className={styles.threshold}>
      <label htmlFor={id} className={ui.label}>
        {t.map.pairs.threshold}
      </label>
      <input
        id={id}
        type="range"
        min={LEAST}
        max={1}
        step={STEP}
        value={threshold}
        aria-valuetext={formatNumber(threshold, language, 3)}
        onChange={event => setThreshold(Number(event.target.value))}
      />
      <output htmlFor={id}>{formatNumber(threshold, language, 3)}</output>
    </div>
  );
}

function Found({ found }: { found: FoundPairs }) {
  const { t, language } = useText();
  const { documents, pairs } = useAppStore(state => state.search);
  const [most, setMost] = useState(AT_ONCE);
  const { shown, count } = useMemo(() => pairsFrom(found, pairs.threshold), [found, pairs.threshold]);
  const all = [
    ...found.copies.map(([a, b]) => ({ a, b, cosine: null })),
    ...shown.map(({ a, b, cosine }) => ({ a: found.refs[a], b: found.refs[b], cosine })),
  ];
  const total = found.copies.length + count;
  const number = (value: number) => formatNumber(value, language);
  return (
    <>
      <p>
        {total > 0 && t.map.pairs.count(number(total))}
        {shown.length < count && ` ${t.map.pairs.kept(number(shown.length))}`}
        {found.refs.length < found.distinct.length && ` ${t.map.pairs.sampled(number(found.refs.length), number(found.distinct.length))}`}
      </p>
      {total === 0 && (
        <Empty title={t.map.pairs.none}>
          <p>{found.refs.length === 0 ? t.map.noneBody : t.map.pairs.noneBody(number(found.refs.length))}</p>
        </Empty>
      )}
      <ol className={styles.list}>
        {all.slice(0, most).map(({ a, b, cosine }) => {
          const [first, second] = [sideOf(documents, a), sideOf(documents, b)];
          return (
            first &&
            second && (
              <li
                key={`${first.ref.doc}/${first.ref.passage} ${second.ref.doc}/${second.ref.passage}`}
                className={classes(ui.sheet, styles.pair)}
              >
                <p className={ui.hint}>{cosine === null ? t.map.pairs.same : t.map.cosine(formatNumber(cosine, language, 3))}</p>
                <Sides a={first} b={second} />
              </li>
            )
          );
        })}
      </ol>
      {most < all.length && (
        <Button look="quiet" onPress={() => setMost(most + AT_ONCE)}>
          {t.search.more(number(Math.min(AT_ONCE, all.length - most)))}
        </Button>
      )}
    </>
  );
}

interface Side {
  doc: Doc;
  ref: PassageRef;
}

/** Null where the document went meanwhile. */
function sideOf(documents: readonly Doc[], ref: PassageRef | undefined): Side | null {
  const doc = ref && findPassage(documents, ref);
  return doc ? { doc, ref } : null;
}

function Sides({ a, b }: { a: Side; b: Side }) {
  const [textA, textB] = [passageText(a.doc, a.ref.passage), passageText(b.doc, b.ref.passage)];
  const pieces = useMemo(() => diffWords(textA, textB), [textA, textB]);
  return (
    <div className={styles.sides}>
      <div>
        <PassageHead doc={a.doc} passage={a.ref.passage} />
        <Words pieces={pieces} only="gone" />
      </div>
      <div>
        <PassageHead doc={b.doc} passage={b.ref.passage} />
        <Words pieces={pieces} only="new" />
      </div>
    </div>
  );
}

/** One of the two texts. What only it has is marked: struck through in the first, underlined in the second. */
function Words({ pieces, only }: { pieces: readonly Piece[]; only: 'gone' | 'new' }) {
  const Mark = only === 'gone' ? 'del' : 'ins';
  return (
    <p lang="fr" className={styles.text}>
      {pieces.map(({ text, kind }, i) =>
        // biome-ignore lint/suspicious/noArrayIndexKey: the pieces of a text have no other name, and none moves.
        kind === 'same' ? <span key={i}>{text}</span> : kind === only && <Mark key={i}>{text}</Mark>,
      )}
    </p>
  );
}
