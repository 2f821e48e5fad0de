import { RefreshCw, X } from 'lucide-react';
import { useText } from '../i18n/use-text.ts';
import { choiceOf, type ModelChoice, nameOf } from '../lib/engine.ts';
import { formatBytes } from '../lib/format.ts';
import { choiceOfEntry } from '../lib/kept.ts';
import { explain } from '../lib/reason.ts';
import { RefusedNotice } from '../privacy/RefusedNotice.tsx';
import { BadLink } from '../share/BadLink.tsx';
import { hubInUse } from '../store/library.ts';
import { dismissLoadError, dismissNotice, loadModel, reloadModel } from '../store/model.ts';
import { changeSettings } from '../store/settings.ts';
import { patch, useAppStore } from '../store/store.ts';
import { Button } from '../ui/Button.tsx';
import { classes } from '../ui/class-names.ts';
import { FailureBox } from '../ui/FailureBox.tsx';
import ui from '../ui/ui.module.css';
import styles from './Banners.module.css';
import { DroppedOffer } from './DroppedOffer.tsx';
import { applyUpdate } from './pwa.ts';
import { goTo, useRoute } from './route.ts';

/** What concerns every view: a dead model, a load that failed or could not be kept, the last model used, a new version. */
export function Banners() {
  return (
    <div className={styles.banners}>
      <DroppedOffer />
      <BadLink />
      <RefusedNotice />
      <Trouble />
      <LoadFailed />
      <LastingNotice />
      <Unfinished />
      <LastModel />
      <Update />
    </div>
  );
}

function Trouble() {
  const { t, language } = useText();
  const { trouble, loading } = useAppStore(state => state.model);
  if (!trouble) return null;
  const { title, remedy } = explain(t, language, trouble, false);
  return (
    <div role="alert" className={classes(ui.notice, ui.bad)}>
      <h2>{title}</h2>
      <p>{remedy}</p>
      <div className={ui.noticeActions}>
        <Button look="primary" icon={RefreshCw} isDisabled={loading !== null} onPress={() => void reloadModel()}>
          {t.models.reload}
        </Button>
      </div>
    </div>
  );
}

/** In the view of models the error is shown beside the choice; in the other views this banner shows it. */
function LoadFailed() {
  const { t } = useText();
  const route = useRoute();
  const { current, loadError, failed } = useAppStore(state => state.model);
  if (!loadError || route === 'models' || (!current && loadError.name === 'NoAdapterError')) return null;
  if (!current || !failed) {
    return (
      <FailureBox failure={loadError}>
        <Button look="primary" icon={RefreshCw} onPress={() => void loadModel({ kind: 'mini' })}>
          {t.errors.retry}
        </Button>
      </FailureBox>
    );
  }
  return (
    <FailureBox failure={loadError}>
      <p>{t.models.kept}</p>
      {/* The token, room and the way without keeping are there. */}
      <Button look="primary" onPress={() => goTo('models')}>
        {t.models.toModels}
      </Button>
      <Button icon={RefreshCw} onPress={() => void loadModel(failed.choice, failed)}>
        {t.errors.retry}
      </Button>
      <Button look="quiet" icon={X} onPress={dismissLoadError}>
        {t.models.dismiss}
      </Button>
    </FailureBox>
  );
}

/** The engine's notice of a load that could not be kept. */
const isUnsaved = (notice: string): boolean => /without saving/i.test(notice);

/** What stays to be known of the model that runs: it is not kept, or was mended. */
function LastingNotice() {
  const { t } = useText();
  const notice = useAppStore(state => state.model.notice);
  if (notice === null) return null;
  return (
    <div className={classes(ui.notice, ui.warn)}>
      <h2>{isUnsaved(notice) ? t.models.unsavedTitle : t.models.noticeTitle}</h2>
      {isUnsaved(notice) && <p>{t.models.unsavedBody}</p>}
      <p lang="en">{notice.replace(/^running without saving: /, '')}</p>
      <div className={ui.noticeActions}>
        <Button look="quiet" icon={X} onPress={dismissNotice}>
          {t.models.dismiss}
        </Button>
      </div>
    </div>
  );
}

/** Offers to continue a download that a reload or a closed page has interrupted. */
function Unfinished() {
  const { t, language } = useText();
  const route = useRoute();
  const unfinished = useAppStore(state => state.settings.unfinished);
  const models = useAppStore(state => state.library.models);
  const { current, loading } = useAppStore(state => state.model);
  const partial = models?.find(entry => entry.state === 'partial' && entry.name === unfinished);
  if (!partial || !current || loading || route === 'models') return null;
  const { choice, dtype } = choiceOfEntry(partial, hubInUse());
  const size = (bytes: number) => formatBytes(bytes, language);
  return (
    <div className={ui.notice}>
      <p>
        {t.models.unfinished(partial.name)}{' '}
        {partial.download && t.models.unfinishedBody(size(partial.download.doneBytes), size(partial.download.totalBytes))}
      </p>
      <div className={ui.noticeActions}>
        <Button onPress={() => void loadModel(choice, { dtype })}>{t.models.resume}</Button>
        <Button look="quiet" onPress={() => changeSettings({ unfinished: null })}>
          {t.models.dismiss}
        </Button>
      </div>
    </div>
  );
}

/** The embedded model starts at once. The last model used may be large, so it is offered and not loaded without asking. */
function LastModel() {
  const { t } = useText();
  const route = useRoute();
  const { lastModel, lastKept, unfinished } = useAppStore(state => state.settings);
  const models = useAppStore(state => state.library.models);
  const { current, choice, loading } = useAppStore(state => state.model);
  // An imported model has no other source: it is offered as long as it is there.
  const isThere = lastKept && models?.some(entry => entry.key === lastKept.key && entry.state === 'ready');
  const last: ModelChoice | null = lastModel ? choiceOf(lastModel) : isThere ? { kind: 'kept', ...lastKept } : null;
  if (!last || !current || choice?.kind !== 'mini' || loading || route !== 'fill' || unfinished) return null;
  const load = () => loadModel(last, last.kind === 'kept' ? { dtype: 'auto' } : {});
  return (
    <div className={ui.notice}>
      <p>{t.models.lastUsed(nameOf(last))}</p>
      <div className={ui.noticeActions}>
        <Button onPress={() => void load()}>{t.models.lastUsedLoad}</Button>
        <Button look="quiet" onPress={() => changeSettings({ lastModel: null, lastKept: null })}>
          {t.models.dismiss}
        </Button>
      </div>
    </div>
  );
}

function Update() {
  const { t } = useText();
  const { updateReady, offlineReady } = useAppStore(state => state.ui);
  const keepText = useAppStore(state => state.settings.keepText);
  if (updateReady) {
    return (
      <div role="alert" className={ui.notice}>
        <p>
          {t.update.ready} {!keepText && t.page.keepText.reload}
        </p>
        <div className={ui.noticeActions}>
          <Button look="primary" onPress={applyUpdate}>
            {t.update.reload}
          </Button>
          <Button look="quiet" onPress={() => patch('ui', { updateReady: false })}>
            {t.update.later}
          </Button>
        </div>
      </div>
    );
  }
  if (!offlineReady) return null;
  return (
    <div className={classes(ui.notice, styles.slim)}>
      <p>{t.update.offline}</p>
      <Button look="quiet" icon={X} aria-label={t.models.dismiss} onPress={() => patch('ui', { offlineReady: false })} />
    </div>
  );
}
