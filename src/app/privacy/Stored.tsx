import { useText } from '../i18n/use-text.ts';
import { formatBytes } from '../lib/format.ts';
import ui from '../ui/ui.module.css';
import styles from './Privacy.module.css';
import { type Stored as StoredPart, storedKinds } from './stored.ts';

/** What this browser keeps for the page, with sizes. Each line has its place before it is measured. */
export function Stored({ stored }: { stored: readonly StoredPart[] | null }) {
  const { t, language } = useText();
  const words = t.private.stored;
  const size = (part: StoredPart | undefined) => {
    if (!part) return '…';
    if (part.refused) return words.refused;
    if (part.bytes === null) return words.unknown;
    return part.bytes === 0 ? words.nothing : formatBytes(part.bytes, language);
  };
  return (
    <section aria-labelledby="privacy-stored">
      <h3 id="privacy-stored">{words.title}</h3>
      <dl className={styles.stored}>
        {storedKinds.map(kind => (
          <div key={kind}>
            <dt>{words.kinds[kind]}</dt>
            <dd>{size(stored?.find(each => each.kind === kind))}</dd>
          </div>
        ))}
      </dl>
      {location.protocol === 'file:' && <p className={ui.hint}>{words.fileShared}</p>}
    </section>
  );
}
