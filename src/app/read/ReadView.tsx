import { Eraser, FolderOpen, Play } from 'lucide-react';
import { useRef } from 'react';
import { FileTrigger, TextArea, TextField } from 'react-aria-components';
import { flushSync } from 'react-dom';
import { useText } from '../i18n/use-text.ts';
import { whatIs } from '../lib/dropped.ts';
import { readExample } from '../lib/examples.ts';
import { Decomposed } from '../parts/Decomposed.tsx';
import { KeepText, StepNote, UndoButtons, useUndoKeys } from '../parts/Undo.tsx';
import { appState, patch, useAppStore } from '../store/store.ts';
import { Button } from '../ui/Button.tsx';
import { classes } from '../ui/class-names.ts';
import { Segmented } from '../ui/Segmented.tsx';
import ui from '../ui/ui.module.css';
import { Findings } from './Findings.tsx';
import { HeatText } from './HeatText.tsx';
import { ModeChoice } from './ModeChoice.tsx';
import styles from './ReadView.module.css';
import { jump, readText, setRead, setReadText } from './read.ts';

/** A long text with every word shaded by how much it surprises the model. */
export function ReadView() {
  const { t } = useText();
  const { text, writing, failure } = useAppStore(state => state.read);
  const hasModel = useAppStore(state => state.model.current !== null);
  const area = useRef<HTMLTextAreaElement>(null);
  useUndoKeys('read');

  const write = (on: boolean) => {
    flushSync(() => setRead({ writing: on }));
    if (on) area.current?.focus();
  };
  const open = async (files: FileList | null) => {
    const [file] = files ?? [];
    if (!file) return;
    const dropped = await whatIs([{ path: file.name, blob: file }]);
    // What is no text, or has an encoding that was guessed, is spoken of first, as for a dropped file.
    if (dropped.kind === 'texts' && !dropped.guessed) setReadText(dropped.texts[0]?.text ?? '', 'file');
    else patch('ui', { dropped });
  };
  const onKeyDown = (event: React.KeyboardEvent) => {
    const isWriting = event.target instanceof HTMLTextAreaElement || event.target instanceof HTMLInputElement;
    if ((event.ctrlKey || event.metaKey) && event.key === 'Enter') void readText();
    else if (event.key === 'Escape' && event.target === area.current && text !== '') write(false);
    else if (
      appState().settings.singleKeys &&
      !isWriting &&
      !event.ctrlKey &&
      !event.metaKey &&
      !event.altKey &&
      (event.key === 'n' || event.key === 'p')
    ) {
      if (!jump(event.key === 'n' ? 1 : -1)) return;
    } else return;
    event.preventDefault();
  };

  return (
    // biome-ignore lint/a11y/noStaticElementInteractions: shortcuts of the view; each has a button too.
    <div className={styles.columns} onKeyDown={onKeyDown}>
      <div className={styles.left}>
        <ModeChoice />
        <div className={classes(ui.sheet, styles.sheet)}>
          <div className={styles.head}>
            <span id="read-label" className={ui.label}>
              {t.fill.text}
            </span>
            <Segmented
              label={t.fill.mode}
              value={writing ? 'write' : 'read'}
              options={[
                { value: 'read', name: t.read.modeRead, shown: t.read.modeRead },
                { value: 'write', name: t.fill.modeWrite, shown: t.fill.modeWrite },
              ]}
              onChange={mode => write(mode === 'write')}
            />
          </div>
          {writing || text === '' ? (
            <TextField value={text} onChange={value => setReadText(value)} aria-labelledby="read-label">
              <TextArea
                ref={area}
                lang="fr"
                spellCheck={false}
                autoComplete="off"
                placeholder={t.read.placeholder}
                className={styles.area}
                data-main-field
                data-writing
              />
            </TextField>
          ) : (
            <HeatText />
          )}
          <Decomposed text={text} className={styles.note} onCompose={composed => setReadText(composed, 'compose')} />
          <div className={styles.toolbar}>
            <FileTrigger acceptedFileTypes={['.txt', '.text', '.md', 'text/plain']} onSelect={files => void open(files)}>
              <Button icon={FolderOpen}>{t.read.open}</Button>
            </FileTrigger>
            <Button look="quiet" icon={Eraser} isDisabled={text === ''} onPress={() => setReadText('', 'clear')}>
              {t.fill.clear}
            </Button>
            <UndoButtons view="read" />
            <Button look="primary" icon={Play} isDisabled={!hasModel || text.trim() === ''} onPress={() => void readText()}>
              {t.read.run}
            </Button>
          </div>
          <StepNote view="read" />
        </div>
        <p className={styles.example}>
          <Button look="chip" onPress={() => setReadText(readExample, 'example')}>
            {t.read.example}
          </Button>
        </p>
        <KeepText />
      </div>
      <Findings failure={failure} />
    </div>
  );
}
