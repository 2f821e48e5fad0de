import { useText } from '../../i18n/use-text.ts';
import { formatNumber } from '../../lib/format.ts';
import type { Groups } from './groups.ts';
import styles from './MapView.module.css';
import { colourOf, otherShape, shapes } from './shapes.ts';

/** Shape, colour, name and size of each group. */
export function Legend({ groups }: { groups: Groups }) {
  const { t, language } = useText();
  const rows = groups.names.map(({ name, count }, group) => ({ name, count, group }));
  if (groups.others > 0) rows.push({ name: t.map.others, count: groups.others, group: shapes.length });
  return (
    <ul className={styles.legend} aria-label={t.map.legend}>
      {rows.map(({ name, count, group }) => (
        <li key={group}>
          <svg viewBox="-6 -6 12 12" width="12" height="12" aria-hidden="true">
            <path d={shapes[group] ?? otherShape} fill={`var(${colourOf(group)})`} fillRule="evenodd" />
          </svg>
          <span className={styles.name}>{name}</span> ({formatNumber(count, language)})
        </li>
      ))}
    </ul>
  );
}
