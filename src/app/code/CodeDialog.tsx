import { Dialog, Heading, Modal, ModalOverlay, Tab, TabList, TabPanel, Tabs } from 'react-aria-components';
import { useText } from '../i18n/use-text.ts';
import { useAppStore } from '../store/store.ts';
import { Button } from '../ui/Button.tsx';
import { CopyButton } from '../ui/CopyButton.tsx';
import { classes } from '../ui/class-names.ts';
import dialog from '../ui/dialog.module.css';
import ui from '../ui/ui.module.css';
import styles from './Code.module.css';
import { toCommand } from './command.ts';
import { toJavaScript } from './javascript.ts';
import { toPython } from './python.ts';
import { type CodeRoute, type Screen, screenOf } from './screen.ts';

const writers = { javascript: toJavaScript, command: toCommand, python: toPython } as const;
type CodeLanguage = keyof typeof writers;
const languages = ['javascript', 'command', 'python'] as const satisfies readonly CodeLanguage[];

/** The screen of `route` in three languages, each with what has to be known to run it. */
export default function CodeDialog({ route, onClose }: { route: CodeRoute; onClose: () => void }) {
  const { t } = useText();
  const screen = screenOf(useAppStore(), route);
  return (
    <ModalOverlay isOpen onOpenChange={open => !open && onClose()} isDismissable className={dialog.overlay}>
      <Modal className={classes(ui.sheet, dialog.modal, styles.modal)}>
        <Dialog>
          <Heading slot="title" level={2}>
            {t.code.title}
          </Heading>
          <p className={ui.hint}>{screen.isExample ? t.code.isExample : t.code.holdsText}</p>
          {screen.lacksMask && <p className={classes(ui.notice, ui.warn)}>{t.code.lacksMask}</p>}
          <Tabs className={styles.tabs}>
            <TabList aria-label={t.code.tabs} className={styles.tabList}>
              {languages.map(language => (
                <Tab key={language} id={language} className={styles.tab}>
                  {t.code[language]}
                </Tab>
              ))}
            </TabList>
            {languages.map(language => (
              <TabPanel key={language} id={language} className={styles.panel}>
                <CodePanel screen={screen} language={language} />
              </TabPanel>
            ))}
          </Tabs>
          <div className={dialog.modalActions}>
            <Button onPress={onClose}>{t.code.close}</Button>
          </div>
        </Dialog>
      </Modal>
    </ModalOverlay>
  );
}

function CodePanel({ screen, language }: { screen: Screen; language: CodeLanguage }) {
  const { t } = useText();
  const code = writers[language](screen);
  return (
    <>
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: it scrolls sideways, by keyboard too. */}
      <section className={styles.code} tabIndex={0} aria-label={t.code[language]} lang="en" translate="no">
        <pre>
          <code>{code}</code>
        </pre>
      </section>
      <CopyButton look="plain" label={t.code.copy} text={() => code} />
      <Notes screen={screen} language={language} />
    </>
  );
}

function Notes({ screen: { model, request }, language }: { screen: Screen; language: CodeLanguage }) {
  const { t } = useText();
  const hubUrl = useAppStore(state => state.settings.hubUrl);
  const isVectors = request.kind === 'embed' || request.kind === 'search';
  const install = language === 'python' && isVectors && model.isSentence ? 'sentence' : language;
  const notes = [t.code.install[install]];
  if (hubUrl !== '' && model.name !== null && !model.isFolder) notes.push(t.code.hub(hubUrl));
  if (language === 'python' && model.isFolder && model.name !== model.python) notes.push(t.code.pythonAddress);
  if (model.isFolder && model.name === model.python) notes.push(t.code.folder);
  if (language === 'python' && model.dtype !== null && model.dtype !== 'f32') notes.push(t.code.precision(model.dtype));
  if (language === 'command' && request.kind === 'fill' && request.targets.length > 0) notes.push(t.code.targetsNote);
  if (language === 'command' && request.kind === 'read') notes.push(t.code.readCommand);
  if (request.kind === 'search') notes.push(t.code.searchNote);
  if (language === 'command' && request.kind === 'search') notes.push(t.code.searchCommand);
  return (
    <ul className={styles.notes}>
      {notes.map(note => (
        <li key={note}>{note}</li>
      ))}
    </ul>
  );
}
