import { Link2 } from 'lucide-react';
import { useEffect, useState } from 'react';
import { Dialog, Heading, Input, Label, Modal, ModalOverlay, TextField } from 'react-aria-components';
import { useText } from '../i18n/use-text.ts';
import { formatNumber } from '../lib/format.ts';
import { Button } from '../ui/Button.tsx';
import { CopyButton } from '../ui/CopyButton.tsx';
import { classes } from '../ui/class-names.ts';
import dialog from '../ui/dialog.module.css';
import ui from '../ui/ui.module.css';
import { LONG_LINK, linkOf, type Shared } from './link.ts';

/** Makes a link that holds `text`, when asked to, and warns of what that means before it can be copied. */
export function ShareButton({ text, what = 'text' }: { text: string; what?: Shared }) {
  const { t } = useText();
  const [isOpen, setOpen] = useState(false);
  return (
    <>
      <Button look="quiet" icon={Link2} isDisabled={text.trim() === ''} onPress={() => setOpen(true)}>
        {what === 'lesson' ? t.lesson.share : t.private.share.button}
      </Button>
      <ModalOverlay isOpen={isOpen} onOpenChange={setOpen} isDismissable className={dialog.overlay}>
        <Modal className={classes(ui.sheet, dialog.modal)}>
          <Dialog>
            <Share text={text} what={what} onClose={() => setOpen(false)} />
          </Dialog>
        </Modal>
      </ModalOverlay>
    </>
  );
}

type Made = { link: string } | 'making' | 'tooLong' | 'failed';

function Share({ text, what, onClose }: { text: string; what: Shared; onClose: () => void }) {
  const { t, language } = useText();
  const words = t.private.share;
  const [made, setMade] = useState<Made>('making');
  useEffect(() => {
    let isHere = true;
    linkOf(text, location.href, what).then(
      link => isHere && setMade(link === null ? 'tooLong' : { link }),
      () => isHere && setMade('failed'),
    );
    return () => {
      isHere = false;
    };
  }, [text, what]);
  const link = typeof made === 'object' ? made.link : null;
  return (
    <>
      <Heading slot="title" level={2}>
        {words.title}
      </Heading>
      <div className={dialog.modalBody}>
        <div className={classes(ui.notice, ui.warn)}>
          <p>{words.warning}</p>
        </div>
        <p>{location.protocol === 'file:' ? words.file : words.hash}</p>
        {link === null && made !== 'making' ? (
          <p role="alert">{made === 'tooLong' ? words.tooLong : words.failed}</p>
        ) : (
          <TextField isReadOnly value={link ?? words.making} className={ui.field}>
            <Label className={ui.label}>{words.field}</Label>
            <Input className={ui.input} onFocus={event => event.currentTarget.select()} />
          </TextField>
        )}
        {link !== null && link.length > LONG_LINK && <p className={ui.hint}>{words.long(formatNumber(link.length, language))}</p>}
      </div>
      <div className={dialog.modalActions}>
        <Button onPress={onClose}>{words.close}</Button>
        {link !== null && <CopyButton look="plain" label={words.copy} icon={Link2} text={() => link} />}
      </div>
    </>
  );
}
