import { Braces, Scissors, Table } from 'lucide-react';
import { useText } from '../i18n/use-text.ts';
import { formatDuration, formatNumber } from '../lib/format.ts';
import { Waiting } from '../parts/Waiting.tsx';
import { useAppStore } from '../store/store.ts';
import { Button } from '../ui/Button.tsx';
import { CopyButton } from '../ui/CopyButton.tsx';
import { classes } from '../ui/class-names.ts';
import { Empty } from '../ui/Empty.tsx';
import { FailureBox } from '../ui/FailureBox.tsx';
import ui from '../ui/ui.module.css';
import { FilterBar } from './FilterBar.tsx';
import { dropLastMasks, setFill } from './fill.ts';
import { fillCsv, fillJson } from './fill-export.ts';
import { GuessCard } from './GuessCard.tsx';
import { JointPanel } from './JointPanel.tsx';
import { MaskCard, MaskLine } from './MaskCard.tsx';
import styles from './Predictions.module.css';
import { filledSentence } from './place-words.ts';
import { predict } from './predict.ts';
import type { FillResult, FillSlice } from './state.ts';

/** With more masks only the one that the reader is at has its card open. */
const MOST_CARDS = 3;

/** What the model says, or what is missing before it can say something. */
export function Predictions() {
  const { t } = useText();
  const fill = useAppStore(state => state.fill);

  if (fill.text.trim() === '') {
    return (
      <Empty title={t.fill.emptyTitle}>
        <p>{t.fill.emptyBody}</p>
      </Empty>
    );
  }
  if (fill.failure) return <FillFailure failure={fill.failure} />;
  if (fill.masks.length === 0) {
    return (
      <Empty title={t.fill.noMaskTitle}>
        <p>{t.fill.noMaskBody}</p>
      </Empty>
    );
  }
  if (!fill.result) return fill.held ? null : <Waiting />;
  return <Answer fill={fill} result={fill.result} />;
}

function FillFailure({ failure }: { failure: NonNullable<FillSlice['failure']> }) {
  const { t, language } = useText();
  const { reason, lost, tokens } = failure.details;
  const noCut = () => setFill({ truncate: false });
  if (reason === 'masks-cut' && typeof lost === 'number') {
    return (
      <FailureBox failure={failure}>
        <Button look="primary" onPress={noCut}>
          {t.fill.noCut}
        </Button>
        <Button onPress={() => dropLastMasks(lost)}>{t.page.dropMasks(formatNumber(lost, language))}</Button>
      </FailureBox>
    );
  }
  // Beyond a number of characters the engine does not even count tokens, and cutting would not help.
  const canCut = failure.name === 'InputTooLongError' && typeof tokens === 'number';
  return (
    <FailureBox failure={failure}>
      {canCut ? (
        <Button look="primary" icon={Scissors} onPress={() => setFill({ truncate: true })}>
          {t.fill.cut}
        </Button>
      ) : (
        failure.name !== 'InputTooLongError' && <Button onPress={() => void predict()}>{t.errors.retry}</Button>
      )}
    </FailureBox>
  );
}

function Answer({ fill, result }: { fill: FillSlice; result: FillResult }) {
  const { t, language } = useText();
  const report = useAppStore(state => state.model.report);
  const stale = fill.running || fill.text !== result.text;
  const wait = fill.held ? t.cost.held : t.fill.stale;
  const count = result.masks.length;
  const ran = result.prepared ? t.fill.ready : t.fill.ranIn(formatDuration(result.elapsedMs, language));
  if (fill.guess && fill.guess.text !== fill.text) return <GuessCard guess={fill.guess} result={result} isReady={!stale} />;

  return (
    <div className={styles.answer} data-stale={stale || undefined} aria-busy={stale && !fill.held}>
      <div className={styles.head}>
        <div className={styles.actions}>
          <CopyButton
            label={t.fill.copySentence}
            text={() =>
              filledSentence(result, fill)
                .parts.map(part => part.text)
                .join('')
            }
          />
          <CopyButton label={t.fill.copyJson} icon={Braces} text={() => fillJson(result, fill, report)} />
          <CopyButton label={t.fill.copyCsv} icon={Table} text={() => fillCsv(result, fill, language, t)} />
        </div>
        <span className={styles.time}>{stale ? wait : ran}</span>
      </div>

      {fill.guess && <GuessCard guess={fill.guess} result={result} isReady />}

      {fill.truncate && (
        <div className={classes(ui.notice, ui.warn)}>
          <p>{t.fill.cutNotice}</p>
          <div className={ui.noticeActions}>
            <Button onPress={() => setFill({ truncate: false })}>{t.fill.noCut}</Button>
          </div>
        </div>
      )}

      <FilterBar />

      {count > 1 && <p className={classes(ui.hint, styles.independent)}>{t.fill.independent}</p>}
      <div className={styles.cards}>
        {result.masks.map((mask, i) =>
          count <= MOST_CARDS || i === Math.min(fill.current, count - 1) ? (
            <MaskCard key={mask.start} mask={i} result={result} />
          ) : (
            <MaskLine key={mask.start} mask={i} result={result} />
          ),
        )}
      </div>
      <JointPanel result={result} />
    </div>
  );
}
