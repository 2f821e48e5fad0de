import { CircleCheck, CircleX, GraduationCap, X } from 'lucide-react';
import type { TrainingCheck } from '../../verify/types.ts';
import { useText } from '../i18n/use-text.ts';
import { formatNumber } from '../lib/format.ts';
import progressing from '../parts/progress.module.css';
import { useAppStore } from '../store/store.ts';
import { Bar } from '../ui/Bar.tsx';
import { Button } from '../ui/Button.tsx';
import { CopyButton } from '../ui/CopyButton.tsx';
import { classes } from '../ui/class-names.ts';
import { FailureBox } from '../ui/FailureBox.tsx';
import ui from '../ui/ui.module.css';
import styles from './Check.module.css';
import { cancelTrainingCheck, runTrainingCheck } from './check-training.ts';
import panel from './panel.module.css';

/** "Check training": starts it, shows how far it is, and its lines. */
export function TrainingCheckPanel() {
  const { t, language } = useText();
  const { running, result, failure } = useAppStore(state => state.check.training);
  const busy = useAppStore(state => state.check.running !== null);
  const progress = running?.progress;
  const known = progress && progress.total > 0 ? progress : null;
  return (
    <div className={styles.training}>
      <h3>{t.check.training.title}</h3>
      <p className={ui.hint}>{t.check.training.intro}</p>
      {running ? (
        <div>
          <Bar title={t.check.training.running} share={known ? known.done / known.total : null} />
          <div className={progressing.progressFoot}>
            <span className={progressing.progressFacts}>
              {known && <span>{t.check.step(formatNumber(known.done, language), formatNumber(known.total, language))}</span>}
              {progress?.detail && <span lang="en">{progress.detail}</span>}
            </span>
            <Button look="quiet" icon={X} onPress={cancelTrainingCheck}>
              {t.check.cancel}
            </Button>
          </div>
        </div>
      ) : (
        <div className={styles.start}>
          <Button icon={GraduationCap} isDisabled={busy} onPress={() => void runTrainingCheck()}>
            {t.check.training.start}
          </Button>
        </div>
      )}
      {failure && <FailureBox failure={failure} />}
      {result && !running && <Lines checks={result} />}
    </div>
  );
}

function Lines({ checks }: { checks: readonly TrainingCheck[] }) {
  const { t } = useText();
  const failed = checks.filter(({ failure }) => failure !== null).length;
  const passed = checks.length - failed;
  const Icon = failed === 0 ? CircleCheck : CircleX;
  return (
    <div className={styles.result}>
      <div className={classes(ui.notice, failed > 0 && ui.bad)}>
        <h4 className={styles.verdict} data-passed={failed === 0}>
          <Icon aria-hidden className={ui.icon} />
          {failed === 0 ? t.check.training.good : t.check.training.bad}
        </h4>
        <p>{t.check.training.count(passed, failed)}</p>
        {failed > 0 && <p>{t.check.failedBody}</p>}
      </div>
      <ul className={styles.lines} aria-label={t.check.training.lines}>
        {checks.map(({ name, failure }) => (
          <li key={name} data-failed={failure !== null || undefined}>
            <b>{failure === null ? t.check.training.passed : t.check.training.failed}</b>{' '}
            <span lang="en">{failure === null ? name : `${name}: ${failure}`}</span>
          </li>
        ))}
      </ul>
      <div className={panel.foot}>
        <CopyButton look="plain" label={t.check.training.copy} text={() => asText(checks)} />
      </div>
    </div>
  );
}

/** As the command line writes it. */
function asText(checks: readonly TrainingCheck[]): string {
  const failed = checks.filter(({ failure }) => failure !== null).length;
  const lines = checks.map(({ name, failure }) => (failure === null ? `passed  ${name}` : `FAILED  ${name}: ${failure}`));
  return [...lines, `${checks.length - failed} passed, ${failed} failed`, ''].join('\n');
}
