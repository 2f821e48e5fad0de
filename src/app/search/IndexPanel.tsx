import { Download, Play, RefreshCw, Trash2, X } from 'lucide-react';
import { useState } from 'react';
import { useText } from '../i18n/use-text.ts';
import { formatNumber, formatRemaining } from '../lib/format.ts';
import { saveBlob } from '../lib/save.ts';
import { appState, useAppStore } from '../store/store.ts';
import { Bar } from '../ui/Bar.tsx';
import { Button } from '../ui/Button.tsx';
import { Confirm } from '../ui/Confirm.tsx';
import { classes } from '../ui/class-names.ts';
import { FailureBox } from '../ui/FailureBox.tsx';
import { Segmented } from '../ui/Segmented.tsx';
import ui from '../ui/ui.module.css';
import styles from './Documents.module.css';
import { removeAll, setChunking } from './documents.ts';
import { writeIndexFile } from './files/index-file.ts';
import { indexEnding } from './files/read-file.ts';
import { recompute, resume, stopIndexing } from './indexing.ts';
import { VectorExport } from './map/VectorExport.tsx';
import { countAll } from './passages.ts';
import type { Chunking } from './state.ts';
import { isSameModel, runningModel, vectorsOf } from './vectors.ts';

const cuts: readonly Chunking['mode'][] = ['sentence', 'paragraph', 'tokens'];
const sizes = ['64', '128', '256'] as const;

/** How texts are cut, how far their vectors are, and where the index is kept. */
export function IndexPanel() {
  const { t } = useText();
  const { documents, keeping, busyElsewhere, indexFailure } = useAppStore(state => state.search);
  if (documents.length === 0 && !busyElsewhere && keeping === 'kept' && !indexFailure) return null;
  return (
    <div className={classes(ui.sheet, styles.card)}>
      <h2>{t.search.index}</h2>
      {busyElsewhere && (
        <p role="alert" className={classes(ui.notice, ui.warn)}>
          {t.search.busy}
        </p>
      )}
      {indexFailure && (
        <FailureBox failure={indexFailure}>
          <Button onPress={() => void resume()}>{t.errors.retry}</Button>
        </FailureBox>
      )}
      {documents.length > 0 && (
        <>
          <Vectors />
          <Cutting />
        </>
      )}
      {keeping === 'kept' ? (
        <p className={ui.hint}>{t.search.keeping.kept}</p>
      ) : (
        <p role="alert" className={classes(ui.notice, ui.warn)}>
          {t.search.keeping[keeping]}
        </p>
      )}
      {documents.length > 0 && (
        <>
          <Keeping />
          <VectorExport />
        </>
      )}
    </div>
  );
}

/** How many passages have a vector, of which model, and what can be done about the others. */
function Vectors() {
  const { t, language } = useText();
  const { documents, indexing, model } = useAppStore(state => state.search);
  const hasModel = useAppStore(state => state.model.report !== null);
  const number = (value: number) => formatNumber(value, language);
  const { done, total } = countAll(documents);
  if (indexing) {
    return (
      <div className={styles.paste}>
        <Bar title={t.search.indexing} share={total === 0 ? null : done / total} />
        <p className={ui.hint}>
          {t.search.progress(number(done), number(total))}
          {indexing.secondsLeft !== null && ` · ${t.search.left(formatRemaining(indexing.secondsLeft, language))}`}
        </p>
        <Button look="quiet" icon={X} onPress={stopIndexing}>
          {t.search.stop}
        </Button>
      </div>
    );
  }
  const running = runningModel();
  if (hasModel && running && model && !isSameModel(model, running)) {
    return (
      <div role="alert" className={classes(ui.notice, ui.warn)}>
        <p>{t.search.otherModel(model.name, running.name)}</p>
        <div className={ui.noticeActions}>
          <Button icon={RefreshCw} onPress={() => void recompute()}>
            {t.search.recompute}
          </Button>
        </div>
      </div>
    );
  }
  if (done < total) {
    return (
      <div className={ui.notice}>
        <p>{t.search.pending(number(done), number(total))}</p>
        <div className={ui.noticeActions}>
          <Button icon={Play} isDisabled={!hasModel} onPress={() => void resume()}>
            {t.search.resume}
          </Button>
        </div>
      </div>
    );
  }
  return (
    <p>
      {t.search.indexed(number(done))}. {model && t.search.by(model.name, number(model.dim))}
    </p>
  );
}

function Cutting() {
  const { t } = useText();
  const { mode, tokens } = useAppStore(state => state.search.chunking);
  const hasModel = useAppStore(state => state.model.current !== null);
  return (
    <div className={styles.choices}>
      <span className={ui.label}>{t.search.cutting}</span>
      <Segmented
        label={t.search.cutting}
        value={mode}
        options={cuts
          .filter(value => hasModel || value !== 'tokens')
          .map(value => ({ value, name: t.search.cuts[value], shown: t.search.cuts[value] }))}
        onChange={next => void setChunking({ mode: next, tokens })}
      />
      {mode === 'tokens' && (
        <>
          <span className={ui.label}>{t.search.tokens}</span>
          <Segmented
            label={t.search.tokens}
            value={String(tokens) as (typeof sizes)[number]}
            options={sizes.map(value => ({ value, name: value, shown: value }))}
            onChange={next => void setChunking({ mode, tokens: Number(next) })}
          />
        </>
      )}
      <span className={ui.hint}>{t.search.cutHint}</span>
    </div>
  );
}

function Keeping() {
  const { t } = useText();
  const [asking, setAsking] = useState(false);
  const save = () => {
    const { model, chunking, documents } = appState().search;
    const vectors = documents.map(doc => vectorsOf(doc, model?.dim ?? 0));
    saveBlob(`affinage-index${indexEnding}`, writeIndexFile({ model, chunking, documents: [...documents], vectors }));
  };
  return (
    <div className={ui.noticeActions}>
      <Button icon={Download} onPress={save}>
        {t.search.save}
      </Button>
      <Button icon={Trash2} onPress={() => setAsking(true)}>
        {t.search.deleteAll}
      </Button>
      <Confirm
        isOpen={asking}
        title={t.search.deleteTitle}
        onClose={() => setAsking(false)}
        actions={
          <>
            <Button onPress={() => setAsking(false)}>{t.search.deleteNo}</Button>
            <Button
              look="primary"
              onPress={() => {
                setAsking(false);
                void removeAll();
              }}
            >
              {t.search.deleteYes}
            </Button>
          </>
        }
      >
        <p>{t.search.deleteBody}</p>
      </Confirm>
    </div>
  );
}
