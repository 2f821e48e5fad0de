import { ListFilter } from 'lucide-react';
import { Group, Input, Label, NumberField, Button as Step, TextField } from 'react-aria-components';
import { useText } from '../i18n/use-text.ts';
import { changeSettings, clampK } from '../store/settings.ts';
import { useAppStore } from '../store/store.ts';
import { classes } from '../ui/class-names.ts';
import { Toggle } from '../ui/Toggle.tsx';
import ui from '../ui/ui.module.css';
import styles from './FilterBar.module.css';
import { setFilter } from './fill.ts';
import { isFiltering } from './filter.ts';

/** How many words are shown, which of them, and whether with their ids. */
export function FilterBar() {
  const { t } = useText();
  const { k, showIds } = useAppStore(state => state.settings);
  const filter = useAppStore(state => state.fill.filter);
  return (
    <div className={styles.options}>
      <NumberField value={k} minValue={1} maxValue={50} onChange={value => changeSettings({ k: clampK(value) })} className={styles.k}>
        <Label>{t.fill.k}</Label>
        <Group className={styles.kGroup}>
          <Step slot="decrement" className={styles.step}>
            −
          </Step>
          <Input className={styles.kInput} />
          <Step slot="increment" className={styles.step}>
            +
          </Step>
        </Group>
      </NumberField>
      <details className={styles.more} open={isFiltering(filter) || undefined}>
        <summary>
          <ListFilter aria-hidden className={ui.icon} /> {t.fill.filter}
        </summary>
        <div className={styles.filters}>
          <Toggle label={t.fill.filterWhole} isOn={filter.whole} onChange={whole => setFilter({ whole })} />
          <Toggle label={t.fill.filterLetters} isOn={filter.letters} onChange={letters => setFilter({ letters })} />
          <Toggle label={t.fill.showIds} isOn={showIds} onChange={on => changeSettings({ showIds: on })} />
          <TextField value={filter.starts} onChange={starts => setFilter({ starts })} className={styles.starts}>
            <Label>{t.fill.filterStarts}</Label>
            <Input lang="fr" spellCheck={false} autoComplete="off" className={classes(ui.input, styles.startsInput)} />
          </TextField>
          <p className={ui.hint}>{t.fill.filterHint}</p>
        </div>
      </details>
    </div>
  );
}
