import { Download, KeyRound, Trash2, Wrench, X } from 'lucide-react';
import { useRef, useState } from 'react';
import { Label, Radio, RadioGroup } from 'react-aria-components';
import type { LibraryModel, Preset } from '../../library/types.ts';
import type { Dictionary } from '../i18n/dictionaries.ts';
import { useText } from '../i18n/use-text.ts';
import { isFetched, type ModelChoice } from '../lib/engine.ts';
import { asksForToken } from '../lib/failure.ts';
import { formatBytes, type Language } from '../lib/format.ts';
import { PUBLIC_HUB } from '../lib/hub.ts';
import { choiceOfEntry, entryOf, keptDtype } from '../lib/kept.ts';
import { LoadProgress } from '../parts/LoadProgress.tsx';
import progressing from '../parts/progress.module.css';
import { cancelWork, dismissWork, hubInUse, removeEntry } from '../store/library.ts';
import { dismissLoadError, loadModel } from '../store/model.ts';
import { appState, useAppStore } from '../store/store.ts';
import { Button } from '../ui/Button.tsx';
import { classes } from '../ui/class-names.ts';
import { FailureBox } from '../ui/FailureBox.tsx';
import ui from '../ui/ui.module.css';
import { useFocusAfter } from '../ui/use-focus-after.ts';
import styles from './Chosen.module.css';
import { JobProgress } from './JobProgress.tsx';
import { libraryId } from './Library.tsx';
import { Advanced, KeepSwitch, Precision, tokenFieldId } from './LoadOptions.tsx';
import { checkEntry, importFiles } from './library.ts';
import { type ModelSize, sizeOf } from './model-size.ts';
import { mayFetch, pagePolicy } from './policy.ts';
import radio from './radio.module.css';

interface ChosenProps {
  /** Null while what is typed or picked makes no model yet. */
  wanted: ModelChoice | null;
  /** It comes from a hub or an address. */
  fetched: boolean;
  preset: Preset | null;
}

/** What the chosen model needs, how it is to be loaded, and the progress of its load. */
export function Chosen({ wanted, fetched, preset }: ChosenProps) {
  const { t } = useText();
  const { current, loading, loadError } = useAppStore(state => state.model);
  const { models, job, jobFailure } = useAppStore(state => state.library);
  const { dtype, hubUrl } = useAppStore(state => state.settings);
  const [keepFiles, setKeepFiles] = useState(false);
  const hub = hubUrl || PUBLIC_HUB;
  const entry = wanted ? entryOf(models ?? [], { choice: wanted, dtype, hub }) : null;
  const from = wanted?.kind === 'hub' ? hub : wanted?.kind === 'url' ? wanted.address : null;
  const blocked = from !== null && entry?.state !== 'ready' && !mayFetch(from, pagePolicy(), location.origin);
  const busy = loading !== null || job !== null;

  // The button that is pressed disappears, so the focus goes to what replaces it, and later back.
  const way = useRef<HTMLDivElement>(null);
  const start = useRef<HTMLButtonElement>(null);
  const onItsWay = loading !== null || job?.kind === 'import';
  useFocusAfter(onItsWay, () => (onItsWay ? way.current : start.current));

  const load = async () => {
    if (!wanted) return;
    if (wanted.kind !== 'files' || !keepFiles) return loadModel(wanted);
    const kept = await importFiles(wanted.files, dtype);
    if (!kept) return;
    const again = choiceOfEntry(kept, hubInUse());
    return loadModel(again.choice, { dtype: again.dtype });
  };

  return (
    <div className={styles.side}>
      {wanted?.kind === 'files' && <OnceOrKeep keep={keepFiles} onChange={setKeepFiles} />}
      {wanted && !loading && <Outlook wanted={wanted} preset={preset} entry={entry} />}
      {blocked && <p className={classes(ui.notice, ui.warn)}>{t.models.blocked(URL.canParse(from) ? new URL(from).origin : from)}</p>}
      <div className={styles.loadRow}>
        {entry?.state === 'damaged' && (
          <Button look="primary" icon={Wrench} isDisabled={busy} onPress={() => void checkEntry(entry)}>
            {t.models.mend}
          </Button>
        )}
        <Button
          ref={start}
          look={entry?.state === 'damaged' ? 'plain' : 'primary'}
          icon={Download}
          isDisabled={wanted === null || blocked || busy}
          onPress={() => void load()}
        >
          {entry?.state === 'partial' ? t.models.resume : wanted?.kind === 'files' && keepFiles ? t.models.importLoad : t.models.load}
        </Button>
        {entry?.state === 'partial' && (
          <Button look="quiet" icon={Trash2} isDisabled={busy} onPress={() => void removeEntry(entry)}>
            {t.models.discard}
          </Button>
        )}
        {current && !loading && <span className={ui.hint}>{t.models.replaced}</span>}
      </div>
      <div ref={way} tabIndex={-1} className={styles.way}>
        {loading && <LoadProgress loading={loading} />}
        {job?.kind === 'import' && (
          <div className={classes(ui.sheet, progressing.progress)}>
            <JobProgress job={job} onCancel={cancelWork} />
          </div>
        )}
      </div>
      {jobFailure?.key === null && (
        <FailureBox failure={jobFailure.failure}>
          <Button look="quiet" icon={X} onPress={dismissWork}>
            {t.models.dismiss}
          </Button>
        </FailureBox>
      )}
      {loadError && <LoadError />}
      <Precision />
      {fetched && <KeepSwitch />}
      {fetched && <Advanced />}
    </div>
  );
}

function LoadError() {
  const { t } = useText();
  const { current, loadError, failed, loading } = useAppStore(state => state.model);
  if (!loadError) return null;
  const storage = loadError.name === 'StorageFullError' || loadError.name === 'StorageError';
  return (
    <FailureBox failure={loadError}>
      {current && <p>{t.models.kept}</p>}
      {storage && failed?.keep && isFetched(failed.choice) && (
        <Button
          look="primary"
          isDisabled={loading !== null}
          onPress={() => void loadModel(failed.choice, { dtype: failed.dtype, keep: false })}
        >
          {t.models.runUnkept}
        </Button>
      )}
      {storage && <Button onPress={() => document.getElementById(libraryId)?.focus()}>{t.models.makeRoom}</Button>}
      {asksForToken(loadError) && (
        <Button look="primary" icon={KeyRound} onPress={() => document.getElementById(tokenFieldId)?.focus()}>
          {t.page.hub.toToken}
        </Button>
      )}
      {!storage && failed && isFetched(failed.choice) && !asksForToken(loadError) && (
        <Button onPress={() => void loadModel(failed.choice, { dtype: failed.dtype, keep: failed.keep })}>{t.errors.retry}</Button>
      )}
      <Button look="quiet" icon={X} onPress={dismissLoadError}>
        {t.models.dismiss}
      </Button>
    </FailureBox>
  );
}

/** Files of the user's own: read from where they are, or kept like a model of the hub. */
function OnceOrKeep({ keep, onChange }: { keep: boolean; onChange: (keep: boolean) => void }) {
  const { t } = useText();
  const options = [
    { value: 'once', name: t.models.once, body: t.models.onceBody },
    { value: 'keep', name: t.models.keepFiles, body: t.models.keepFilesBody },
  ];
  return (
    <RadioGroup value={keep ? 'keep' : 'once'} onChange={value => onChange(value === 'keep')} className={radio.precision}>
      <Label className={ui.label}>{t.models.onceOrKeep}</Label>
      {options.map(option => (
        <Radio key={option.value} value={option.value} className={radio.smallChoice}>
          <span aria-hidden className={radio.dot} />
          <strong>{option.name}</strong> <span className={ui.hint}>{option.body}</span>
        </Radio>
      ))}
    </RadioGroup>
  );
}

/** What a press will do, in bytes, and whether there is room for it. */
function Outlook({ wanted, preset, entry }: { wanted: ModelChoice; preset: Preset | null; entry: LibraryModel | null }) {
  const { t, language } = useText();
  const space = useAppStore(state => state.library.space);
  const { dtype, keep } = useAppStore(state => state.settings);
  if (wanted.kind === 'files') return null;
  const size = preset ? sizeOf(preset, keptDtype(dtype)) : null;
  const keeps = keep && isFetched(wanted) && entry?.state !== 'ready' && entry?.state !== 'damaged';
  const need = keeps && size ? bytesNeeded(size, entry) : null;
  const about = (bytes: number) => formatBytes(bytes, language, true);
  const free = space?.freeBytes ?? null;
  const tooLittle = need !== null && free !== null && free < need;
  return (
    <div className={classes(ui.notice, tooLittle && ui.warn)}>
      <h2 className={styles.chosenTitle}>{t.models.chosen}</h2>
      <p>{sentence(t, language, wanted, size, entry)}</p>
      {need !== null && !tooLittle && (
        <p className={ui.hint}>{free === null ? t.models.roomUnknown(about(need)) : t.models.room(about(need), about(free))}</p>
      )}
      {tooLittle && <p>{t.models.noRoom(about(need), about(free))}</p>}
      {keeps && space && !space.persisted && <p className={ui.hint}>{t.models.persistence}</p>}
    </div>
  );
}

/** Bytes for what is still to be downloaded and for the kept copy beside it. Once a download has begun, its true size is known. */
function bytesNeeded({ fetchBytes, keptBytes }: ModelSize, entry: LibraryModel | null): number {
  const total = entry?.download?.totalBytes || fetchBytes;
  return total - (entry?.download?.doneBytes ?? 0) + keptBytes * (total / fetchBytes);
}

function sentence(t: Dictionary, language: Language, wanted: ModelChoice, size: ModelSize | null, entry: LibraryModel | null): string {
  const { settings } = appState();
  const dtype = keptDtype(settings.dtype);
  const about = (bytes: number) => formatBytes(bytes, language, true);
  const exact = (bytes: number) => formatBytes(bytes, language);
  if (wanted.kind === 'mini') return t.models.willMini;
  if (entry?.state === 'ready') return t.models.willUse(exact(entry.bytes), entry.dtype === 'original' ? t.library.original : entry.dtype);
  if (entry?.state === 'damaged') return t.models.willMend;
  if (entry?.state === 'partial' && entry.download) {
    return t.models.willResume(exact(entry.download.doneBytes), exact(entry.download.totalBytes));
  }
  if (!settings.keep) return size ? t.models.willRun(about(size.fetchBytes)) : t.models.willRunUnknown;
  return size ? t.models.willFetch(about(size.fetchBytes), about(size.keptBytes), dtype) : t.models.willFetchUnknown(dtype);
}
