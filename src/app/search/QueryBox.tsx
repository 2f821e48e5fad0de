import { useId } from 'react';
import { useText } from '../i18n/use-text.ts';
import { useAppStore } from '../store/store.ts';
import { Button } from '../ui/Button.tsx';
import { classes } from '../ui/class-names.ts';
import { Segmented } from '../ui/Segmented.tsx';
import ui from '../ui/ui.module.css';
import { exampleQueries, isExampleCollection } from './example.ts';
import styles from './QueryBox.module.css';
import { setMode, setQuery } from './search.ts';
import type { Mode } from './state.ts';

const modes: readonly Mode[] = ['both', 'words', 'meaning'];

/** What is searched, and how. */
export function QueryBox() {
  const { t } = useText();
  const id = useId();
  const { query, mode, documents } = useAppStore(state => state.search);
  return (
    <div className={classes(ui.sheet, styles.box)}>
      <div className={ui.field}>
        <label htmlFor={id} className={ui.label}>
          {t.search.query}
        </label>
        <input
          id={id}
          type="search"
          lang="fr"
          autoComplete="off"
          spellCheck={false}
          className={classes(ui.input, styles.query)}
          value={query}
          placeholder={t.search.queryPlaceholder}
          onChange={event => setQuery(event.target.value)}
        />
      </div>
      <div className={styles.row}>
        <Segmented
          label={t.search.mode}
          value={mode}
          options={modes.map(value => ({ value, name: t.search.modes[value], shown: t.search.modes[value] }))}
          onChange={setMode}
        />
        {isExampleCollection(documents) && (
          <div className={styles.row}>
            <span className={ui.hint}>{t.search.tryThese}</span>
            {exampleQueries.map(each => (
              <Button key={each} look="chip" onPress={() => setQuery(each)}>
                <span lang="fr">{each}</span>
              </Button>
            ))}
          </div>
        )}
      </div>
    </div>
  );
}
