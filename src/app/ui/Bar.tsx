import { ProgressBar } from 'react-aria-components';
import { classes } from './class-names.ts';
import ui from './ui.module.css';

interface BarProps {
  /** What goes on. */
  title: string;
  /** On what. */
  name?: string;
  /** Part done, 0 … 1; null while unknown. */
  share: number | null;
}

/** A progress bar with its title. What it says is read out when asked for; quarters are announced elsewhere. */
export function Bar({ title, name, share }: BarProps) {
  return (
    <ProgressBar aria-label={title} value={(share ?? 0) * 100} isIndeterminate={share === null}>
      {({ percentage, isIndeterminate }) => (
        <>
          <div className={ui.barHead}>
            <strong>{title}</strong>
            {name && <span className={ui.barName}>{name}</span>}
          </div>
          <div className={ui.barTrack}>
            <div
              className={classes(ui.barFill, isIndeterminate && ui.indeterminate)}
              style={isIndeterminate ? undefined : { inlineSize: `${percentage ?? 0}%` }}
            />
          </div>
        </>
      )}
    </ProgressBar>
  );
}
