import { Hourglass, Play, X } from 'lucide-react';
import type { CostEstimate, Progress } from '../../types.ts';
import { useText } from '../i18n/use-text.ts';
import { formatAbout, formatBytes, formatFlops, formatNumber, formatShare } from '../lib/format.ts';
import { isBig } from '../store/cost.ts';
import { Bar } from '../ui/Bar.tsx';
import { Button } from '../ui/Button.tsx';
import { classes } from '../ui/class-names.ts';
import ui from '../ui/ui.module.css';
import styles from './Cost.module.css';

/** What the request costs, in one line: plain for a long one, discreet for the rest. */
export function CostLine({ cost }: { cost: CostEstimate | null }) {
  const { t, language } = useText();
  if (!cost || cost.totalTokens === 0) return null;
  const big = isBig(cost);
  const parts = [
    t.cost.tokens(formatNumber(cost.totalTokens, language)),
    t.cost.flops(formatFlops(cost.flops, language)),
    t.cost.memory(formatBytes(cost.gpuBytes.total, language, true)),
    cost.ms === null ? t.cost.unknownTime : t.cost.time(formatAbout(cost.ms, language)),
  ];
  return (
    // biome-ignore lint/a11y/useSemanticElements: a fieldset is for controls.
    <p role="group" aria-label={t.cost.label} className={classes(styles.cost, big && styles.big)}>
      {big && <Hourglass aria-hidden className={ui.icon} />}
      {parts.map(part => (
        <span key={part}>{part}</span>
      ))}
    </p>
  );
}

/** A long run: how far it is, and a way to stop it. */
export function RunProgress({ progress, cost, onCancel }: { progress: Progress | null; cost: CostEstimate | null; onCancel: () => void }) {
  const { t, language } = useText();
  if (!isBig(cost)) return null;
  const share = progress && progress.total > 0 ? Math.min(1, progress.done / progress.total) : null;
  return (
    <div className={classes(ui.sheet, styles.run)}>
      <Bar title={t.cost.running} share={share} />
      <div className={styles.foot}>
        <span>{share === null ? '' : t.cost.share(formatShare(share, language))}</span>
        <Button look="quiet" icon={X} onPress={onCancel}>
          {t.cost.cancel}
        </Button>
      </div>
    </div>
  );
}

/** A request that waits for the user: it would take long, or was stopped. */
export function Held({ held, cost, onGo }: { held: 'stopped' | 'long'; cost: CostEstimate | null; onGo: () => void }) {
  const { t, language } = useText();
  return (
    <div className={classes(ui.notice, styles.held)}>
      <h2>{held === 'long' ? t.cost.longTitle : t.cost.stoppedTitle}</h2>
      <p>{held === 'long' && cost?.ms != null ? t.cost.longBody(formatAbout(cost.ms, language)) : t.cost.stoppedBody}</p>
      <div className={ui.noticeActions}>
        <Button look="primary" icon={Play} onPress={onGo}>
          {t.cost.go}
        </Button>
      </div>
    </div>
  );
}
