import { X } from 'lucide-react';
import { ProgressBar } from 'react-aria-components';
import { nameOf } from '../engine.ts';
import { useText } from '../i18n/use-text.ts';
import { formatBytes, formatRemaining } from '../lib/format.ts';
import { cancelLoading } from '../store/model.ts';
import type { Loading } from '../store/state.ts';
import { Button } from '../ui/Button.tsx';
import { classes } from '../ui/class-names.ts';
import ui from '../ui/ui.module.css';
import styles from './PanelView.module.css';

/** One bar for the whole load: bytes, speed and time left while files come; then what the GPU prepares. */
export function LoadProgress({ loading }: { loading: Loading }) {
  const { t, language } = useText();
  const { progress, rate, choice } = loading;
  const stage = progress?.stage ?? 'files';
  const title = stage === 'compile' ? t.models.compile : stage === 'tune' ? t.models.tune : t.models.progress;
  const share = progress && progress.total > 0 ? Math.min(100, (progress.done / progress.total) * 100) : null;
  const bytes = (value: number) => formatBytes(value, language);
  const facts =
    progress?.unit === 'bytes'
      ? [
          progress.total > 0 ? t.models.read(bytes(progress.done), bytes(progress.total)) : t.models.readUnknown(bytes(progress.done)),
          rate && t.models.speed(bytes(rate.bytesPerSecond)),
          rate?.secondsLeft != null && t.models.left(formatRemaining(rate.secondsLeft, language)),
        ].filter(Boolean)
      : progress?.detail
        ? [progress.detail]
        : [];
  return (
    <div className={classes(ui.sheet, styles.progress)}>
      <ProgressBar aria-label={title} value={share ?? 0} isIndeterminate={share === null}>
        {({ percentage, isIndeterminate }) => (
          <>
            <div className={styles.progressHead}>
              <strong>{title}</strong>
              <span className={styles.progressName}>{nameOf(choice)}</span>
            </div>
            <div className={styles.progressTrack}>
              <div
                className={classes(styles.progressBar, isIndeterminate && styles.indeterminate)}
                style={isIndeterminate ? undefined : { inlineSize: `${percentage ?? 0}%` }}
              />
            </div>
          </>
        )}
      </ProgressBar>
      <div className={styles.progressFoot}>
        <span className={styles.progressFacts}>{facts.join(' · ')}</span>
        <Button look="quiet" icon={X} onPress={cancelLoading}>
          {t.models.cancel}
        </Button>
      </div>
    </div>
  );
}
