import { useText } from '../i18n/use-text.ts';
import { formatNumber } from '../lib/format.ts';
import { useAppStore } from '../store/store.ts';
import { Segmented } from '../ui/Segmented.tsx';
import ui from '../ui/ui.module.css';
import styles from './ReadView.module.css';
import { setAround, setMode } from './read.ts';
import { type Around, surroundings } from './state.ts';

/** How the text is read, and what each way means. */
export function ModeChoice() {
  const { t, language } = useText();
  const { mode, around } = useAppStore(state => state.read);
  const name = (tokens: Around) => (tokens === 0 ? t.read.aroundAll : t.fill.tokens(formatNumber(tokens, language)));
  return (
    <div className={styles.modes}>
      <Segmented
        label={t.read.mode}
        value={mode}
        options={[
          { value: 'fast', name: t.read.fast, shown: t.read.fast },
          { value: 'exact', name: t.read.exact, shown: t.read.exact },
        ]}
        onChange={setMode}
      />
      <p className={ui.hint}>{mode === 'fast' ? t.read.fastHint : t.read.exactHint}</p>
      {mode === 'exact' && (
        <div className={styles.around}>
          <span className={ui.label}>{t.read.around}</span>
          <Segmented
            label={t.read.around}
            value={String(around)}
            options={surroundings.map(tokens => ({ value: String(tokens), name: name(tokens), shown: name(tokens) }))}
            onChange={value => setAround(surroundings.find(tokens => String(tokens) === value) ?? around)}
          />
        </div>
      )}
    </div>
  );
}
