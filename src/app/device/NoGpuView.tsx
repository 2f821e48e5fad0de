import { RefreshCw } from 'lucide-react';
import type { Ref } from 'react';
import { useText } from '../i18n/use-text.ts';
import { loadModel } from '../store/model.ts';
import { useAppStore } from '../store/store.ts';
import { Badge } from '../ui/Badge.tsx';
import { Button } from '../ui/Button.tsx';
import { classes } from '../ui/class-names.ts';
import ui from '../ui/ui.module.css';
import { guessBrowser, guessSystem } from './browser.ts';
import styles from './NoGpuView.module.css';
import panel from './panel.module.css';

/** WebGPU is missing: what to do, the user's own browser first. */
export function NoGpuView({ ref }: { ref: Ref<HTMLHeadingElement> }) {
  const { t } = useText();
  const loadError = useAppStore(state => state.model.loadError);
  const browser = guessBrowser(navigator.userAgent);
  const linux = guessSystem(navigator.userAgent) === 'linux';
  const browsers = [
    { id: 'chromium', name: t.noGpu.chromium, steps: t.noGpu.chromiumSteps },
    { id: 'firefox', name: t.noGpu.firefox, steps: t.noGpu.firefoxSteps },
    { id: 'safari', name: t.noGpu.safari, steps: t.noGpu.safariSteps },
  ].sort((a, b) => Number(b.id === browser) - Number(a.id === browser));
  const helps = [
    ...browsers.map(each => ({ ...each, mine: each.id === browser ? t.noGpu.yours : null })),
    { id: 'linux', name: t.noGpu.linux, steps: t.noGpu.linuxSteps, mine: linux ? t.noGpu.yourSystem : null },
  ];
  return (
    <div className={styles.help}>
      <div>
        <h1 ref={ref} tabIndex={-1}>
          {t.noGpu.title}
        </h1>
        <p className={styles.lead}>{t.noGpu.body}</p>
      </div>
      {globalThis.isSecureContext === false && <p className={classes(ui.notice, ui.warn)}>{t.noGpu.insecure}</p>}
      {'gpu' in navigator && <p className={ui.notice}>{t.noGpu.noAdapter}</p>}
      <div>
        <Button look="primary" icon={RefreshCw} onPress={() => void loadModel({ kind: 'mini' })}>
          {t.noGpu.retry}
        </Button>
      </div>
      <div className={panel.panels}>
        {helps.map(help => (
          <section key={help.id} className={classes(ui.sheet, panel.panel)} aria-labelledby={`help-${help.id}`}>
            <h2 id={`help-${help.id}`}>
              {help.name} {help.mine && <Badge>{help.mine}</Badge>}
            </h2>
            <ol className={styles.steps}>
              {help.steps.map(step => (
                <li key={step}>{step}</li>
              ))}
            </ol>
          </section>
        ))}
      </div>
      <p className={ui.hint}>{t.noGpu.cli}</p>
      {loadError && (
        <details className={ui.detail}>
          <summary>{t.errors.detail}</summary>
          <p lang="en">
            {loadError.name}: {loadError.message}
          </p>
        </details>
      )}
    </div>
  );
}
