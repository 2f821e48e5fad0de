import { Dialog, Heading, Modal, ModalOverlay } from 'react-aria-components';
import { useText } from '../i18n/use-text.ts';
import { changeSettings } from '../store/settings.ts';
import { useAppStore } from '../store/store.ts';
import { openShortcuts } from '../store/ui.ts';
import { Button } from '../ui/Button.tsx';
import { classes } from '../ui/class-names.ts';
import dialog from '../ui/dialog.module.css';
import { Toggle } from '../ui/Toggle.tsx';
import ui from '../ui/ui.module.css';
import { routes } from './route.ts';
import styles from './ShortcutsDialog.module.css';

export function ShortcutsDialog() {
  const { t } = useText();
  const isOpen = useAppStore(state => state.ui.shortcutsOpen);
  const singleKeys = useAppStore(state => state.settings.singleKeys);
  const always: [string[], string][] = [
    [['Ctrl', '↵'], t.shortcuts.run],
    [['Alt', 'M'], t.shortcuts.mask],
    [['Alt', 'E'], t.shortcuts.write],
    [['Ctrl', 'Z'], t.page.undo.undo],
    [['Esc'], t.shortcuts.escape],
  ];
  const single: [string[], string][] = [
    [routes.map((_, i) => `${i + 1}`), t.shortcuts.views],
    [['/'], t.shortcuts.focus],
    [['N', 'P'], t.shortcuts.jump],
    [['T'], t.shortcuts.theme],
    [['?'], t.shortcuts.help],
  ];
  return (
    <ModalOverlay isOpen={isOpen} onOpenChange={openShortcuts} isDismissable className={dialog.overlay}>
      <Modal className={classes(ui.sheet, dialog.modal)}>
        <Dialog>
          <Heading slot="title" level={2}>
            {t.shortcuts.title}
          </Heading>
          <dl className={styles.keys}>
            {[...always, ...(singleKeys ? single : [])].map(([keys, what]) => (
              <KeyLine key={what} keys={keys} what={what} />
            ))}
          </dl>
          <div className={dialog.modalFoot}>
            <div>
              <Toggle label={t.shortcuts.single} isOn={singleKeys} onChange={on => changeSettings({ singleKeys: on })} />
              <p>{t.shortcuts.singleHint}</p>
            </div>
            <Button look="primary" onPress={() => openShortcuts(false)}>
              {t.shortcuts.close}
            </Button>
          </div>
        </Dialog>
      </Modal>
    </ModalOverlay>
  );
}

function KeyLine({ keys, what }: { keys: string[]; what: string }) {
  const mac = /Mac|iPhone|iPad/.test(navigator.userAgent);
  const names: Record<string, string> = mac ? { Ctrl: '⌘', Alt: '⌥' } : {};
  return (
    <>
      <dt>
        {keys.map((key, i) => (
          <span key={key}>
            {i > 0 && ' '}
            <kbd>{names[key] ?? key}</kbd>
          </span>
        ))}
      </dt>
      <dd>{what}</dd>
    </>
  );
}
