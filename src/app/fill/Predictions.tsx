import { Braces, Scissors, Table } from 'lucide-react';
import { Group, Input, Label, NumberField, Button as Step } from 'react-aria-components';
import { useText } from '../i18n/use-text.ts';
import { formatDuration, formatNumber } from '../lib/format.ts';
import { fillingOf, fillText } from '../lib/words.ts';
import { Waiting } from '../parts/Waiting.tsx';
import { changeSettings, clampK } from '../store/settings.ts';
import { useAppStore } from '../store/store.ts';
import { Button } from '../ui/Button.tsx';
import { CopyButton } from '../ui/CopyButton.tsx';
import { classes } from '../ui/class-names.ts';
import { Empty } from '../ui/Empty.tsx';
import { FailureBox } from '../ui/FailureBox.tsx';
import { Toggle } from '../ui/Toggle.tsx';
import ui from '../ui/ui.module.css';
import { dropLastMasks, predict, setTruncate } from './fill.ts';
import { fillCsv, fillJson } from './fill-export.ts';
import { MaskCard } from './MaskCard.tsx';
import styles from './Predictions.module.css';
import type { FillResult, FillSlice } from './state.ts';

/** What the model says, or what is missing before it can say something. */
export function Predictions() {
  const { t } = useText();
  const fill = useAppStore(state => state.fill);

  if (fill.text.trim() === '') {
    return (
      <Empty title={t.fill.emptyTitle}>
        <p>{t.fill.emptyBody}</p>
      </Empty>
    );
  }
  if (fill.failure) return <FillFailure failure={fill.failure} />;
  if (fill.masks.length === 0) {
    return (
      <Empty title={t.fill.noMaskTitle}>
        <p>{t.fill.noMaskBody}</p>
      </Empty>
    );
  }
  if (!fill.result) return fill.held ? null : <Waiting />;
  return <Answer fill={fill} result={fill.result} />;
}

function FillFailure({ failure }: { failure: NonNullable<FillSlice['failure']> }) {
  const { t, language } = useText();
  const { reason, lost, tokens } = failure.details;
  if (reason === 'masks-cut' && typeof lost === 'number') {
    return (
      <FailureBox failure={failure}>
        <Button look="primary" onPress={() => setTruncate(false)}>
          {t.fill.noCut}
        </Button>
        <Button onPress={() => dropLastMasks(lost)}>{t.page.dropMasks(formatNumber(lost, language))}</Button>
      </FailureBox>
    );
  }
  // Beyond a number of characters the engine does not even count tokens, and cutting would not help.
  const canCut = failure.name === 'InputTooLongError' && typeof tokens === 'number';
  return (
    <FailureBox failure={failure}>
      {canCut ? (
        <Button look="primary" icon={Scissors} onPress={() => setTruncate(true)}>
          {t.fill.cut}
        </Button>
      ) : (
        failure.name !== 'InputTooLongError' && <Button onPress={() => void predict()}>{t.errors.retry}</Button>
      )}
    </FailureBox>
  );
}

function Answer({ fill, result }: { fill: FillSlice; result: FillResult }) {
  const { t, language } = useText();
  const { k, showIds } = useAppStore(state => state.settings);
  const report = useAppStore(state => state.model.report);
  const stale = fill.running || fill.text !== result.text;
  const wait = fill.held ? t.cost.held : t.fill.stale;

  const parts = fillText(
    result.text,
    result.masks,
    result.masks.map((mask, i) => {
      const index = fill.hovered?.mask === i ? fill.hovered.index : (fill.selected[i] ?? 0);
      const prediction = result.groups[i]?.[index];
      return prediction ? fillingOf(prediction, result.text, mask) : { word: '', glued: false };
    }),
  );

  return (
    <div className={styles.answer} data-stale={stale || undefined} aria-busy={stale && !fill.held}>
      <div className={classes(ui.sheet, styles.filled)}>
        <div className={styles.filledHead}>
          <h2 className={ui.label} id="filled-title">
            {t.fill.filled}
          </h2>
          <span className={styles.time}>{stale ? wait : t.fill.ranIn(formatDuration(result.elapsedMs, language))}</span>
        </div>
        {/* biome-ignore lint/a11y/useSemanticElements: an output element would read every hover aloud. */}
        <p lang="fr" role="group" aria-labelledby="filled-title" className={styles.filledText}>
          {parts.map((part, i) =>
            part.mask === null ? (
              // biome-ignore lint/suspicious/noArrayIndexKey: the place is the identity of a part.
              <span key={i}>{clip(part.text, i === 0, i === parts.length - 1)}</span>
            ) : (
              // biome-ignore lint/suspicious/noArrayIndexKey: as above.
              <mark key={i}>{part.text}</mark>
            ),
          )}
        </p>
        <div className={styles.actions}>
          <CopyButton label={t.fill.copySentence} text={() => parts.map(part => part.text).join('')} />
          <CopyButton label={t.fill.copyJson} icon={Braces} text={() => fillJson(result, fill.selected, report)} />
          <CopyButton label={t.fill.copyCsv} icon={Table} text={() => fillCsv(result, fill.selected, language, t)} />
        </div>
      </div>

      {fill.truncate && (
        <div className={classes(ui.notice, ui.warn)}>
          <p>{t.fill.cutNotice}</p>
          <div className={ui.noticeActions}>
            <Button onPress={() => setTruncate(false)}>{t.fill.noCut}</Button>
          </div>
        </div>
      )}

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
        <Toggle label={t.fill.showIds} isOn={showIds} onChange={on => changeSettings({ showIds: on })} />
      </div>

      {result.groups.length > 1 && <p className={classes(ui.hint, styles.independent)}>{t.fill.independent}</p>}
      <div className={styles.cards}>
        {result.groups.map((group, mask) => (
          <MaskCard key={`${result.masks[mask]?.start ?? mask}`} mask={mask} group={group} result={result} />
        ))}
      </div>
    </div>
  );
}

/** Long texts show only the surroundings of their masks. */
function clip(text: string, isFirst: boolean, isLast: boolean): string {
  const room = 240;
  if (text.length <= 2 * room) return text;
  const head = text.slice(0, room);
  const tail = text.slice(-room);
  if (isFirst) return `… ${tail}`;
  if (isLast) return `${head} …`;
  return `${head} … ${tail}`;
}
