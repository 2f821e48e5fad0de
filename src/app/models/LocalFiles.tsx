import { Files as FilesIcon, FolderOpen } from 'lucide-react';
import { DropZone, FileTrigger } from 'react-aria-components';
import type { PickedFile } from '../../source/files.ts';
import { useText } from '../i18n/use-text.ts';
import { baseName, droppedFiles, pickedFiles, pickFolderFiles } from '../lib/folders.ts';
import { Button } from '../ui/Button.tsx';
import ui from '../ui/ui.module.css';
import styles from './LocalFiles.module.css';

/** Which needed files are not among `files`. */
export function missingFiles(files: readonly PickedFile[]): ('config.json' | 'tokenizer.json' | 'weights')[] {
  const has = (test: (name: string) => boolean) => files.some(file => test(baseName(file.path)));
  return [
    ...(has(name => name === 'config.json') ? [] : (['config.json'] as const)),
    ...(has(name => name === 'tokenizer.json') ? [] : (['tokenizer.json'] as const)),
    ...(has(name => name.endsWith('.safetensors')) ? [] : (['weights'] as const)),
  ];
}

/** Files of a model from this machine, picked or dropped; a later pick replaces files of the same name. */
export function LocalFiles({ files, onChange }: { files: readonly PickedFile[]; onChange: (files: readonly PickedFile[]) => void }) {
  const { t } = useText();
  const add = (more: readonly PickedFile[]) => {
    const names = new Set(more.map(file => baseName(file.path)));
    onChange([...files.filter(file => !names.has(baseName(file.path))), ...more]);
  };
  // A folder is a whole model by itself.
  const addFolder = async () => {
    const folder = await pickFolderFiles();
    if (folder.length > 0) onChange(folder);
  };
  const missing = missingFiles(files).map(name => (name === 'weights' ? t.models.weightsFile : name));
  return (
    <DropZone
      aria-label={t.models.local}
      className={styles.drop}
      onDrop={async event => {
        const dropped = await droppedFiles(event.items);
        if (event.items.some(item => item.kind === 'directory')) onChange(dropped);
        else add(dropped);
      }}
    >
      <div className={styles.dropRow}>
        <FileTrigger allowsMultiple acceptedFileTypes={['.json', '.safetensors']} onSelect={list => add(pickedFiles(list ?? []))}>
          <Button icon={FilesIcon}>{t.models.pick}</Button>
        </FileTrigger>
        <Button icon={FolderOpen} onPress={() => void addFolder()}>
          {t.models.pickFolder}
        </Button>
        <span className={ui.hint}>{t.models.drop}</span>
      </div>
      {files.length > 0 && <p className={styles.fileNames}>{t.models.picked(files.map(file => baseName(file.path)).join(', '))}</p>}
      {files.length > 0 && missing.length > 0 && <p className={ui.hint}>{t.models.missing(missing.join(', '))}</p>}
    </DropZone>
  );
}
