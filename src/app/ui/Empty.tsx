import type { ReactNode } from 'react';
import styles from './Empty.module.css';

/** Shown while there is nothing else: a ruled page with one gap, a line that explains, and perhaps a button to begin. */
export function Empty({ title, children }: { title: string; children?: ReactNode }) {
  return (
    <div className={styles.empty}>
      <svg aria-hidden="true" viewBox="0 0 120 84" className={styles.emptyArt} fill="none" strokeLinecap="round" strokeWidth="2.5">
        <rect x="8" y="4" width="104" height="76" rx="7" fill="var(--sheet)" stroke="var(--rule-strong)" strokeWidth="1.5" />
        <path d="M26 4v76" stroke="var(--margin-line)" strokeWidth="1.5" />
        <path d="M36 24h62M36 42h14M82 42h18M36 60h40" stroke="var(--rule-strong)" />
        <rect
          x="55"
          y="34"
          width="22"
          height="15"
          rx="4"
          fill="var(--accent-soft)"
          stroke="var(--accent)"
          strokeWidth="1.5"
          strokeDasharray="3 3"
        />
      </svg>
      <h2>{title}</h2>
      {children}
    </div>
  );
}
