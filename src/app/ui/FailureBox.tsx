import type { ReactNode } from 'react';
import { useText } from '../i18n/use-text.ts';
import type { Failure } from '../lib/failure.ts';
import { explain } from '../lib/reason.ts';
import { useAppStore } from '../store/store.ts';
import { classes } from './class-names.ts';
import styles from './ui.module.css';

/** An error: what happened and what to do in the user's language, then the engine's own words. */
export function FailureBox({ failure, children }: { failure: Failure; children?: ReactNode }) {
  const { t, language } = useText();
  const hasToken = useAppStore(state => state.hub.token !== '');
  const { title, remedy, known } = explain(t, language, failure, hasToken);
  return (
    <div role="alert" className={classes(styles.notice, styles.bad)}>
      <h2>{title}</h2>
      <p>{remedy}</p>
      <details className={styles.detail} open={!known}>
        <summary>{t.errors.detail}</summary>
        <p lang="en">
          {failure.name}: {failure.message}
        </p>
      </details>
      {children && <div className={styles.noticeActions}>{children}</div>}
    </div>
  );
}
