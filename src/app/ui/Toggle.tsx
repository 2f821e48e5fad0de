import { Switch } from 'react-aria-components';
import styles from './Toggle.module.css';

/** On or off, with its name beside it. */
export function Toggle({ label, isOn, onChange }: { label: string; isOn: boolean; onChange: (isOn: boolean) => void }) {
  return (
    <Switch isSelected={isOn} onChange={onChange} className={styles.switch}>
      <span className={styles.switchTrack} />
      {label}
    </Switch>
  );
}
