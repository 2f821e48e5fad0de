import { Crosshair } from 'lucide-react';
import { useState } from 'react';
import { Dialog, Heading, Label, Modal, ModalOverlay, Radio, RadioGroup, Text, TextArea, TextField } from 'react-aria-components';
import type { LibraryModel } from '../../library/types.ts';
import { useText } from '../i18n/use-text.ts';
import { Button } from '../ui/Button.tsx';
import { classes } from '../ui/class-names.ts';
import dialog from '../ui/dialog.module.css';
import ui from '../ui/ui.module.css';
import { calibrateEntry } from './library.ts';
import radio from './radio.module.css';

const MOST_CHARACTERS = 1_000_000;

/** Asks which texts a calibrated q4 copy of the entry is fitted to, and starts it. */
export function CalibrateButton({ entry, isDisabled }: { entry: LibraryModel; isDisabled: boolean }) {
  const { t } = useText();
  const [isOpen, setOpen] = useState(false);
  return (
    <>
      <Button
        look="quiet"
        icon={Crosshair}
        aria-label={t.library.actionsFor(t.library.calibrate.open, entry.name)}
        isDisabled={isDisabled}
        onPress={() => setOpen(true)}
      >
        {t.library.calibrate.open}
      </Button>
      <ModalOverlay isOpen={isOpen} onOpenChange={setOpen} isDismissable className={dialog.overlay}>
        <Modal className={classes(ui.sheet, dialog.modal)}>
          <Dialog>
            <Choice entry={entry} onClose={() => setOpen(false)} />
          </Dialog>
        </Modal>
      </ModalOverlay>
    </>
  );
}

function Choice({ entry, onClose }: { entry: LibraryModel; onClose: () => void }) {
  const { t } = useText();
  const [own, setOwn] = useState(false);
  const [text, setText] = useState('');
  const texts = text.split(/\r\n|\r|\n/).filter(line => line.trim() !== '');
  const isLong = text.length > MOST_CHARACTERS;
  return (
    <>
      <Heading slot="title" level={2}>
        {t.library.calibrate.title(entry.name)}
      </Heading>
      <div className={dialog.modalBody}>
        <p>{t.library.calibrate.body}</p>
        <RadioGroup value={own ? 'own' : 'builtin'} onChange={value => setOwn(value === 'own')} className={radio.precision}>
          <Label className={ui.label}>{t.library.calibrate.texts}</Label>
          {(['builtin', 'own'] as const).map(value => (
            <Radio key={value} value={value} className={radio.smallChoice}>
              <span aria-hidden className={radio.dot} />
              {t.library.calibrate[value]}
            </Radio>
          ))}
        </RadioGroup>
        {own && (
          <TextField value={text} onChange={setText} isInvalid={isLong} className={ui.field}>
            <Label className={ui.label}>{t.library.calibrate.ownLabel}</Label>
            <TextArea lang="fr" rows={6} spellCheck={false} autoComplete="off" className={ui.input} data-writing />
            <Text slot="description" className={ui.hint}>
              {isLong ? t.library.calibrate.tooLong : t.library.calibrate.ownHint}
            </Text>
          </TextField>
        )}
      </div>
      <div className={dialog.modalActions}>
        <Button onPress={onClose}>{t.library.calibrate.cancel}</Button>
        <Button
          look="primary"
          icon={Crosshair}
          isDisabled={own && (texts.length === 0 || isLong)}
          onPress={() => {
            onClose();
            void calibrateEntry(entry, own ? texts : null);
          }}
        >
          {t.library.calibrate.start}
        </Button>
      </div>
    </>
  );
}
