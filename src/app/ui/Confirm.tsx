import type { ReactNode } from 'react';
import { Dialog, Heading, Modal, ModalOverlay } from 'react-aria-components';
import { classes } from './class-names.ts';
import dialog from './dialog.module.css';
import ui from './ui.module.css';

interface ConfirmProps {
  isOpen: boolean;
  title: string;
  /** Left by Escape or a press outside: nothing happens. */
  onClose: () => void;
  children: ReactNode;
  /** The buttons, the harmless one first. */
  actions: ReactNode;
}

/** Asks before something that cannot be undone. */
export function Confirm({ isOpen, title, onClose, children, actions }: ConfirmProps) {
  return (
    <ModalOverlay isOpen={isOpen} onOpenChange={open => !open && onClose()} isDismissable className={dialog.overlay}>
      <Modal className={classes(ui.sheet, dialog.modal)}>
        <Dialog role="alertdialog">
          <Heading slot="title" level={2}>
            {title}
          </Heading>
          <div className={dialog.modalBody}>{children}</div>
          <div className={dialog.modalActions}>{actions}</div>
        </Dialog>
      </Modal>
    </ModalOverlay>
  );
}
