import { useId, useRef, useState } from 'react';
import { useText } from '../../i18n/use-text.ts';
import { formatNumber } from '../../lib/format.ts';
import { Button } from '../../ui/Button.tsx';
import { classes } from '../../ui/class-names.ts';
import ui from '../../ui/ui.module.css';
import { findPassage, passageText } from '../passages.ts';
import type { Doc, PassageRef } from '../state.ts';
import { choose } from './draw.ts';
import styles from './MapView.module.css';

interface PointListProps {
  refs: readonly PassageRef[];
  documents: readonly Doc[];
  /** The chosen point; −1 for none. */
  chosen: number;
  onNear: (point: number | null) => void;
}

/** Points that are listed at first, and with each press on « more ». */
const STEP = 200;
const PAGE = 10;

/** All points in words. The arrow keys go through them and ring each on the map; Enter, space or a press chooses one. */
export function PointList({ refs, documents, chosen, onNear }: PointListProps) {
  const { t, language } = useText();
  const id = useId();
  const box = useRef<HTMLDivElement>(null);
  const [most, setMost] = useState(STEP);
  const [at, setAt] = useState(0);
  const count = Math.min(most, refs.length);
  const active = Math.min(at, count - 1);
  const go = (point: number) => {
    const next = Math.max(0, Math.min(count - 1, point));
    setAt(next);
    onNear(next);
    box.current?.children[next]?.scrollIntoView?.({ block: 'nearest' });
  };
  const pick = (point: number) => {
    const ref = refs[point];
    if (ref) void choose(ref);
  };
  const onKeyDown = (event: React.KeyboardEvent) => {
    const goals: Record<string, number> = {
      ArrowDown: active + 1,
      ArrowUp: active - 1,
      PageDown: active + PAGE,
      PageUp: active - PAGE,
      Home: 0,
      End: count - 1,
    };
    const goal = goals[event.key];
    if (goal !== undefined) go(goal);
    else if (event.key === 'Enter' || event.key === ' ') pick(active);
    else return;
    event.preventDefault();
  };
  return (
    <div className={styles.points}>
      <span id={id} className={ui.label}>
        {t.map.points(formatNumber(refs.length, language))}
      </span>
      <div
        ref={box}
        role="listbox"
        tabIndex={0}
        aria-labelledby={id}
        aria-activedescendant={`${id}-${active}`}
        className={classes(ui.sheet, styles.listbox)}
        onKeyDown={onKeyDown}
        onFocus={() => onNear(active)}
        onBlur={() => onNear(null)}
      >
        {refs.slice(0, count).map((ref, point) => {
          const doc = findPassage(documents, ref);
          return (
            // biome-ignore lint/a11y/useFocusableInteractive: the list has the focus and names the option that is active.
            // biome-ignore lint/a11y/useKeyWithClickEvents: keys go to the list.
            <div
              key={`${ref.doc}/${ref.passage}`}
              id={`${id}-${point}`}
              role="option"
              aria-selected={point === chosen}
              aria-setsize={refs.length}
              aria-posinset={point + 1}
              data-active={point === active || undefined}
              className={styles.option}
              onClick={() => {
                setAt(point);
                pick(point);
              }}
              onMouseEnter={() => onNear(point)}
            >
              <span lang="fr" className={styles.line}>
                {doc && passageText(doc, ref.passage)}
              </span>
              <span className={ui.hint}>{doc?.name}</span>
            </div>
          );
        })}
      </div>
      {count < refs.length && (
        <Button look="quiet" onPress={() => setMost(most + STEP)}>
          {t.search.more(formatNumber(Math.min(STEP, refs.length - count), language))}
        </Button>
      )}
    </div>
  );
}
