import { Eraser, Play, SquareDashed } from 'lucide-react';
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
import ui from '../ui/ui.module.css';
import { predict, setOwnWords, setText } from './fill.ts';
import styles from './TextSheet.module.css';
import { WordStrip } from './WordStrip.tsx';

interface TextSheetProps {
  area: RefObject<HTMLTextAreaElement | null>;
  onInsertMask: () => void;
  onGoToMask: (index: number) => void;
}

/** The ruled sheet: text field, words to hide, examples, own words. */
export function TextSheet({ area, onInsertMask, onGoToMask }: TextSheetProps) {
  const { t, language } = useText();
  const text = useAppStore(state => state.fill.text);
  const ownWords = useAppStore(state => state.fill.ownWords);
  const cost = useAppStore(state => state.fill.cost);
  const ready = useAppStore(state => state.model.current !== null && state.fill.masks.length > 0);
  return (
    <div className={styles.writing}>
      <div className={classes(ui.sheet, styles.sheet)}>
        <TextField value={text} onChange={value => setText(value)} className={styles.textField}>
          <Label className={classes(ui.label, styles.textLabel)}>{t.fill.text}</Label>
          <TextArea
            ref={area}
            lang="fr"
            rows={4}
            spellCheck={false}
            autoComplete="off"
            placeholder={t.fill.placeholder}
            className={styles.area}
            data-main-field
            data-writing
          />
          <Text slot="description" className={ui.visuallyHidden}>
            {t.fill.textHint}
          </Text>
        </TextField>
        <div className={styles.toolbar}>
          <Button icon={SquareDashed} onPress={onInsertMask}>
            {t.fill.insertMask}
          </Button>
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
        {text !== '' && <WordStrip onGoToMask={onGoToMask} />}
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
      <KeepText />
    </div>
  );
}
