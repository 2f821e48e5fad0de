import type { ReactNode } from 'react';
import styles from './Badge.module.css';

/** A state in a word; the colour only repeats it. */
export function Badge({ look, children }: { look?: 'good' | 'busy' | 'bad'; children: ReactNode }) {
  return (
    <small className={styles.badge} data-look={look}>
      {children}
    </small>
  );
}
