import { CircleCheck, FolderOutput, Play, RotateCw, SearchCheck, Trash2, Wrench } from 'lucide-react';
import { type ReactNode, useRef, useState } from 'react';
import type { LibraryModel } from '../../library/types.ts';
import { useText } from '../i18n/use-text.ts';
import { formatBytes, formatMoment } from '../lib/format.ts';
import { trimSlash } from '../lib/hub.ts';
import { choiceOfEntry, isSameModel, keptDtype } from '../lib/kept.ts';
import { cancelWork, dismissWork, hubInUse, removeEntry } from '../store/library.ts';
import { loadModel } from '../store/model.ts';
import { useAppStore } from '../store/store.ts';
import { Badge } from '../ui/Badge.tsx';
import { Button } from '../ui/Button.tsx';
import { Confirm } from '../ui/Confirm.tsx';
import { classes } from '../ui/class-names.ts';
import { FailureBox } from '../ui/FailureBox.tsx';
import ui from '../ui/ui.module.css';
import { useFocusAfter } from '../ui/use-focus-after.ts';
import { CalibrateButton } from './CalibrateButton.tsx';
import { JobProgress } from './JobProgress.tsx';
import styles from './Library.module.css';
import { checkEntry, exportEntry } from './library.ts';

/** One model that is kept: what it is, in which state, and what can be done with it. */
export function LibraryEntry({ entry }: { entry: LibraryModel }) {
  const { t, language } = useText();
  const { job, jobFailure, done } = useAppStore(state => state.library);
  const { current, choice, loading, report } = useAppStore(state => state.model);
  const [asking, setAsking] = useState(false);
  const title = useRef<HTMLHeadingElement>(null);
  useFocusAfter(job?.key === entry.key, () => title.current);
  const { key, name, state, dtype, bytes, download, licence, savedAt, announced } = entry;
  const hub = hubInUse();
  const fetching =
    loading !== null && isSameModel(entry, loading.choice, hub) && (loading.choice.kind === 'kept' || keptDtype(loading.dtype) === dtype);
  const used = current !== null && choice !== null && isSameModel(entry, choice, hub) && (dtype === 'original' || report?.dtype === dtype);
  const busy = job !== null || loading !== null;
  const mine = job?.key === key ? job : null;
  const format = dtype === 'original' ? t.library.original : dtype;
  const size = (value: number) => formatBytes(value, language);
  const action = (what: string) => ({ 'aria-label': t.library.actionsFor(what, `${name} ${format}`), isDisabled: busy });
  const use = () => {
    const { choice: again, dtype: as } = choiceOfEntry(entry, hub);
    void loadModel(again, { dtype: as });
  };
  return (
    <li className={classes(ui.sheet, styles.entry)}>
      <div className={styles.entryHead}>
        <h3 ref={title} tabIndex={-1}>
          {name} {used && <Badge>{t.library.inUse}</Badge>}
        </h3>
        <Badge look={fetching ? 'busy' : state === 'ready' ? 'good' : state === 'damaged' ? 'bad' : 'busy'}>
          {fetching ? t.library.busy : t.library.states[state]}
        </Badge>
      </div>
      <dl className={styles.entryFacts}>
        <Fact name={t.library.format}>{format}</Fact>
        <Fact name={t.library.size}>
          {state === 'partial' && download ? t.library.partOf(size(download.doneBytes), size(download.totalBytes)) : size(bytes)}
        </Fact>
        <Where entry={entry} />
        <Fact name={t.library.licence}>{licence ?? t.library.unknownLicence}</Fact>
        <Fact name={state === 'partial' ? t.library.begun : t.library.saved}>{formatMoment(savedAt, language)}</Fact>
      </dl>
      {state === 'ready' && !announced && entry.origin.kind !== 'files' && <p className={ui.hint}>{t.library.notAnnounced}</p>}
      {mine && <JobProgress job={mine} onCancel={cancelWork} />}
      {done?.key === key && (
        <p className={styles.done}>
          <CircleCheck aria-hidden className={ui.icon} />
          {done.kind === 'export'
            ? t.library.said.exported(name)
            : done.kind === 'calibrate'
              ? t.library.said.calibrated(name)
              : t.library.said[done.state === 'ready' ? 'checked' : 'damaged'](name)}
        </p>
      )}
      {jobFailure?.key === key && (
        <FailureBox failure={jobFailure.failure}>
          <Button look="quiet" onPress={dismissWork}>
            {t.library.dismiss}
          </Button>
        </FailureBox>
      )}
      {!mine && !fetching && (
        <div className={styles.actions}>
          {state === 'ready' && (
            <>
              <Button icon={Play} {...action(t.library.use)} isDisabled={busy || used} onPress={use}>
                {t.library.use}
              </Button>
              <Button look="quiet" icon={SearchCheck} {...action(t.library.check)} onPress={() => void checkEntry(entry)}>
                {t.library.check}
              </Button>
              {dtype !== 'q4' && dtype !== 'q8' && <CalibrateButton entry={entry} isDisabled={busy} />}
              <Button look="quiet" icon={FolderOutput} {...action(t.library.export)} onPress={() => void exportEntry(entry)}>
                {t.library.export}
              </Button>
            </>
          )}
          {state === 'partial' && (
            <Button icon={RotateCw} {...action(t.library.resume)} onPress={use}>
              {t.library.resume}
            </Button>
          )}
          {state === 'damaged' && (
            <Button icon={Wrench} {...action(t.library.mend)} onPress={() => void checkEntry(entry)}>
              {t.library.mend}
            </Button>
          )}
          <Button
            look="quiet"
            icon={Trash2}
            {...action(state === 'partial' ? t.library.discard : t.library.remove)}
            onPress={() => (state === 'partial' ? void removeEntry(entry) : setAsking(true))}
          >
            {state === 'partial' ? t.library.discard : t.library.remove}
          </Button>
        </div>
      )}
      <Confirm
        isOpen={asking}
        title={t.library.removeTitle(name)}
        onClose={() => setAsking(false)}
        actions={
          <>
            <Button onPress={() => setAsking(false)}>{t.library.removeCancel}</Button>
            <Button
              look="primary"
              icon={Trash2}
              onPress={() => {
                setAsking(false);
                void removeEntry(entry);
              }}
            >
              {t.library.remove}
            </Button>
          </>
        }
      >
        <p>{entry.origin.kind === 'files' ? t.library.removeFilesBody(size(bytes)) : t.library.removeBody(size(bytes))}</p>
        {used && <p>{t.library.removeInUse}</p>}
      </Confirm>
    </li>
  );
}

function Fact({ name, children }: { name: string; children: ReactNode }) {
  return (
    <div>
      <dt>{name}</dt>
      <dd>{children}</dd>
    </div>
  );
}

/** Revision and commit, the address, or that it was imported. */
function Where({ entry: { origin } }: { entry: LibraryModel }) {
  const { t } = useText();
  if (origin.kind === 'files') return <Fact name={t.library.from}>{t.library.fromFiles}</Fact>;
  if (origin.kind === 'url') return <Fact name={t.library.from}>{hostOf(origin.address)}</Fact>;
  return (
    <>
      <Fact name={t.library.from}>{hostOf(origin.hub)}</Fact>
      <Fact name={t.library.revision}>
        {origin.revision}
        {origin.commit && origin.commit !== origin.revision && <code> {origin.commit.slice(0, 7)}</code>}
      </Fact>
    </>
  );
}

const hostOf = (address: string): string => (URL.canParse(address) ? new URL(address).host : trimSlash(address));
