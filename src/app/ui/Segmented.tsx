import type { ReactNode } from 'react';
import { Radio, RadioGroup } from 'react-aria-components';
import styles from './Segmented.module.css';

interface SegmentedProps<T extends string> {
  label: string;
  value: T;
  options: readonly { value: T; name: string; shown: ReactNode }[];
  onChange: (value: T) => void;
}

/** A short choice side by side: a radio group that looks like one control. */
export function Segmented<T extends string>({ label, value, options, onChange }: SegmentedProps<T>) {
  const choose = (next: string) => {
    const option = options.find(each => each.value === next);
    if (option) onChange(option.value);
  };
  return (
    <RadioGroup aria-label={label} orientation="horizontal" value={value} onChange={choose} className={styles.segments}>
      {options.map(option => (
        <Radio key={option.value} value={option.value} aria-label={option.name} className={styles.segment}>
          {option.shown}
        </Radio>
      ))}
    </RadioGroup>
  );
}
