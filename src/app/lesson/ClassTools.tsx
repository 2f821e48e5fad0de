import { FileDown, GraduationCap } from 'lucide-react';
import { FileTrigger } from 'react-aria-components';
import { useText } from '../i18n/use-text.ts';
import { ShareButton } from '../share/ShareButton.tsx';
import { changeSettings } from '../store/settings.ts';
import { useAppStore } from '../store/store.ts';
import { Button } from '../ui/Button.tsx';
import { Toggle } from '../ui/Toggle.tsx';
import ui from '../ui/ui.module.css';
import styles from './Lesson.module.css';
import { openFile, presentLesson, saveLesson } from './lesson.ts';
import { lessonText } from './lesson-file.ts';

/** Below the sheet: a lesson from a file, the present sentences into one, and large type. */
export function ClassTools() {
  const { t } = useText();
  const hasModel = useAppStore(state => state.model.current !== null);
  const largeType = useAppStore(state => state.settings.largeType);
  /** Empty: nothing is hidden. */
  const file = useAppStore(() => {
    const lesson = presentLesson();
    return lesson.sentences.length > 0 ? lessonText(lesson) : '';
  });
  const canSave = file !== '';
  const open = (files: FileList | null) => {
    const [file] = files ?? [];
    if (file) void openFile(file);
  };
  return (
    <section aria-labelledby="class-tools" className={styles.tools}>
      <h2 id="class-tools" className={ui.label}>
        {t.lesson.tools}
      </h2>
      <div className={styles.buttons}>
        <FileTrigger acceptedFileTypes={['.txt', '.text', '.md', 'text/plain']} onSelect={open}>
          <Button icon={GraduationCap} isDisabled={!hasModel}>
            {t.lesson.open}
          </Button>
        </FileTrigger>
        <Button icon={FileDown} isDisabled={!canSave} onPress={saveLesson}>
          {t.lesson.save}
        </Button>
        <ShareButton text={file} what="lesson" />
        <Toggle label={t.lesson.largeType} isOn={largeType} onChange={on => changeSettings({ largeType: on })} />
      </div>
      <p className={ui.hint}>{canSave ? t.lesson.toolsHint : `${t.lesson.toolsHint} ${t.lesson.nothingToSave}`}</p>
    </section>
  );
}
