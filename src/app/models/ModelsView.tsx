import { type ReactNode, useEffect, useState } from 'react';
import { Input, Label, Radio, RadioGroup, Text, TextField } from 'react-aria-components';
import { presets } from '../../library/presets.ts';
import type { LibraryModel, Preset } from '../../library/types.ts';
import type { PickedFile } from '../../source/files.ts';
import type { Dictionary } from '../i18n/dictionaries.ts';
import { useText } from '../i18n/use-text.ts';
import { choiceOf, type ModelChoice, nameOf } from '../lib/engine.ts';
import { formatBytes, formatShare } from '../lib/format.ts';
import { PUBLIC_HUB } from '../lib/hub.ts';
import { isSameModel, keptDtype } from '../lib/kept.ts';
import { refreshLibrary } from '../store/library.ts';
import { patch, useAppStore } from '../store/store.ts';
import { Badge } from '../ui/Badge.tsx';
import { classes } from '../ui/class-names.ts';
import ui from '../ui/ui.module.css';
import { Chosen } from './Chosen.tsx';
import { Library } from './Library.tsx';
import { LocalFiles, missingFiles } from './LocalFiles.tsx';
import styles from './ModelsView.module.css';
import { sizeOf } from './model-size.ts';
import radio from './radio.module.css';

/** Which radio stands for a choice that was made before. */
function radioOf(choice: ModelChoice | null): string {
  if (!choice || choice.kind === 'mini') return 'mini';
  if (choice.kind === 'files') return 'files';
  const id = choice.kind === 'hub' ? choice.id : null;
  return presets.some(preset => preset.id === id) ? (id ?? '') : 'other';
}

/** Choose, fetch, load and replace the model; below, everything that is kept. */
export function ModelsView() {
  const { t } = useText();
  const { choice, current, loading } = useAppStore(state => state.model);
  const revision = useAppStore(state => state.hub.revision).trim() || undefined;
  const [picked, setPicked] = useState(() => radioOf(loading?.choice ?? choice));
  const [address, setAddress] = useState(() => {
    const known = loading?.choice ?? choice;
    return known && known.kind !== 'kept' && radioOf(known) === 'other' ? nameOf(known) : '';
  });
  const [files, setFiles] = useState<readonly PickedFile[]>([]);

  const handed = useAppStore(state => state.ui.handed);
  useEffect(() => {
    if (!handed) return;
    setPicked('files');
    setFiles(handed);
    patch('ui', { handed: null });
  }, [handed]);

  useEffect(() => {
    // Another tab may have kept or removed something meanwhile.
    const refresh = () => {
      if (document.visibilityState === 'visible') void refreshLibrary();
    };
    refresh();
    document.addEventListener('visibilitychange', refresh);
    return () => document.removeEventListener('visibilitychange', refresh);
  }, []);

  const wanted = ((): ModelChoice | null => {
    if (picked === 'mini') return { kind: 'mini' };
    if (picked === 'files') return missingFiles(files).length === 0 ? { kind: 'files', files } : null;
    if (picked !== 'other') return { kind: 'hub', id: picked, revision };
    const typed = choiceOf(address);
    return typed?.kind === 'hub' ? { ...typed, revision: typed.revision ?? revision } : typed;
  })();
  const inUse = current && choice?.kind !== 'kept' ? radioOf(choice) : null;

  return (
    <div className={styles.modelsPage}>
      <div className={styles.models}>
        <RadioGroup aria-label={t.models.choose} value={picked} onChange={setPicked} className={styles.choices}>
          <ModelRadio value="mini" name={t.models.mini} body={t.models.miniBody} inUse={inUse === 'mini'} />
          {presets.map(preset => (
            <PresetRadio key={preset.id} preset={preset} inUse={inUse === preset.id} />
          ))}
          <ModelRadio value="other" name={t.models.other} body={t.models.otherBody} inUse={inUse === 'other'} />
          {picked === 'other' && (
            <Nested>
              <TextField value={address} onChange={setAddress} className={ui.field}>
                <Label className={ui.label}>{t.models.address}</Label>
                <Input
                  spellCheck={false}
                  autoComplete="off"
                  inputMode="url"
                  placeholder={t.models.addressPlaceholder}
                  className={ui.input}
                />
                <Text slot="description" className={ui.hint}>
                  {t.models.addressHint}
                </Text>
              </TextField>
            </Nested>
          )}
          <ModelRadio value="files" name={t.models.local} body={t.models.localBody} inUse={inUse === 'files'} />
          {picked === 'files' && (
            <Nested>
              <LocalFiles files={files} onChange={setFiles} />
            </Nested>
          )}
        </RadioGroup>
        <Chosen
          wanted={wanted}
          fetched={picked !== 'mini' && picked !== 'files'}
          preset={presets.find(preset => preset.id === picked) ?? null}
        />
      </div>
      <Library />
    </div>
  );
}

/** What belongs to one radio. Its arrow keys are its own: the group would move to another radio. */
function Nested({ children }: { children: ReactNode }) {
  const own = (event: React.KeyboardEvent) => {
    if (event.key.startsWith('Arrow')) event.stopPropagation();
  };
  return (
    // biome-ignore lint/a11y/noStaticElementInteractions: it only keeps keys from the group around it.
    <div className={styles.nested} onKeyDown={own}>
      {children}
    </div>
  );
}

function bodyOf({ id, language, size }: Preset, t: Dictionary): string {
  if (!/bio/i.test(id)) return t.models.generalFr;
  if (language === 'fr') return size === 'large' ? t.models.bioFrLarge : t.models.bioFrBase;
  return size === 'large' ? t.models.bioEnLarge : t.models.bioEnBase;
}

/** What there is of a preset on this machine; null when nothing. */
function hereOf(entries: readonly LibraryModel[], dtype: string): LibraryModel | null {
  const rank = (entry: LibraryModel) => (entry.state === 'ready' ? 2 : 0) + (entry.dtype === dtype ? 1 : 0);
  return [...entries].sort((a, b) => rank(b) - rank(a))[0] ?? null;
}

/** A preset with its state on this machine. */
function PresetRadio({ preset, inUse }: { preset: Preset; inUse: boolean }) {
  const { t, language } = useText();
  const models = useAppStore(state => state.library.models);
  const dtype = keptDtype(useAppStore(state => state.settings.dtype));
  const hub = useAppStore(state => state.settings.hubUrl) || PUBLIC_HUB;
  const fetching = useAppStore(({ model: { loading } }) => loading?.choice.kind === 'hub' && loading.choice.id === preset.id);
  const entry = hereOf(models?.filter(each => isSameModel(each, { kind: 'hub', id: preset.id }, hub)) ?? [], dtype);
  const { fetchBytes, keptBytes } = sizeOf(preset, dtype);
  const size = (bytes: number) => formatBytes(bytes, language, true);
  const state = (() => {
    if (fetching) return <Badge look="busy">{t.models.fetching}</Badge>;
    if (!entry) return <span className={ui.hint}>{t.models.notHere(size(fetchBytes), size(keptBytes))}</span>;
    const format = entry.dtype === 'original' ? t.library.original : entry.dtype;
    if (entry.state === 'ready') return <Badge look="good">{t.models.here(format)}</Badge>;
    if (entry.state === 'damaged') return <Badge look="bad">{t.models.damaged}</Badge>;
    const share = entry.download && entry.download.totalBytes > 0 ? entry.download.doneBytes / entry.download.totalBytes : 0;
    return <Badge look="busy">{t.models.partly(formatShare(share, language))}</Badge>;
  })();
  return <ModelRadio value={preset.id} name={preset.id} body={bodyOf(preset, t)} inUse={inUse} state={state} />;
}

function ModelRadio({ value, name, body, inUse, state }: { value: string; name: string; body: string; inUse: boolean; state?: ReactNode }) {
  const { t } = useText();
  return (
    <Radio value={value} className={classes(ui.sheet, styles.choice)}>
      <span aria-hidden className={radio.dot} />
      <span className={styles.choiceText}>
        <span className={styles.choiceName}>
          {name} {inUse && <Badge>{t.models.current}</Badge>}
        </span>{' '}
        <span className={ui.hint}>{body}</span> {state && <span className={styles.choiceState}>{state}</span>}
      </span>
    </Radio>
  );
}
