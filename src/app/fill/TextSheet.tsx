import { Eraser, Eye, Play, SquareDashed } from 'lucide-react';
import type { RefObject } from 'react';
import { Input, Label, Text, TextArea, TextField } from 'react-aria-components';
import { useText } from '../i18n/use-text.ts';
import { fillExamples } from '../lib/examples.ts';
import { CostLine } from '../parts/Cost.tsx';
import { KeepText, StepNote, UndoButtons } from '../parts/Undo.tsx';
import { ShareButton } from '../share/ShareButton.tsx';
import { useAppStore } from '../store/store.ts';
import { Button } from '../ui/Button.tsx';
import { classes } from '../ui/class-names.ts';
import { Segmented } from '../ui/Segmented.tsx';
import { Toggle } from '../ui/Toggle.tsx';
import ui from '../ui/ui.module.css';
import { setFill, setOwnWords, setText, showHidden } from './fill.ts';
import { setGuessing } from './guess.ts';
import { LivingText } from './LivingText.tsx';
import { predict } from './predict.ts';
import ruled from './ruled.module.css';
import { TextNotes } from './TextNotes.tsx';
import styles from './TextSheet.module.css';

interface TextSheetProps {
  area: RefObject<HTMLTextAreaElement | null>;
  onInsertMask: () => void;
  onWrite: (writing: boolean) => void;
}

/** The one sheet: the text, which is written or whose words are hidden; below it examples, own words, and what may be switched on. */
export function TextSheet({ area, onInsertMask, onWrite }: TextSheetProps) {
  const { t, language } = useText();
  const { text, masks, ownWords, cost, writing, oneAtATime, guess } = useAppStore(state => state.fill);
  const hasModel = useAppStore(state => state.model.current !== null);
  const ready = hasModel && masks.length > 0;
  return (
    <div className={styles.writing}>
      <div className={classes(ui.sheet, styles.sheet)}>
        <div className={styles.head}>
          <span id="sheet-label" className={ui.label}>
            {t.fill.text}
          </span>
          <Segmented
            label={t.fill.mode}
            value={writing ? 'write' : 'hide'}
            options={[
              { value: 'hide', name: t.fill.modeHide, shown: t.fill.modeHide },
              { value: 'write', name: t.fill.modeWrite, shown: t.fill.modeWrite },
            ]}
            onChange={mode => onWrite(mode === 'write')}
          />
        </div>
        {writing || text === '' ? (
          <TextField value={text} onChange={value => setText(value)} aria-labelledby="sheet-label" className={styles.textField}>
            <TextArea
              ref={area}
              lang="fr"
              rows={4}
              spellCheck={false}
              autoComplete="off"
              placeholder={t.fill.placeholder}
              className={classes(ruled.page, styles.area)}
              data-main-field
              data-writing
            />
            <Text slot="description" className={classes(ui.hint, ruled.below)}>
              {t.fill.textHint}
            </Text>
          </TextField>
        ) : (
          <LivingText />
        )}
        <TextNotes />
        <div className={styles.toolbar}>
          {writing ? (
            <Button icon={SquareDashed} onPress={onInsertMask}>
              {t.fill.insertMask}
            </Button>
          ) : (
            <Button icon={Eye} isDisabled={!masks.some(mask => mask.word !== null)} onPress={showHidden}>
              {t.fill.showAll}
            </Button>
          )}
          <Button look="quiet" icon={Eraser} isDisabled={text === ''} onPress={() => setText('', 'clear')}>
            {t.fill.clear}
          </Button>
          <UndoButtons view="fill" />
          <ShareButton text={text} />
          <Button look="primary" icon={Play} isDisabled={!ready} onPress={() => void predict()}>
            {t.fill.run}
          </Button>
        </div>
        <StepNote view="fill" />
        {ready && cost && (
          <div className={styles.costRow}>
            <CostLine cost={cost} />
          </div>
        )}
      </div>
      <fieldset className={styles.examples}>
        <legend className={ui.label}>{t.fill.examples}</legend>
        {fillExamples.map(example => (
          <Button key={example.text} look="chip" onPress={() => setText(example.text, 'example')}>
            {example.label[language]}
          </Button>
        ))}
      </fieldset>
      <TextField value={ownWords} onChange={setOwnWords} className={ui.field}>
        <Label className={ui.label}>{t.fill.ownWords}</Label>
        <Input lang="fr" spellCheck={false} autoComplete="off" placeholder={t.fill.ownWordsPlaceholder} className={ui.input} data-writing />
        <Text slot="description" className={ui.hint}>
          {t.fill.ownWordsHint}
        </Text>
      </TextField>
      <div className={styles.switches}>
        <Toggle label={t.fill.oneAtATime} isOn={oneAtATime} onChange={on => setFill({ oneAtATime: on })} />
        <Toggle label={t.fill.guessFirst} isOn={guess !== null} onChange={setGuessing} />
        <KeepText />
      </div>
    </div>
  );
}
