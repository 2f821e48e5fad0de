import { ShieldCheck } from 'lucide-react';
import { useState } from 'react';
import { Dialog, Heading, Modal, ModalOverlay } from 'react-aria-components';
import { useText } from '../i18n/use-text.ts';
import { Button } from '../ui/Button.tsx';
import { classes } from '../ui/class-names.ts';
import dialog from '../ui/dialog.module.css';
import ui from '../ui/ui.module.css';
import { DeleteMine } from './DeleteMine.tsx';
import styles from './Privacy.module.css';
import { Requests } from './Requests.tsx';
import { Stored } from './Stored.tsx';
import { useStored } from './use-stored.ts';

/** Opens the panel that shows what stays on this machine, what the page asked for, and deletes what is kept. */
export function PrivacyButton() {
  const { t } = useText();
  const [isOpen, setOpen] = useState(false);
  return (
    <>
      <Button look="quiet" icon={ShieldCheck} onPress={() => setOpen(true)}>
        {t.private.open}
      </Button>
      <ModalOverlay isOpen={isOpen} onOpenChange={setOpen} isDismissable className={dialog.overlay}>
        <Modal className={classes(ui.sheet, dialog.modal, styles.panel)}>
          <Dialog>
            <Panel onClose={() => setOpen(false)} />
          </Dialog>
        </Modal>
      </ModalOverlay>
    </>
  );
}

function Panel({ onClose }: { onClose: () => void }) {
  const { t } = useText();
  const { stored, again } = useStored();
  return (
    <>
      <Heading slot="title" level={2}>
        {t.private.title}
      </Heading>
      <div className={styles.parts}>
        <section>
          {t.private.here.map(line => (
            <p key={line}>{line}</p>
          ))}
        </section>
        <Requests />
        <Stored stored={stored} />
        <DeleteMine stored={stored} onDeleted={again} />
      </div>
      <div className={classes(dialog.modalActions, styles.foot)}>
        <Button look="primary" onPress={onClose}>
          {t.private.close}
        </Button>
      </div>
    </>
  );
}
