import { useMemo, useState } from 'react';
import { Label, TextArea, TextField } from 'react-aria-components';
import { findMasks } from '../../../text/masks.ts';
import { useText } from '../../i18n/use-text.ts';
import { formatDuration, formatNumber, formatProbability } from '../../lib/format.ts';
import { useAppStore } from '../../store/store.ts';
import { Button } from '../../ui/Button.tsx';
import { classes } from '../../ui/class-names.ts';
import { Empty } from '../../ui/Empty.tsx';
import { FailureBox } from '../../ui/FailureBox.tsx';
import { Segmented } from '../../ui/Segmented.tsx';
import ui from '../../ui/ui.module.css';
import styles from './PairView.module.css';
import { comparePair, differences, type PairWord, presets, setPair } from './pair.ts';
import { Scatter } from './Scatter.tsx';
import type { PairResult } from './state.ts';

/** Two sentences that differ in one thing, and which words the model expects in one rather than in the other. */
export function PairView() {
  const { t, language } = useText();
  const { a, b, result, failure, running } = useAppStore(state => state.pair);
  const missing = [a, b].some(text => findMasks(text).length === 0);
  return (
    <div className={styles.view}>
      <div className={styles.sentences}>
        <Sentence name={t.fill.pair.a} value={a} onChange={value => setPair({ a: value })} isMain />
        <Sentence name={t.fill.pair.b} value={b} onChange={value => setPair({ b: value })} />
      </div>
      <fieldset className={styles.presets}>
        <legend className={ui.label}>{t.fill.examples}</legend>
        {presets.map(preset => (
          <Button key={preset.a} look="chip" onPress={() => setPair({ a: preset.a, b: preset.b })}>
            {preset.label[language]}
          </Button>
        ))}
      </fieldset>
      {failure && (
        <FailureBox failure={failure}>
          <Button onPress={() => void comparePair()}>{t.errors.retry}</Button>
        </FailureBox>
      )}
      {!failure && missing && (
        <Empty title={t.fill.pair.emptyTitle}>
          <p>{t.fill.pair.emptyBody}</p>
        </Empty>
      )}
      {!failure &&
        !missing &&
        (result ? <Answer result={result} isStale={running || result.a !== a || result.b !== b} /> : <p>{t.fill.stale}</p>)}
    </div>
  );
}

function Sentence({ name, value, onChange, isMain }: { name: string; value: string; onChange: (value: string) => void; isMain?: boolean }) {
  const { t } = useText();
  return (
    <TextField value={value} onChange={onChange} className={classes(ui.sheet, styles.sentence)}>
      <Label className={ui.label}>{name}</Label>
      <TextArea lang="fr" rows={2} spellCheck={false} placeholder={t.fill.pair.placeholder} data-main-field={isMain} />
    </TextField>
  );
}

/** 0: the whole vocabulary. */
const amounts = ['30', '200', '1000', '0'] as const;
const LISTED = 12;

function Answer({ result, isStale }: { result: PairResult; isStale: boolean }) {
  const { t, language } = useText();
  const [most, setMost] = useState<(typeof amounts)[number]>('200');
  const { likeliest, moreInA, moreInB } = useMemo(() => differences(result, Number(most), LISTED), [result, most]);
  const name = (amount: string) => (amount === '0' ? t.fill.pair.all : formatNumber(Number(amount), language));
  return (
    <section aria-label={t.fill.results} aria-busy={isStale} className={styles.answer} data-stale={isStale || undefined}>
      <div className={styles.bar}>
        <Segmented
          label={t.fill.pair.most}
          value={most}
          options={amounts.map(value => ({ value, name: name(value), shown: name(value) }))}
          onChange={setMost}
        />
        <span className={ui.hint}>{isStale ? t.fill.stale : t.fill.ranIn(formatDuration(result.elapsedMs, language))}</span>
      </div>
      <div className={styles.columns}>
        <Scatter words={likeliest} />
        <div className={styles.lists}>
          <Differences title={t.fill.pair.moreIn('A')} words={moreInA} />
          <Differences title={t.fill.pair.moreIn('B')} words={moreInB} />
        </div>
      </div>
      <p className={ui.hint}>{t.fill.pair.hint}</p>
    </section>
  );
}

function Differences({ title, words }: { title: string; words: readonly PairWord[] }) {
  const { t, language } = useText();
  const ratio = ({ logA, logB }: PairWord) => formatNumber(Math.exp(Math.abs(logA - logB)), language, 1);
  return (
    <table className={styles.table}>
      <caption>{title}</caption>
      <thead>
        <tr>
          <th scope="col">{t.fill.word}</th>
          <th scope="col">A</th>
          <th scope="col">B</th>
          <th scope="col">{t.fill.pair.ratio}</th>
        </tr>
      </thead>
      <tbody>
        {words.map(each => (
          <tr key={each.id}>
            <th scope="row" lang="fr">
              {each.word}
            </th>
            <td>{formatProbability(Math.exp(each.logA), language)}</td>
            <td>{formatProbability(Math.exp(each.logB), language)}</td>
            <td>× {ratio(each)}</td>
          </tr>
        ))}
        {words.length === 0 && (
          <tr>
            <td colSpan={4}>{t.fill.pair.none}</td>
          </tr>
        )}
      </tbody>
    </table>
  );
}
