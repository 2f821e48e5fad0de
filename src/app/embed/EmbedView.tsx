import { Braces, Table } from 'lucide-react';
import type { ModelReport } from '../../types.ts';
import { useText } from '../i18n/use-text.ts';
import { formatDuration, formatNumber } from '../lib/format.ts';
import { saveText } from '../lib/save.ts';
import { CostLine, Held, RunProgress } from '../parts/Cost.tsx';
import { useUndoKeys } from '../parts/Undo.tsx';
import { Waiting } from '../parts/Waiting.tsx';
import { textsOf } from '../store/lines.ts';
import { useAppStore } from '../store/store.ts';
import { Button } from '../ui/Button.tsx';
import { classes } from '../ui/class-names.ts';
import { Empty } from '../ui/Empty.tsx';
import { FailureBox } from '../ui/FailureBox.tsx';
import ui from '../ui/ui.module.css';
import styles from './EmbedView.module.css';
import { compare, stopComparing } from './embed.ts';
import { vectorsCsv, vectorsJson } from './embed-export.ts';
import { Matrix } from './Matrix.tsx';
import { Ranking } from './Ranking.tsx';
import { TextList } from './TextList.tsx';

/** The prompt that the model puts before every text by default; empty if there is none. */
const promptOf = ({ defaultPrompt, prompts }: ModelReport['embedding']): string =>
  defaultPrompt === null ? '' : (prompts[defaultPrompt] ?? '').trim();

/** Texts as vectors: how close each pair is, and which text is nearest to a query. */
export function EmbedView() {
  const { t } = useText();
  const embedding = useAppStore(state => state.model.report?.embedding);
  useUndoKeys('embed');
  return (
    <div className={styles.columns}>
      <TextList />
      <section aria-label={t.embed.matrix} className={styles.results}>
        <Run />
        <EmbedAnswer />
        <details className={classes(ui.notice, styles.honest)} open>
          <summary>{t.embed.honest}</summary>
          <p>
            {embedding?.from === 'modules.json'
              ? t.embed.folderBody(embedding.pooling.join(' + '), promptOf(embedding))
              : t.embed.honestBody}
          </p>
        </details>
      </section>
    </div>
  );
}

/** What the texts cost; a long request that is being computed, or one that waits for the user to start it. */
function Run() {
  const { running, progress, held, cost } = useAppStore(state => state.embed);
  return (
    <>
      <CostLine cost={cost} />
      {running && <RunProgress progress={progress} cost={cost} onCancel={stopComparing} />}
      {held && !running && <Held held={held} cost={cost} onGo={() => void compare()} />}
    </>
  );
}

function EmbedAnswer() {
  const { t, language } = useText();
  const { lines, result, failure, running, held } = useAppStore(state => state.embed);
  const report = useAppStore(state => state.model.report);
  if (failure) {
    return (
      <FailureBox failure={failure}>
        <Button onPress={() => void compare()}>{t.errors.retry}</Button>
      </FailureBox>
    );
  }
  const enough = textsOf(lines).length >= 2 || (result?.query && result.texts.length > 0);
  if (!enough) {
    return (
      <Empty title={t.embed.needTwo}>
        <p>{t.embed.needTwoBody}</p>
      </Empty>
    );
  }
  if (!result) return held ? null : <Waiting />;
  return (
    <div className={styles.answer} data-stale={running || undefined} aria-busy={running}>
      {result.query && <Ranking result={result} />}
      {result.texts.length >= 2 && <Matrix result={result} />}
      <div className={styles.foot}>
        <span className={styles.time}>
          {running ? t.fill.stale : held ? t.cost.held : t.fill.ranIn(formatDuration(result.elapsedMs, language))} ·{' '}
          {t.embed.dims(formatNumber(result.dim, language))}
          {report && ` · ${t.embed.cutNotice(formatNumber(report.embedding.maxTokens ?? report.architecture.context, language))}`}
        </span>
        <span className={styles.exports}>
          <Button look="quiet" icon={Table} onPress={() => saveText('affinage-vectors.csv', vectorsCsv(result, language), 'text/csv')}>
            {t.embed.exportCsv}
          </Button>
          <Button
            look="quiet"
            icon={Braces}
            onPress={() => saveText('affinage-vectors.json', vectorsJson(result, report), 'application/json')}
          >
            {t.embed.exportJson}
          </Button>
        </span>
      </div>
    </div>
  );
}
