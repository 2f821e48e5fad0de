import type { LucideIcon } from 'lucide-react';
import type { ReactNode, Ref } from 'react';
import { Button as AriaButton, type ButtonProps as AriaButtonProps } from 'react-aria-components';
import { classes } from './class-names.ts';
import styles from './ui.module.css';

interface ButtonProps extends Omit<AriaButtonProps, 'children' | 'className'> {
  look?: 'plain' | 'primary' | 'quiet' | 'chip';
  icon?: LucideIcon;
  /** Without children the button shows its icon alone and needs an `aria-label`. */
  children?: ReactNode;
  ref?: Ref<HTMLButtonElement>;
}

export function Button({ look = 'plain', icon: Icon, children, ...rest }: ButtonProps) {
  return (
    <AriaButton {...rest} className={classes(styles.button, look !== 'plain' && styles[look], !children && styles.iconOnly)}>
      {Icon && <Icon aria-hidden className={styles.icon} />}
      {children}
    </AriaButton>
  );
}
