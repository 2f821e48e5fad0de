import { Link2 } from 'lucide-react';
import { ListBox, ListBoxItem } from 'react-aria-components';
import { useText } from '../i18n/use-text.ts';
import { formatNumber, formatProbability } from '../lib/format.ts';
import { useAppStore } from '../store/store.ts';
import { Button } from '../ui/Button.tsx';
import { classes } from '../ui/class-names.ts';
import { FailureBox } from '../ui/FailureBox.tsx';
import ui from '../ui/ui.module.css';
import { applyJoint } from './fill.ts';
import styles from './JointPanel.module.css';
import { MOST_JOINT, searchJointly } from './joint.ts';
import type { FillResult } from './state.ts';

/** Words for all masks that go together, apart from what each mask gets by itself. */
export function JointPanel({ result }: { result: FillResult }) {
  const { t, language } = useText();
  const { joint, applied } = useAppStore(state => state.fill);
  const count = result.masks.length;
  if (count < 2) return null;
  return (
    <section className={classes(ui.sheet, styles.panel)} aria-labelledby="joint-title">
      <h2 id="joint-title">{t.fill.joint}</h2>
      <p className={ui.hint}>{count > MOST_JOINT ? t.fill.jointTooMany(formatNumber(MOST_JOINT, language)) : t.fill.jointHint}</p>
      {count <= MOST_JOINT && !joint && (
        <Button icon={Link2} onPress={() => searchJointly('asked')} isDisabled={result.truncated}>
          {t.fill.jointGo}
        </Button>
      )}
      {joint?.failure && <FailureBox failure={joint.failure} />}
      {joint && !joint.failure && !joint.fillings && <p className={styles.wait}>{t.fill.stale}</p>}
      {joint?.fillings && (
        <ListBox
          aria-label={t.fill.joint}
          selectionMode="single"
          selectedKeys={applied === null ? [] : [String(applied)]}
          onSelectionChange={keys => {
            const [key] = keys === 'all' ? [] : keys;
            applyJoint(key === undefined ? null : Number(key));
          }}
          className={styles.list}
        >
          {joint.fillings.map((filling, i) => {
            const words = wordsOf(filling.words);
            return (
              <ListBoxItem key={String(i)} id={String(i)} textValue={words.join(' · ')} className={styles.row}>
                <span lang="fr">{words.join(' · ')}</span>
                <span className={styles.share}>{formatProbability(Math.exp(filling.logProb), language)}</span>
              </ListBoxItem>
            );
          })}
        </ListBox>
      )}
    </section>
  );
}

/** A piece that continues the word before it is written with it. */
function wordsOf(words: readonly { token_str: string }[]): string[] {
  const joined: string[] = [];
  for (const { token_str } of words) {
    if (token_str.startsWith('##') && joined.length > 0) joined.push(`${joined.pop()}${token_str.slice(2)}`);
    else joined.push(token_str.trim());
  }
  return joined;
}
