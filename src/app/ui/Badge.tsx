import type { ReactNode } from 'react';
import styles from './Badge.module.css';

/** A state in one word. The colour says the same and is never the only sign. */
export function Badge({ look, children }: { look?: 'good' | 'busy' | 'bad'; children: ReactNode }) {
  return (
    <small className={styles.badge} data-look={look}>
      {children}
    </small>
  );
}
