import { Braces, CircleCheck, CircleX, ShieldCheck, X } from 'lucide-react';
import { toText } from '../../verify/to-text.ts';
import type { DeviceCheck } from '../../verify/types.ts';
import { useText } from '../i18n/use-text.ts';

import { formatDuration, formatMoment, formatNumber } from '../lib/format.ts';
import { saveText } from '../lib/save.ts';
import progressing from '../parts/progress.module.css';
import { useAppStore } from '../store/store.ts';
import { Bar } from '../ui/Bar.tsx';
import { Button } from '../ui/Button.tsx';
import { CopyButton } from '../ui/CopyButton.tsx';
import { classes } from '../ui/class-names.ts';
import { FailureBox } from '../ui/FailureBox.tsx';
import ui from '../ui/ui.module.css';
import styles from './Check.module.css';
import { CheckTables } from './CheckTables.tsx';
import { cancelCheck, runCheck } from './check.ts';
import panel from './panel.module.css';
import { TrainingCheckPanel } from './TrainingCheckPanel.tsx';

/** "Check this device": starts it, shows how far it is, and what it found. */
export function CheckPanel() {
  const { t, language } = useText();
  const { running, result, failure } = useAppStore(state => state.check);
  const note = useAppStore(state => state.model.report?.deviceCheck);
  const busy = useAppStore(state => state.check.training.running !== null);
  const progress = running?.progress;
  const known = progress && progress.total > 0 ? progress : null;
  return (
    <section aria-labelledby="check" className={classes(ui.sheet, panel.panel, styles.check)}>
      <h2 id="check">{t.check.title}</h2>
      <p className={ui.hint}>{t.check.intro}</p>
      {running ? (
        <div>
          <Bar title={`${t.check.running} · ${t.check.forms[running.form]}`} share={known ? known.done / known.total : null} />
          <div className={progressing.progressFoot}>
            <span className={progressing.progressFacts}>
              {known && <span>{t.check.step(formatNumber(known.done, language), formatNumber(known.total, language))}</span>}
              {progress?.detail && <span lang="en">{progress.detail}</span>}
            </span>
            <Button look="quiet" icon={X} onPress={cancelCheck}>
              {t.check.cancel}
            </Button>
          </div>
        </div>
      ) : (
        <div className={styles.start}>
          <Button look="primary" icon={ShieldCheck} isDisabled={busy} onPress={() => void runCheck('short')}>
            {t.check.short}
          </Button>
          <span className={ui.hint}>{t.check.shortHint}</span>
          <Button isDisabled={busy} onPress={() => void runCheck('full')}>
            {t.check.full}
          </Button>
          <span className={ui.hint}>{t.check.fullHint}</span>
        </div>
      )}
      {note && !result && !running && (
        <p className={styles.note}>
          <CircleCheck aria-hidden className={ui.icon} />
          {t.check.byItself(t.check.forms[note.form], formatMoment(note.at, language))}
        </p>
      )}
      {!note && !result && !running && <p className={ui.hint}>{t.check.first}</p>}
      {failure && <FailureBox failure={failure} />}
      {result && !running && <Result result={result} />}
      <TrainingCheckPanel />
    </section>
  );
}

/** Whether some answer was wrong. If none was, something else stopped a check that did not pass. */
const hasWrongAnswer = ({ kernels, models }: DeviceCheck): boolean =>
  kernels.some(kernel => !kernel.passed) || models.some(model => !model.passed);

function Result({ result }: { result: DeviceCheck }) {
  const { t, language } = useText();
  const cases = result.kernels.reduce((sum, kernel) => sum + kernel.cases, 0);
  const Icon = result.passed ? CircleCheck : CircleX;
  const wrong = hasWrongAnswer(result);
  const title = result.passed ? t.check.passed : wrong ? t.check.failed : t.check.stopped;
  return (
    <div className={styles.result}>
      <div className={classes(ui.notice, !result.passed && ui.bad)}>
        <h3 className={styles.verdict} data-passed={result.passed}>
          <Icon aria-hidden className={ui.icon} />
          {title}
        </h3>
        <p className={ui.hint}>
          {[
            t.check.forms[result.form],
            t.check.facts(formatNumber(cases, language), formatDuration(result.durationMs, language)),
            formatMoment(result.at, language),
          ].join(' · ')}
        </p>
        {!result.passed && <p>{wrong ? t.check.failedBody : t.check.stoppedBody}</p>}
      </div>
      {result.failures.length > 0 && (
        <div>
          <h3>{t.check.failures}</h3>
          <ul className={styles.failures}>
            {result.failures.map(({ part, error }) => (
              <li key={part + error.message} lang="en">
                <strong lang={language}>{t.check.parts(part)}</strong> {error.name}: {error.message}
              </li>
            ))}
          </ul>
        </div>
      )}
      <CheckTables result={result} />
      <div className={panel.foot}>
        <CopyButton look="plain" label={t.check.copy} text={() => toText(result)} />
        <Button
          look="quiet"
          icon={Braces}
          onPress={() => saveText('affinage-check.json', JSON.stringify(result, null, 2), 'application/json')}
        >
          {t.check.save}
        </Button>
      </div>
    </div>
  );
}
