import { FolderOpen } from 'lucide-react';
import { DropZone, FileTrigger, isFileDropItem } from 'react-aria-components';
import { useText } from '../i18n/use-text.ts';
import { Button } from '../ui/Button.tsx';
import { classes } from '../ui/class-names.ts';
import ui from '../ui/ui.module.css';
import styles from './PanelView.module.css';

/** Which needed files are not among `files`. */
export function missingFiles(files: readonly File[]): ('config.json' | 'tokenizer.json' | 'weights')[] {
  const has = (test: (name: string) => boolean) => files.some(file => test(file.name));
  return [
    ...(has(name => name === 'config.json') ? [] : (['config.json'] as const)),
    ...(has(name => name === 'tokenizer.json') ? [] : (['tokenizer.json'] as const)),
    ...(has(name => name.endsWith('.safetensors')) ? [] : (['weights'] as const)),
  ];
}

/** Files of a model from this machine, picked or dropped; a later pick replaces files of the same name. */
export function LocalFiles({ files, onChange }: { files: readonly File[]; onChange: (files: readonly File[]) => void }) {
  const { t } = useText();
  const add = (more: readonly File[]) => {
    const names = new Set(more.map(file => file.name));
    onChange([...files.filter(file => !names.has(file.name)), ...more]);
  };
  const missing = missingFiles(files).map(name => (name === 'weights' ? t.models.weightsFile : name));
  return (
    <DropZone
      aria-label={t.models.local}
      className={classes(styles.drop, styles.nested)}
      onDrop={async event => add(await Promise.all(event.items.filter(isFileDropItem).map(item => item.getFile())))}
    >
      <div className={styles.dropRow}>
        <FileTrigger allowsMultiple acceptedFileTypes={['.json', '.safetensors']} onSelect={list => add([...(list ?? [])])}>
          <Button icon={FolderOpen}>{t.models.pick}</Button>
        </FileTrigger>
        <span className={ui.hint}>{t.models.drop}</span>
      </div>
      {files.length > 0 && <p className={styles.fileNames}>{t.models.picked(files.map(file => file.name).join(', '))}</p>}
      {files.length > 0 && missing.length > 0 && <p className={ui.hint}>{t.models.missing(missing.join(', '))}</p>}
    </DropZone>
  );
}
