import { Braces, ChevronLeft, ChevronRight, Play, Table as TableIcon } from 'lucide-react';
import { Group, Input, Label, NumberField, Button as Step } from 'react-aria-components';
import { useText } from '../i18n/use-text.ts';
import type { Failure } from '../lib/failure.ts';
import { formatAbout, formatDuration, formatNumber, formatShare } from '../lib/format.ts';
import { saveText } from '../lib/save.ts';
import { CostLine, Held } from '../parts/Cost.tsx';
import { Waiting } from '../parts/Waiting.tsx';
import { useAppStore } from '../store/store.ts';
import { Bar } from '../ui/Bar.tsx';
import { Button } from '../ui/Button.tsx';
import { classes } from '../ui/class-names.ts';
import { Empty } from '../ui/Empty.tsx';
import { FailureBox } from '../ui/FailureBox.tsx';
import { Segmented } from '../ui/Segmented.tsx';
import ui from '../ui/ui.module.css';
import { Alternatives } from './Alternatives.tsx';
import { readCsv, readJson } from './export.ts';
import styles from './Findings.module.css';
import { Legend } from './Legend.tsx';
import { jump, readText, setRead, stopReading, thresholdOf } from './read.ts';
import type { ReadResult, ReadWord } from './state.ts';
import { WordTable } from './WordTable.tsx';
import { surprising } from './words.ts';

/** Words that are listed before the reader asks for all. */
const LISTED = 12;

/** What was found: the word that the reader is at, the surprising words, the legend, a table, and files. */
export function Findings({ failure }: { failure: Failure | null }) {
  const { t } = useText();
  const { text, result, running, held, cost } = useAppStore(state => state.read);
  const isOf = result?.text === text;
  return (
    <section aria-label={t.read.findings} className={styles.findings} aria-busy={running}>
      <CostLine cost={cost} />
      {running && <ReadProgress result={isOf ? result : null} />}
      {held && !running && <Held held={held} cost={cost} onGo={() => void readText()} />}
      {failure ? (
        <FailureBox failure={failure}>
          <Button icon={Play} onPress={() => void readText()}>
            {t.errors.retry}
          </Button>
        </FailureBox>
      ) : text.trim() === '' ? (
        <Empty title={t.read.emptyTitle}>
          <p>{t.read.emptyBody}</p>
        </Empty>
      ) : result ? (
        <div className={styles.found} data-stale={!isOf || undefined}>
          {!isOf && <p className={ui.hint}>{held ? t.cost.held : t.read.stale}</p>}
          <Found result={result} />
        </div>
      ) : (
        !held && <Waiting />
      )}
    </section>
  );
}

/** How far, how long still, and a way to stop. */
function ReadProgress({ result }: { result: ReadResult | null }) {
  const { t, language } = useText();
  const { progress, cost, mode } = useAppStore(state => state.read);
  if ((cost?.ms ?? 0) < 500 && mode === 'fast') return null;
  const share = progress && progress.total > 0 ? Math.min(1, progress.done / progress.total) : null;
  const left =
    result && result.done > 0 && result.done < result.total ? (result.elapsedMs / result.done) * (result.total - result.done) : null;
  return (
    <div className={classes(ui.sheet, styles.progress)}>
      <Bar title={t.cost.running} share={share} />
      <div className={styles.row}>
        <span>
          {share === null ? '' : t.cost.share(formatShare(share, language))}
          {left !== null && ` · ${t.read.left(formatAbout(left, language))}`}
        </span>
        <Button look="quiet" onPress={stopReading}>
          {t.cost.cancel}
        </Button>
      </div>
    </div>
  );
}

function Found({ result }: { result: ReadResult }) {
  const { t, language } = useText();
  const read = useAppStore(state => state.read);
  const report = useAppStore(state => state.model.report);
  const { chosen, shown, running, around } = read;
  const threshold = thresholdOf(read);
  const found = surprising(result.text, result.words, threshold);
  const word = chosen === null ? undefined : result.words[chosen];
  const rather = (each: ReadWord) => {
    const other = each.best.map(({ word }) => word.trim()).find(word => word !== result.text.slice(each.start, each.end));
    return other && t.read.ratherThan(other);
  };
  const most = [...found].sort((a, b) => (result.words[b]?.bits ?? 0) - (result.words[a]?.bits ?? 0)).slice(0, LISTED);
  return (
    <>
      <p className={ui.hint}>
        {t.read.way[result.mode]}{' '}
        {result.done < result.total
          ? t.read.partly(formatNumber(result.done, language), formatNumber(result.total, language))
          : t.read.whole(formatNumber(result.total, language), formatDuration(result.elapsedMs, language))}
        {result.windows > 1 && ` ${t.read.windows(formatNumber(result.windows, language))}`}
      </p>
      <Legend scale={result.scale} />
      <div className={classes(ui.sheet, styles.card)}>
        <div className={styles.row}>
          <h2>{t.read.surprising(formatNumber(found.length, language), found.length)}</h2>
          <span className={styles.jumps}>
            <Button icon={ChevronLeft} aria-label={t.read.previous} isDisabled={found.length === 0} onPress={() => jump(-1)} />
            <Button icon={ChevronRight} aria-label={t.read.next} isDisabled={found.length === 0} onPress={() => jump(1)} />
          </span>
        </div>
        <NumberField
          value={Math.round(threshold * 10) / 10}
          minValue={0}
          maxValue={60}
          step={0.1}
          onChange={value => setRead({ threshold: Number.isFinite(value) ? value : null })}
          className={styles.threshold}
        >
          <Label>{t.read.threshold}</Label>
          <Group className={styles.thresholdGroup}>
            <Step slot="decrement">−</Step>
            <Input />
            <Step slot="increment">+</Step>
          </Group>
        </NumberField>
        {found.length === 0 && <p className={ui.hint}>{t.read.nothing}</p>}
        <ol className={styles.list}>
          {most.map(i => {
            const each = result.words[i];
            return (
              each && (
                <li key={i}>
                  <button type="button" aria-current={i === chosen || undefined} onClick={() => setRead({ chosen: i, writing: false })}>
                    <b lang="fr">{result.text.slice(each.start, each.end)}</b>
                    <span>{t.read.bitsOf(formatNumber(each.bits, language, 1))}</span>
                    <span lang="fr" className={styles.instead}>
                      {rather(each)}
                    </span>
                  </button>
                </li>
              )
            );
          })}
        </ol>
        <div aria-live="polite" className={styles.chosen}>
          {word && <Alternatives result={result} word={word} />}
        </div>
      </div>
      <div className={styles.row}>
        <Segmented
          label={t.read.shown}
          value={shown}
          options={[
            { value: 'text', name: t.read.shownText, shown: t.read.shownText },
            { value: 'table', name: t.read.shownTable, shown: t.read.shownTable },
          ]}
          onChange={next => setRead({ shown: next })}
        />
        <span className={styles.jumps}>
          <Button
            look="quiet"
            icon={TableIcon}
            isDisabled={running}
            onPress={() => saveText('affinage-reading.csv', readCsv(result, language, t), 'text/csv')}
          >
            CSV
          </Button>
          <Button
            look="quiet"
            icon={Braces}
            isDisabled={running}
            onPress={() => saveText('affinage-reading.json', readJson(result, around, report), 'application/json')}
          >
            JSON
          </Button>
        </span>
      </div>
      {shown === 'table' && <WordTable result={result} />}
    </>
  );
}
