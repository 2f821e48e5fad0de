import { Sparkles, X } from 'lucide-react';
import { useEffect, useId, useMemo, useState } from 'react';
import { useText } from '../../i18n/use-text.ts';
import { formatNumber, formatShare } from '../../lib/format.ts';
import { useAppStore } from '../../store/store.ts';
import { Bar } from '../../ui/Bar.tsx';
import { Button } from '../../ui/Button.tsx';
import { classes } from '../../ui/class-names.ts';
import { Empty } from '../../ui/Empty.tsx';
import { FailureBox } from '../../ui/FailureBox.tsx';
import ui from '../../ui/ui.module.css';
import { findPassage, passageText } from '../passages.ts';
import { draw, drawUnasked, setColumn, stopDrawing } from './draw.ts';
import { columnsOf, groupsOf } from './groups.ts';
import { Legend } from './Legend.tsx';
import { MapCanvas } from './MapCanvas.tsx';
import styles from './MapView.module.css';
import { Neighbours } from './Neighbours.tsx';
import { PassageList } from './PassageList.tsx';
import { PointList } from './PointList.tsx';
import type { Drawing } from './state.ts';
import { FEWEST } from './umap-aside.ts';

/** Every passage that has a vector as a point: those near each other are alike for the model. */
export function MapView() {
  const { t, language } = useText();
  const { documents, indexing, map } = useAppStore(state => state.search);
  const isIndexing = indexing !== null;
  const hasVectors = documents.some(({ done }) => done > 0);
  // biome-ignore lint/correctness/useExhaustiveDependencies: it is drawn again when the documents are others, or all have their vectors.
  useEffect(() => void drawUnasked(), [documents, isIndexing]);
  const { drawing, running, failure } = map;
  if (!drawing) {
    return (
      <div className={styles.map} aria-busy={running !== null}>
        {failure ? (
          <FailureBox failure={failure}>
            <Button onPress={() => void draw('pca')}>{t.errors.retry}</Button>
          </FailureBox>
        ) : running ? (
          <Running />
        ) : (
          <Empty title={hasVectors ? t.map.notDrawn : t.map.none}>
            {(isIndexing || !hasVectors) && <p>{isIndexing ? t.map.waits : t.map.noneBody}</p>}
            {hasVectors && !isIndexing && <Button onPress={() => void draw('pca')}>{t.map.draw}</Button>}
          </Empty>
        )}
      </div>
    );
  }
  const number = (value: number) => formatNumber(value, language);
  return (
    <div className={styles.map} aria-busy={running !== null}>
      <p className={ui.hint}>
        {drawing.shares ? t.map.pca(formatShare(drawing.shares[0], language), formatShare(drawing.shares[1], language)) : t.map.umapHint}
        {drawing.refs.length < drawing.total && ` ${t.map.sampled(number(drawing.refs.length), number(drawing.total))}`}
      </p>
      {failure && (
        <FailureBox failure={failure}>
          <Button onPress={() => void draw('umap')}>{t.errors.retry}</Button>
        </FailureBox>
      )}
      <div className={styles.tools}>
        <Grouping />
        {running ? (
          <Running />
        ) : drawing.method === 'pca' ? (
          <Button icon={Sparkles} isDisabled={drawing.refs.length < FEWEST} onPress={() => void draw('umap')}>
            {t.map.toUmap}
          </Button>
        ) : (
          <Button onPress={() => void draw('pca')}>{t.map.toPca}</Button>
        )}
      </div>
      {drawing.refs.length < FEWEST && <p className={ui.hint}>{t.map.tooFew(number(FEWEST))}</p>}
      <Drawn drawing={drawing} />
    </div>
  );
}

function Running() {
  const { t } = useText();
  const running = useAppStore(state => state.search.map.running);
  if (!running) return null;
  return (
    <div className={styles.running}>
      <Bar title={t.map.drawing[running.method]} share={running.share} />
      <Button look="quiet" icon={X} onPress={stopDrawing}>
        {t.search.stop}
      </Button>
    </div>
  );
}

/** What gives the points their colours and shapes. */
function Grouping() {
  const { t } = useText();
  const id = useId();
  const { documents, map } = useAppStore(state => state.search);
  const columns = useMemo(() => columnsOf(documents), [documents]);
  return (
    <div className={classes(ui.field, styles.grouping)}>
      <label htmlFor={id} className={ui.label}>
        {t.map.groupBy}
      </label>
      <select
        id={id}
        className={ui.input}
        // A position, as a column may have any name.
        value={map.column === null ? -1 : columns.indexOf(map.column)}
        onChange={event => setColumn(columns[Number(event.target.value)] ?? null)}
      >
        <option value={-1}>{t.map.byDocument}</option>
        {columns.map((name, i) => (
          <option key={name} value={i}>
            {t.map.byColumn(name)}
          </option>
        ))}
      </select>
    </div>
  );
}

function Drawn({ drawing }: { drawing: Drawing }) {
  const { t, language } = useText();
  const { documents, map } = useAppStore(state => state.search);
  /** The point that the keyboard or the pointer is on. */
  const [near, setNear] = useState<number | null>(null);
  const groups = useMemo(
    () => groupsOf(documents, drawing.refs, map.column !== null && columnsOf(documents).includes(map.column) ? map.column : null),
    [documents, drawing.refs, map.column],
  );
  const { chosen, inside } = map;
  const nearRef = near === null ? undefined : drawing.refs[near];
  const nearDoc = nearRef && findPassage(documents, nearRef);
  const nearText = nearDoc && `${nearDoc.name}${t.map.colon}${passageText(nearDoc, nearRef.passage)}`;
  const chosenPoint = chosen ? drawing.refs.findIndex(({ doc, passage }) => doc === chosen.doc && passage === chosen.passage) : -1;
  return (
    <>
      <div className={styles.columns}>
        <figure className={classes(ui.sheet, styles.figure)}>
          <MapCanvas drawing={drawing} groups={groups} near={near} chosen={chosenPoint} inside={inside} onNear={setNear} />
          <figcaption>
            <Legend groups={groups} />
            <p className={classes(ui.hint, styles.near)}>{nearText ?? t.map.hint}</p>
          </figcaption>
        </figure>
        <PointList refs={drawing.refs} documents={documents} chosen={chosenPoint} onNear={setNear} />
      </div>
      <Neighbours />
      {inside.length > 0 && (
        <section className={styles.part} aria-label={t.map.inside}>
          <h2>{t.map.insideCount(formatNumber(inside.length, language))}</h2>
          <PassageList passages={inside.flatMap(point => drawing.refs[point] ?? [])} documents={documents} />
        </section>
      )}
    </>
  );
}
