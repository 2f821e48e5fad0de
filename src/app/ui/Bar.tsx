import { ProgressBar } from 'react-aria-components';
import styles from './Bar.module.css';
import { classes } from './class-names.ts';

interface BarProps {
  /** What is being done. */
  title: string;
  /** What it is done to. */
  name?: string;
  /** Part done, 0 … 1; null while unknown. */
  share: number | null;
}

/** A progress bar with its title. Screen readers read it on demand; each quarter is announced elsewhere (store/model.ts). */
export function Bar({ title, name, share }: BarProps) {
  return (
    <ProgressBar aria-label={title} value={(share ?? 0) * 100} isIndeterminate={share === null}>
      {({ percentage, isIndeterminate }) => (
        <>
          <div className={styles.barHead}>
            <strong>{title}</strong>
            {name && <span className={styles.barName}>{name}</span>}
          </div>
          <div className={styles.barTrack}>
            <div
              className={classes(styles.barFill, isIndeterminate && styles.indeterminate)}
              style={isIndeterminate ? undefined : { inlineSize: `${percentage ?? 0}%` }}
            />
          </div>
        </>
      )}
    </ProgressBar>
  );
}
