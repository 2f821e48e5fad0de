import { ListBox, ListBoxItem } from 'react-aria-components';
import { useText } from '../i18n/use-text.ts';
import { formatNumber, formatProbability } from '../lib/format.ts';
import { useAppStore } from '../store/store.ts';
import { classes } from '../ui/class-names.ts';
import ui from '../ui/ui.module.css';
import { selectWord, setFill } from './fill.ts';
import type { FillResult } from './state.ts';
import styles from './WordBars.module.css';

/** The best words of a mask as bars, with one for all others, so that they add up to 100 %. */
export function WordBars({ mask, result, label }: { mask: number; result: FillResult; label: string }) {
  const { t, language } = useText();
  const showIds = useAppStore(state => state.settings.showIds);
  const selected = useAppStore(state => state.fill.selected[mask] ?? 0);
  const isApplied = useAppStore(state => state.fill.applied !== null);
  const group = result.groups[mask] ?? [];
  const ranks = result.ranks[mask] ?? [];
  const hiddenWord = result.masks[mask]?.slot ? null : (result.masks[mask]?.word ?? null);
  const rest = result.rest[mask] ?? 0;
  if (group.length === 0) return <p className={ui.hint}>{t.fill.noneLeft}</p>;
  return (
    <div className={styles.rows}>
      <ListBox
        aria-label={label}
        selectionMode="single"
        disallowEmptySelection={!isApplied}
        selectedKeys={isApplied ? [] : [String(selected)]}
        onSelectionChange={keys => {
          if (keys === 'all') return;
          for (const key of keys) selectWord(mask, Number(key));
        }}
        className={styles.bars}
      >
        {group.map((prediction, index) => (
          <ListBoxItem
            // The place is the id: react-aria allows no item to change its id, and a word changes its place when the text changes.
            key={String(index)}
            id={String(index)}
            textValue={prediction.token_str}
            onHoverStart={() => setFill({ hovered: { mask, index } })}
            onHoverEnd={() => setFill({ hovered: null })}
            className={styles.row}
          >
            <span lang="fr" className={styles.rowWord}>
              {prediction.token_str}
              {prediction.token_str === hiddenWord && (
                <>
                  <Spoken>, </Spoken>
                  <small>{t.fill.hidden}</small>
                </>
              )}
              {ranks[index] !== index + 1 && (
                <>
                  <Spoken>, </Spoken>
                  <small>{t.fill.rankOf(formatNumber(ranks[index] ?? 0, language))}</small>
                </>
              )}
              {showIds && (
                <>
                  <Spoken>, token </Spoken>
                  <small className={styles.id}>{prediction.token}</small>
                </>
              )}
            </span>
            <Bar share={prediction.score} />
            <span className={styles.share}>
              <Spoken>, </Spoken>
              {formatProbability(prediction.score, language)}
            </span>
          </ListBoxItem>
        ))}
      </ListBox>
      <div className={classes(styles.row, styles.rest)}>
        <span className={styles.rowWord}>{t.fill.rest}</span>
        <Bar share={rest} />
        <span className={styles.share}>{formatProbability(rest, language)}</span>
      </div>
    </div>
  );
}

/** Separates parts that only their places on the page keep apart, so that a screen reader does not read them as one word. */
function Spoken({ children }: { children: string }) {
  return <span className={ui.visuallyHidden}>{children}</span>;
}

function Bar({ share }: { share: number }) {
  return (
    <span aria-hidden className={styles.track}>
      <span className={styles.bar} style={{ inlineSize: `${(share * 100).toFixed(3)}%` }} />
    </span>
  );
}
