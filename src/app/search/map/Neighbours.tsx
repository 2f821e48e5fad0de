import { useText } from '../../i18n/use-text.ts';
import { useAppStore } from '../../store/store.ts';
import { Button } from '../../ui/Button.tsx';
import { classes } from '../../ui/class-names.ts';
import { FailureBox } from '../../ui/FailureBox.tsx';
import ui from '../../ui/ui.module.css';
import { findPassage, passageText } from '../passages.ts';
import { choose } from './draw.ts';
import styles from './MapView.module.css';
import { PassageHead, PassageList } from './PassageList.tsx';

/** The chosen passage and those nearest to it. */
export function Neighbours() {
  const { t } = useText();
  const { documents, map } = useAppStore(state => state.search);
  const hasModel = useAppStore(state => state.model.current !== null);
  const { chosen, neighbours, neighbourFailure } = map;
  const doc = chosen && findPassage(documents, chosen);
  if (!chosen || !doc) return <p className={ui.hint}>{t.map.chooseHint}</p>;
  return (
    <section className={styles.part} aria-label={t.map.chosen}>
      <h2>{t.map.chosen}</h2>
      <div className={classes(ui.sheet, styles.card)}>
        <PassageHead doc={doc} passage={chosen.passage} />
        <p lang="fr" className={styles.text}>
          {passageText(doc, chosen.passage)}
        </p>
      </div>
      <h3>{t.map.neighbours}</h3>
      {neighbourFailure && (
        <FailureBox failure={neighbourFailure}>
          <Button onPress={() => void choose(chosen)}>{t.errors.retry}</Button>
        </FailureBox>
      )}
      {neighbours ? (
        <PassageList passages={neighbours} documents={documents} />
      ) : (
        !neighbourFailure && <p className={ui.hint}>{hasModel ? t.map.searching : t.map.noModel}</p>
      )}
    </section>
  );
}
